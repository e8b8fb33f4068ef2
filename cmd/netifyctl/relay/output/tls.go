package output

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
)

// TLS is what outputs over TLS have in the configuration.
type TLS struct {
	CA     string `toml:"ca"`         // file of certificates to trust; empty: those of the system
	Cert   string `toml:"cert"`       // file of the certificate to show
	Key    string `toml:"key"`        // file of its key
	Verify *bool  `toml:"tls_verify"` // false: anybody may be the server
}

// Config gives what crypto/tls wants. A certificate that is renewed is read anew
// for the next connection.
func (t *TLS) Config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: t.Verify != nil && !*t.Verify}
	if t.CA != "" {
		text, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, &Invalid{"ca", err.Error()}
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, &Invalid{"ca", t.CA + " has no certificate in PEM"}
		}
	}
	if (t.Cert == "") != (t.Key == "") {
		return nil, &Invalid{map[bool]string{true: "key", false: "cert"}[t.Cert == ""], "want both cert and key"}
	}
	if t.Cert != "" {
		own := &ownCertificate{cert: t.Cert, key: t.Key}
		if _, err := own.get(nil); err != nil {
			return nil, &Invalid{"cert", err.Error()}
		}
		c.GetClientCertificate = own.get
	}
	return c, nil
}

// ownCertificate reads a certificate when its file has changed.
type ownCertificate struct {
	cert, key string

	mu   sync.Mutex
	read time.Time
	pair *tls.Certificate
}

func (o *ownCertificate) get(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	info, err := os.Stat(o.cert)
	if err == nil && o.pair != nil && info.ModTime().Equal(o.read) {
		return o.pair, nil
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(o.cert, o.key); err == nil {
			o.pair, o.read = &pair, info.ModTime()
			return o.pair, nil
		}
	}
	if o.pair != nil { // half written, it may be: the old one will do
		return o.pair, nil
	}
	return nil, err
}

// Secret gives a secret that stands in the configuration, or in a file of its own.
func Secret(key, text, file string) (string, error) {
	if file == "" {
		return text, nil
	}
	if text != "" {
		return "", &Invalid{key + "_file", fmt.Sprintf("want %s or %s_file, not both", key, key)}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", &Invalid{key + "_file", err.Error()}
	}
	secret := strings.TrimSpace(string(b))
	if secret == "" {
		return "", &Invalid{key + "_file", file + " is empty"}
	}
	if strings.ContainsFunc(secret, unicode.IsControl) {
		return "", &Invalid{key + "_file", file + ": want one line"}
	}
	return secret, nil
}
