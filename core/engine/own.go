package engine

import (
	"net"
	"net/netip"
	"slices"
	"sync/atomic"

	"netifyd/core/flow"
)

// ownDoors are the ends where clients of the agent connect over TCP. What goes
// there is its own stream: a report of it would itself be worth a report, for ever.
type ownDoors struct {
	doors []netip.AddrPort             // as they listen; never changed after New
	addrs atomic.Pointer[[]netip.Addr] // of this machine, at the last look
}

// add notes a listener.
func (o *ownDoors) add(l net.Listener) {
	if a, ok := l.Addr().(*net.TCPAddr); ok {
		at := a.AddrPort()
		o.doors = append(o.doors, netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port()))
	}
}

// look reads the addresses of this machine.
func (o *ownDoors) look() {
	if len(o.doors) == 0 {
		return
	}
	var addrs []netip.Addr
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			addrs = append(addrs, p.Addr().WithZone(""))
		}
	}
	o.addrs.Store(&addrs)
}

// has says that one end of a flow is a door of the agent.
func (o *ownDoors) has(r *flow.Record) bool {
	for i := range o.doors {
		d := &o.doors[i]
		for side, port := range r.Port {
			if port != d.Port() {
				continue
			}
			a := flow.Addr(r.Version, &r.Addr[side])
			if d.Addr().IsUnspecified() {
				if addrs := o.addrs.Load(); addrs != nil && slices.Contains(*addrs, a) {
					return true
				}
			} else if d.Addr() == a {
				return true
			}
		}
	}
	return false
}
