package peer

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// Collector is the name in the certificate of the pipe into the store.
const Collector = "collector"

// CA signs the certificates of an example: ca.crt, server.crt, and one for each
// name that is asked for, all P-256 and good for a week.
type CA struct {
	Dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewCA makes an authority and the servers' certificate in dir.
func NewCA(dir string) (*CA, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c := &CA{Dir: dir}
	if err := c.sign("ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}); err != nil {
		return nil, err
	}
	return c, c.sign("server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}})
}

// Client makes the certificate of a name: NAME.crt and NAME.key in c.Dir.
func (c *CA) Client(name string) error { return c.sign(name, &x509.Certificate{}) }

// TLS is a client's side with the certificate of a name.
func (c *CA) TLS(name string) (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(filepath.Join(c.Dir, name+".crt"), filepath.Join(c.Dir, name+".key"))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(c.cert)
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, ServerName: "localhost"}, nil
}

func (c *CA) sign(name string, t *x509.Certificate) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		return err
	}
	t.SerialNumber, t.Subject = serial, pkix.Name{CommonName: name}
	t.NotBefore, t.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(7*24*time.Hour)
	if !t.IsCA {
		t.KeyUsage = x509.KeyUsageDigitalSignature
		t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	}
	parent, signer := c.cert, c.key
	if parent == nil {
		parent, signer = t, key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, &key.PublicKey, signer)
	if err != nil {
		return err
	}
	if c.cert == nil {
		if c.cert, err = x509.ParseCertificate(der); err != nil {
			return err
		}
		c.key = key
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	for suffix, block := range map[string]*pem.Block{".crt": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "EC PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(c.Dir, name+suffix), pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}
