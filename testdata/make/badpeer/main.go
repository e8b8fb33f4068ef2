// Badpeer is a server of TLS that is wrong in another way for each name that it
// is asked for, and a client that asks for all of them, to record what they say.
// Both use crypto/tls alone.
package main

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"time"
)

var (
	serve = flag.String("serve", "", "address to serve at")
	ech   = flag.String("ech", "", "file of the configuration of Encrypted Client Hello")
)

const domain = ".example.test"

// peer is a way to be wrong: the certificate and what either side changes.
type peer struct {
	name     string
	from, to int    // days from now; both 0: a good time
	own      bool   // signed by itself
	rsa      bool   // the key that old suites want
	names    string // of the certificate; empty: the right one
	server   func(c *tls.Config)
	client   func(c *tls.Config)
	dial     func(addr string, c *tls.Config) error // nil: plain
}

func suites(id ...uint16) func(c *tls.Config) {
	return func(c *tls.Config) { c.CipherSuites = id }
}

func versions(least, most uint16) func(c *tls.Config) {
	return func(c *tls.Config) { c.MinVersion, c.MaxVersion = least, most }
}

func protocols(list ...string) func(c *tls.Config) {
	return func(c *tls.Config) { c.NextProtos = list }
}

var peers = []peer{
	{name: "good"},
	{name: "good13", server: versions(tls.VersionTLS13, tls.VersionTLS13), client: versions(tls.VersionTLS13, tls.VersionTLS13)},
	{name: "expired13", from: -100, to: -10, server: versions(tls.VersionTLS13, tls.VersionTLS13), client: versions(tls.VersionTLS13, tls.VersionTLS13)},
	{name: "wildcard", names: "*" + domain},
	{name: "expired", from: -100, to: -10},
	{name: "not-yet-valid", from: 5, to: 80},
	{name: "ends-soon", from: -87, to: 3},
	{name: "self-signed", own: true},
	{name: "wrong-host", names: "mail.example.test"},
	{name: "two.labels", names: "*" + domain},
	{name: "too-long", from: -10, to: 800},
	{name: "expired-and-own", from: -100, to: -10, own: true},
	{name: "tls10", server: versions(tls.VersionTLS10, tls.VersionTLS10)},
	{name: "tls11", server: versions(tls.VersionTLS11, tls.VersionTLS11)},
	{name: "rc4", rsa: true, client: suites(tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA), server: suites(tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA)},
	{name: "3des", rsa: true, client: suites(tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA), server: suites(tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA)},
	{name: "no-alpn", client: protocols(), server: protocols()},
	{name: "odd-alpn", client: protocols("c2-7", "http/1.1")},
	{name: "refused", client: protocols("http/1.0")},
	{name: "no-name", client: func(c *tls.Config) { c.ServerName = "" }},
	{name: "distrusted", client: func(c *tls.Config) { c.InsecureSkipVerify = false }},
	{name: "esni", client: versions(tls.VersionTLS12, tls.VersionTLS13), server: versions(tls.VersionTLS13, tls.VersionTLS13), dial: dialESNI},
	{name: "ech", server: versions(tls.VersionTLS13, tls.VersionTLS13), dial: dialECH(0)},
	{name: "ech", server: versions(tls.VersionTLS13, tls.VersionTLS13), dial: dialECH(1)},
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	run := dialAll
	if *serve != "" {
		run = serveAll
	}
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// base is what both sides begin with: TLS 1.2, whose certificates can be read.
func base() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		CurvePreferences: []tls.CurveID{tls.X25519}, InsecureSkipVerify: true, SessionTicketsDisabled: true}
}

func serveAll() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	now := time.Now()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Example"}, CommonName: "Example Authority"},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(9, 0, 0), IsCA: true, BasicConstraintsValid: true}
	root, err := x509.CreateCertificate(rand.Reader, authority, authority, &key.PublicKey, key)
	if err != nil {
		return err
	}
	hidden, err := hiddenKeys()
	if err != nil {
		return err
	}
	configs := map[string]*tls.Config{}
	for i, p := range peers {
		c := base()
		if c.Certificates, err = p.certificate(int64(i+2), authority, key, root); err != nil {
			return err
		}
		if p.server != nil {
			p.server(c)
		}
		if p.name == "ech" {
			c.EncryptedClientHelloKeys = hidden
		}
		configs[p.name+domain] = c
	}
	any := base()
	any.MaxVersion = tls.VersionTLS13
	any.EncryptedClientHelloKeys = hidden
	any.GetConfigForClient = func(h *tls.ClientHelloInfo) (*tls.Config, error) {
		if c := configs[h.ServerName]; c != nil {
			return c, nil
		}
		return configs["good"+domain], nil
	}
	l, err := tls.Listen("tcp", *serve, any)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			var b [512]byte
			if _, err := c.Read(b[:]); err == nil {
				_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n")
			}
			c.Close()
		}()
	}
}

func (p *peer) certificate(serial int64, authority *x509.Certificate, signer *ecdsa.PrivateKey, root []byte) ([]tls.Certificate, error) {
	from, to := p.from, p.to
	if from == 0 && to == 0 {
		from, to = -10, 80
	}
	name := p.name + domain
	if p.names != "" {
		name = p.names
	}
	now := time.Now()
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: now.AddDate(0, 0, from), NotAfter: now.AddDate(0, 0, to)}
	var private, public any
	if p.rsa {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		private, public = k, &k.PublicKey
	} else {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		private, public = k, &k.PublicKey
	}
	if p.own {
		der, err := x509.CreateCertificate(rand.Reader, c, c, public, private)
		return []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: private}}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, c, authority, public, signer)
	return []tls.Certificate{{Certificate: [][]byte{der, root}, PrivateKey: private}}, err
}

func dialAll() error {
	for _, p := range peers {
		c := base()
		c.ServerName = p.name + domain
		if p.client != nil {
			p.client(c)
		}
		dial := p.dial
		if dial == nil {
			dial = dialPlain
		}
		fmt.Println(p.name, dial(flag.Arg(0), c))
		time.Sleep(20 * time.Millisecond)
	}
	return nil
}

func dialPlain(addr string, config *tls.Config) error {
	c, err := tls.Dial("tcp", addr, config)
	if err != nil {
		return err
	}
	return talk(c, config.ServerName)
}

func talk(c *tls.Conn, name string) error {
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: "+name+"\r\n\r\n"); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, c)
	return err
}

// covers are the public names of the configurations of Encrypted Client Hello:
// one that nobody knows, and one that is well known.
var covers = [...]string{"public.example.test", "cover.defo.ie"}

// echConfig writes the configuration with the public name covers[id] (RFC 9849, section 4).
func echConfig(public []byte, id int) []byte {
	b := append([]byte{byte(id), 0, 0x20, 0, 32}, public...)
	b = append(b, 0, 4, 0, 1, 0, 1, 32, byte(len(covers[id])))
	b = append(b, covers[id]...)
	b = append(b, 0, 0)
	return append(binary.BigEndian.AppendUint16([]byte{0xfe, 0x0d}, uint16(len(b))), b...)
}

// hiddenKeys makes a key of Encrypted Client Hello for each cover, and writes down its public half.
func hiddenKeys() (keys []tls.EncryptedClientHelloKey, err error) {
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	public := k.PublicKey().Bytes()
	for id := range covers {
		keys = append(keys, tls.EncryptedClientHelloKey{Config: echConfig(public, id), PrivateKey: k.Bytes()})
	}
	return keys, os.WriteFile(*ech, public, 0o600)
}

func dialECH(cover int) func(addr string, c *tls.Config) error {
	return func(addr string, c *tls.Config) error {
		public, err := os.ReadFile(*ech)
		if err != nil {
			return err
		}
		config := echConfig(public, cover)
		c.MinVersion, c.MaxVersion = tls.VersionTLS13, tls.VersionTLS13
		c.EncryptedClientHelloConfigList = append(binary.BigEndian.AppendUint16(nil, uint16(len(config))), config...)
		c.EncryptedClientHelloRejectionVerify = func(tls.ConnectionState) error { return nil }
		return dialPlain(addr, c)
	}
}

// esniConn puts the extension of draft-ietf-tls-esni-02 behind those of the first hello.
type esniConn struct {
	net.Conn
	said bool
}

func (c *esniConn) Write(b []byte) (int, error) {
	if c.said {
		return len(b), nil // the server waits for a Finished that would not fit
	}
	c.said = true
	body := make([]byte, 2+2+32+32+2+32+2+84)
	rand.Read(body)
	copy(body, []byte{0x13, 0x01, 0x00, 0x1d})
	ext := binary.BigEndian.AppendUint16([]byte{0xff, 0xce}, uint16(len(body)))
	ext = append(ext, body...)
	out := append(append([]byte(nil), b...), ext...)
	grow := func(at, size int) {
		n := len(ext)
		for i := size - 1; i >= 0; i-- {
			n += int(out[at+i])
			out[at+i] = byte(n)
			n >>= 8
		}
	}
	grow(3, 2)       // the record
	grow(5+1, 3)     // the handshake
	at := 5 + 4 + 34 // the session
	at += 1 + int(out[at])
	at += 2 + int(binary.BigEndian.Uint16(out[at:]))
	at += 1 + int(out[at])
	grow(at, 2)
	if _, err := c.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(b), nil
}

var errEnough = errors.New("the hello was answered")

func dialESNI(addr string, config *tls.Config) error {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer c.Close()
	config.ServerName = "esni" + domain
	done := make(chan error, 1)
	go func() { done <- tls.Client(&esniConn{Conn: c}, config).Handshake() }()
	select {
	case err := <-done:
		return err
	case <-time.After(300 * time.Millisecond):
		return errEnough
	}
}
