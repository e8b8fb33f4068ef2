package engine

import (
	"netifyd/core/alert"
	"netifyd/core/flow"
)

// probe counts a connection that has ended for the alerts about hosts that scan,
// or whom nobody answers. It came about where somebody sent more than the
// handshake. The caller holds the lock of the devices. What was joined midway says nothing, and what the internet tries at
// the outer side of the network is no news.
func (s *Shard) probe(r *flow.Record) {
	if s.probes == nil || r.Protocol != ipTCP || r.Flags&flow.OpenerKnown == 0 {
		return
	}
	opener := r.Opener()
	host, peer := flow.Addr(r.Version, &r.Addr[opener]).As16(), flow.Addr(r.Version, &r.Addr[1-opener]).As16()
	t := alert.Try{Host: host, Peer: peer, Port: r.Port[1-opener], Came: r.Detect > 0}
	t.Silent = r.Flags&(flow.SawLower<<(1-opener)) == 0
	if opener == r.Local() {
		t.Device = uint32(r.Device)
	} else if r.Other == flow.OtherRemote && s.set.ifaces[r.Iface].wanOnly {
		return // an address of the internet is tried all day
	}
	s.probes.Count(&t, uint32(s.now/second))
}
