package web

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of who comes in.
const (
	shortest   = 8                   // characters of a password
	remembered = 30 * 24 * time.Hour // a browser that gave it
	guesses    = 10                  // wrong passwords of an address in a minute
	watched    = 1024                // addresses that guessed wrong
)

// readToken is the first line of a file.
func readToken(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	defer f.Close()
	line, err := bufio.NewReader(io.LimitReader(f, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("--token-file: %w", err)
	}
	line = strings.TrimSpace(line)
	if len(line) < shortest {
		return "", fmt.Errorf("--token-file %s: its first line, the password, has %d characters: take %d at the least", file, len(line), shortest)
	}
	return line, nil
}

// door knows who may come in: who sends the password with each request, or has
// the cookie of a browser that gave it once. Cookies hold the time of their end
// and a signature, so nothing is kept of them, and a new password ends them all.
type door struct {
	token  [sha256.Size]byte
	open   bool // there is no password
	secure bool // cookies only over TLS
	cookie string
	now    func() time.Time

	mu    sync.Mutex
	wrong map[string]*guess // by address
}

// guess counts wrong passwords of an address.
type guess struct {
	since time.Time
	n     int
}

func newDoor(token string, port int, secure bool) *door {
	// Cookies do not tell ports of a machine apart.
	return &door{token: sha256.Sum256([]byte(token)), open: token == "", secure: secure, cookie: fmt.Sprint("netifyctl-", port), now: time.Now, wrong: map[string]*guess{}}
}

// known says that a request has the password, or the cookie.
func (d *door) known(r *http.Request) bool {
	if d.open {
		return false
	}
	if text, ok := given(r); ok {
		return d.right(r, text)
	}
	c, err := r.Cookie(d.cookie)
	if err != nil {
		return false
	}
	end, mac, ok := strings.Cut(c.Value, ".")
	at, err := strconv.ParseInt(end, 10, 64)
	return ok && err == nil && d.now().Unix() < at && hmac.Equal([]byte(mac), []byte(d.sign(end)))
}

// given is the password of a request: of Bearer, or of Basic with any user.
func given(r *http.Request) (string, bool) {
	if text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		return strings.TrimSpace(text), true
	}
	_, text, ok := r.BasicAuth()
	return text, ok
}

func (d *door) sign(text string) string {
	h := hmac.New(sha256.New, d.token[:])
	_, _ = h.Write([]byte("netifyctl web " + text))
	return hex.EncodeToString(h.Sum(nil))
}

// household is whose guesses are counted together: an address, or a network of
// IPv6, of which one machine has as many addresses as it likes.
func household(remote string) string {
	at, err := netip.ParseAddrPort(remote)
	if err != nil || !at.Addr().Unmap().Is6() {
		return at.Addr().Unmap().String()
	}
	network, _ := at.Addr().WithZone("").Prefix(64)
	return network.String()
}

// right compares a password. An address that guessed wrong ten times is not
// heard for a minute.
func (d *door) right(r *http.Request, text string) bool {
	sum := sha256.Sum256([]byte(text))
	ok := subtle.ConstantTimeCompare(sum[:], d.token[:]) == 1
	from := household(r.RemoteAddr)
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.wrong[from]
	if g != nil && d.now().Sub(g.since) > time.Minute {
		delete(d.wrong, from)
		g = nil
	}
	switch {
	case g != nil && g.n >= guesses:
		return false
	case ok:
		return true
	case g == nil:
		if len(d.wrong) >= watched {
			clear(d.wrong)
		}
		d.wrong[from] = &guess{d.now(), 1}
	default:
		g.n++
	}
	return false
}

// enter takes the password of the form, and lets the browser in.
func (d *door) enter(w http.ResponseWriter, r *http.Request, p *pages) {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if d.open {
		p.login(w, r, "There is no password: netifyctl web was started without --token-file.", http.StatusNotFound)
		return
	}
	if !d.right(r, strings.TrimSpace(r.PostFormValue("password"))) {
		p.login(w, r, "That is not the password. After ten wrong ones wait a minute.", http.StatusForbidden)
		return
	}
	end := strconv.FormatInt(d.now().Add(remembered).Unix(), 10)
	http.SetCookie(w, &http.Cookie{Name: d.cookie, Value: end + "." + d.sign(end), Path: "/", MaxAge: int(remembered / time.Second), HttpOnly: true, Secure: d.secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, p.known(r.PostFormValue("next")), http.StatusSeeOther)
}

// leave lets the browser forget.
func (d *door) leave(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: d.cookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: d.secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "./", http.StatusSeeOther)
}
