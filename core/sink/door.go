package sink

import (
	"net"
	"net/netip"
	"time"

	"netifyd/core"
	"netifyd/core/event"
)

// Door is a listener, and what those who come in by it are given.
type Door struct {
	Listener net.Listener
	Dialect  event.Dialect
	Tables   event.Tables
	// Allow are the addresses that may come in over TCP, beside those of this
	// machine itself, which always may.
	Allow []netip.Prefix
	// Kinds are what its clients are sent; a client of dialect 5 may ask for
	// others. Empty: all that are usual.
	Kinds []core.Kind
}

// door is a Door that is open.
type door struct {
	Door
	clients int // of its own; under Fanout.mu
}

// admits says whether a connection may come in at all.
func (d *Door) admits(conn net.Conn) bool {
	from, ok := conn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return true // who may open a UNIX socket is the file system's to say
	}
	a := plain(from)
	if a.IsLoopback() {
		return true
	}
	if at, ok := conn.LocalAddr().(*net.TCPAddr); ok && plain(at) == a {
		return true
	}
	for _, p := range d.Allow {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// plain is an address without zone, IPv4 as such.
func plain(a *net.TCPAddr) netip.Addr { return a.AddrPort().Addr().Unmap().WithZone("") }

// A peer that vanished without a word is found after keepIdle and keepCount
// questions, half a minute together.
const (
	keepIdle  = 15 * time.Second
	keepEvery = 5 * time.Second
	keepCount = 3
)

// keepAlive lets the kernel ask whether the peer of a TCP connection is still there.
func keepAlive(conn net.Conn) {
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: keepIdle, Interval: keepEvery, Count: keepCount})
	}
}

// share is how many places are kept for each door: half of all, so that what
// comes in by one never shuts out another.
func (f *Fanout) share() int { return max(1, f.options.Clients/2/max(1, len(f.doors))) }

// hasPlace says whether one more may come in by d. The caller holds f.mu.
func (f *Fanout) hasPlace(d *door) bool {
	taken, kept, share := 0, 0, f.share()
	for _, o := range f.doors {
		taken += o.clients
		if o != d {
			kept += max(0, share-o.clients)
		}
	}
	free := f.options.Clients - taken
	return free > kept || free > 0 && d.clients < share
}
