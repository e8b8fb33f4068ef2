package web

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// policy lets the page load what we serve and nothing else. No script may make
// HTML out of text, whatever names strangers give their devices.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// crossOrigin refuses what a page of another site sends.
var crossOrigin = http.NewCrossOriginProtection()

// ServeHTTP looks at who asks before anything is answered.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if s.local && !s.calledRight(r.Host) {
		tell(w, http.StatusMisdirectedRequest, "this page is not called %.80q: use localhost, or start netifyctl web with --host NAME", r.Host)
		return
	}
	if err := crossOrigin.Check(r); err != nil {
		tell(w, http.StatusForbidden, "another site asked for this")
		return
	}
	s.mux.ServeHTTP(w, r)
}

// calledRight is the guard against DNS rebinding: a name of a stranger's site
// that leads to this machine must not open the page to that site's scripts.
func (s *site) calledRight(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback() || slices.Contains(s.hosts, name)
}

// readers lets those read who may: on loopback everybody, else who has the password.
func (s *site) readers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.local || s.door.known(r) {
			next.ServeHTTP(w, r)
			return
		}
		wantPassword(w, r, "send the password: Authorization: Bearer PASSWORD")
	})
}

// wantPassword refuses a request without the password. Who sent one hears that it
// is wrong, or that it was not looked at.
func wantPassword(w http.ResponseWriter, r *http.Request, text string) {
	if _, ok := given(r); ok {
		text = "that is not the password; after ten wrong ones an address waits a minute"
	}
	w.Header().Set("WWW-Authenticate", "Bearer")
	tell(w, http.StatusUnauthorized, "%s", text)
}

// mayChange says whether a request may change something, and tells it if not.
func (s *site) mayChange(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case s.door.open:
		tell(w, http.StatusForbidden, "this page only shows: start netifyctl web with --token-file to change something")
	case s.door.known(r):
		return true
	default:
		wantPassword(w, r, "changes want the password: Authorization: Bearer PASSWORD")
	}
	return false
}

// certificate is read again when its file changes, so a renewal needs no restart.
type certificate struct {
	cert, key string

	mu      sync.Mutex
	pair    *tls.Certificate
	changed time.Time
	looked  time.Time
}

func (c *certificate) load() error {
	info, err := os.Stat(c.cert)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return fmt.Errorf("--tls-cert %s, --tls-key %s: %w", c.cert, c.key, err)
	}
	c.pair, c.changed = &pair, info.ModTime()
	return nil
}

// get gives the certificate to a connection; one that cannot be read leaves the old one.
func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Sub(c.looked) > 10*time.Second {
		c.looked = now
		if info, err := os.Stat(c.cert); err == nil && !info.ModTime().Equal(c.changed) {
			_ = c.load()
		}
	}
	return c.pair, nil
}
