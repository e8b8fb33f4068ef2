package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A name of a stranger's site that leads to this machine opens nothing.
func TestOtherNamesAreRefused(t *testing.T) {
	b := started(t, "--control", newStandin(t).path, "--host", "Router.lan")
	port := b.base[strings.LastIndexByte(b.base, ':'):]
	for host, want := range map[string]int{"localhost": 200, "localhost" + port: 200, "LOCALHOST.": 200, "127.0.0.1" + port: 200, "127.9.9.9": 200, "[::1]" + port: 200, "[::1]": 200, "router.lan": 200, "router.lan:443": 200,
		"evil.example": 421, "evil.example" + port: 421, "localhost.evil.example": 421, "192.168.1.1": 421, "127.0.0.1.evil.example": 421} {
		for _, path := range []string{"/", "/api/status", "/metrics", "/app.js"} {
			if status, text := b.ask("GET", path, "", func(r *http.Request) { r.Host = host }); status != want || want == 421 && !strings.Contains(text, "--host NAME") {
				t.Errorf("%s%s: %d", host, path, status)
			}
		}
	}
}

func TestPolicy(t *testing.T) {
	b := started(t, "--control", newStandin(t).path)
	for _, path := range []string{"/", "/flows", "/api/status", "/metrics", "/app.js", "/style.css", "/nosuch", "/login"} {
		_, _, h := b.askAll("GET", path, "")
		if p := h.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none'; script-src 'self';") || strings.Contains(p, "unsafe") || !strings.Contains(p, "require-trusted-types-for 'script'") {
			t.Errorf("%s: %s", path, p)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// newCertificate writes one for localhost, and gives its name.
func newCertificate(t *testing.T, dir string, serial int64) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(serial), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	writeFile(t, filepath.Join(dir, "cert"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	at := time.Unix(1e9+serial, 0)
	if err := os.Chtimes(filepath.Join(dir, "cert"), at, at); err != nil {
		t.Fatal(err)
	}
}

func TestTLS(t *testing.T) {
	dir := t.TempDir()
	newCertificate(t, dir, 7)
	b := started(t, "--control", newStandin(t).path, "--tls-cert", filepath.Join(dir, "cert"), "--tls-key", filepath.Join(dir, "key"), "--token-file", tokenFile(t, "correct horse"))
	if status, text := b.ask("GET", "/api/status", ""); status != 400 { // of net/http, to those who speak no TLS
		t.Error(status, text)
	}
	b.base = strings.Replace(b.base, "http:", "https:", 1)
	b.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	if status, text := b.ask("GET", "/api/status", ""); status != 200 {
		t.Error(status, text)
	}
	if _, _, h := b.askAll("POST", "/login", "password=correct+horse", header("Content-Type", "application/x-www-form-urlencoded"), func(*http.Request) {
		b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}); !strings.Contains(h.Get("Set-Cookie"), "Secure") {
		t.Error(h)
	}
	if _, err := parse([]string{"--tls-key", "key"}); err == nil {
		t.Error("a key without a certificate is taken")
	}
}

func TestCertificatesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	newCertificate(t, dir, 1)
	c := &certificate{cert: filepath.Join(dir, "cert"), key: filepath.Join(dir, "key")}
	if err := c.load(); err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		c.looked = time.Time{}
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		x, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return x.SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Error(n)
	}
	newCertificate(t, dir, 2)
	if n := serial(); n != 2 {
		t.Errorf("after a renewal: %d", n)
	}
	writeFile(t, filepath.Join(dir, "cert"), "rubbish")
	if err := (&certificate{cert: c.cert, key: c.key}).load(); err == nil || !strings.Contains(err.Error(), c.cert) || !strings.Contains(err.Error(), c.key) {
		t.Errorf("rubbish: %v", err)
	}
	if n := serial(); n != 2 {
		t.Errorf("after rubbish: %d", n)
	}
}

// A connection that says nothing is let go, and so is one too many.
func TestConnectionsAreFew(t *testing.T) {
	b := started(t, "--control", newStandin(t).path)
	var held []net.Conn
	defer func() {
		for _, c := range held {
			c.Close()
		}
	}()
	var d net.Dialer
	for range maxConns {
		c, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(b.base, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
	}
	done := make(chan int, 1)
	go func() {
		status, _ := b.ask("GET", "/api/status", "")
		done <- status
	}()
	held[0].Close()
	held = held[1:]
	if status := <-done; status != 200 {
		t.Error(status)
	}
}

// The end does not wait for an agent that hangs.
func TestEndsWhileTheAgentHangs(t *testing.T) {
	s := newStandin(t)
	asked, free := make(chan struct{}, 8), make(chan struct{})
	defer close(free)
	s.say(func(string, map[string]any) string { asked <- struct{}{}; <-free; return "{}" })
	o, err := parse([]string{"--listen", "127.0.0.1:0", "--control", s.path})
	if err != nil {
		t.Fatal(err)
	}
	o.logger = log.New(io.Discard, "", 0)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- serve(ctx, o, func(a net.Addr) {
			go func() {
				if reply, err := http.Get("http://" + a.String() + "/api/status"); err == nil {
					reply.Body.Close()
				}
			}()
		})
	}()
	<-asked
	cancel()
	began := time.Now()
	if err := <-done; err != nil || time.Since(began) > 5*time.Second {
		t.Errorf("%v, after %v", err, time.Since(began))
	}
}
