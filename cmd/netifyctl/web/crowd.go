package web

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
)

// crowd is the connections of a server: so many at most. Where there is no room,
// one that asks nothing goes for one that may: who opens many and says nothing
// keeps nobody out, and nobody waits.
type crowd struct {
	net.Listener
	most int // connections
	mute int // of one address that have never asked

	mu    sync.Mutex
	seats []*seat // the oldest first
}

// seat is one connection.
type seat struct {
	net.Conn
	c     *crowd
	from  netip.Addr
	asks  int  // requests that are being answered
	asked bool // there has been one
}

// Accept gives the next connection that there is room for.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		s := &seat{Conn: conn, c: c}
		if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
			s.from = a.AddrPort().Addr().Unmap()
		}
		if c.admit(s) {
			return s, nil
		}
		conn.Close()
	}
}

// admit gives a connection a seat, that of another where there is none.
func (c *crowd) admit(s *seat) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	var mute, idle *seat // the oldest of all that have never asked, and of those that ask nothing now
	var own *seat        // the oldest of this address that has never asked
	owns := 0
	for _, x := range slices.Backward(c.seats) {
		switch {
		case x.asks > 0:
		case x.asked:
			idle = x
		default:
			if mute = x; x.from == s.from {
				own = x
				owns++
			}
		}
	}
	victim := (*seat)(nil)
	switch {
	case owns >= c.mute:
		victim = own
	case len(c.seats) < c.most:
	case mute != nil:
		victim = mute
	case idle != nil:
		victim = idle
	default:
		return false
	}
	if victim != nil {
		victim.Conn.Close()
		c.remove(victim)
	}
	c.seats = append(c.seats, s)
	return true
}

// remove forgets a connection. Whoever calls it holds mu.
func (c *crowd) remove(s *seat) {
	if i := slices.Index(c.seats, s); i >= 0 {
		c.seats = slices.Delete(c.seats, i, i+1)
	}
}

// Close frees the seat.
func (s *seat) Close() error {
	s.c.mu.Lock()
	s.c.remove(s)
	s.c.mu.Unlock()
	return s.Conn.Close()
}

type seatKey struct{}

// context lets a request know its connection.
func (*crowd) context(ctx context.Context, conn net.Conn) context.Context {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	return context.WithValue(ctx, seatKey{}, conn)
}

// watch notes who asks.
func (c *crowd) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s, ok := r.Context().Value(seatKey{}).(*seat); ok {
			s.ask(1)
			defer s.ask(-1)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *seat) ask(n int) {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.asks, s.asked = s.asks+n, true
}
