package engine

import (
	"sync"
	"sync/atomic"

	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/detect"
)

// expectLife is how long an announced flow is waited for (RFC 959 gives no
// bound; a client connects within a round trip).
const expectLife = 60e9

// expectation is a flow that another one announced: only its own two hosts may
// speak of each other.
type expectation struct {
	protocol proto.ID
	port     uint16
	v6       bool
	at, peer [16]byte // who listens at the port, and whom it waits for
	until    int64
}

// expectations are flows that other flows announced: an FTP control channel
// names the port of its data channel. A fixed ring; the oldest goes first. All
// shards share one, since the data may come to another shard. A new flow asks,
// and is held up by a lock only while something is waited for.
type expectations struct {
	latest atomic.Uint32 // when the last of them ends, in seconds since 1970

	mu    sync.Mutex
	ports [4]uint64 // by the low byte of a port, whether one in ring has it: nearly every new flow's have not
	ring  [64]expectation
	next  int
}

// shift moves what is waited for, where the clock was set.
func (x *expectations) shift(by int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	latest := uint32(0)
	for i := range x.ring {
		if e := &x.ring[i]; e.until != 0 {
			e.until += by
			latest = max(latest, uint32(e.until/second)+1)
		}
	}
	x.latest.Store(latest)
}

// note makes ports anew.
func (x *expectations) note() {
	x.ports = [4]uint64{}
	for i := range x.ring {
		if port := x.ring[i].port; port != 0 {
			x.ports[port>>6&3] |= 1 << (port & 63)
		}
	}
}

// may says that an end with this port may be waited for.
func (x *expectations) may(port uint16) bool { return x.ports[port>>6&3]>>(port&63)&1 != 0 }

// add notes what the flow r announces.
func (x *expectations) add(e *detect.Expectation, r *flow.Record, now int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	at := 1 - r.Opener()
	if e.AtClient {
		at = r.Opener()
	}
	until := now + expectLife
	x.ring[x.next] = expectation{e.Protocol, e.Port, r.Version == 6, r.Addr[at], r.Addr[1-at], until}
	x.note()
	x.next = (x.next + 1) % len(x.ring)
	x.latest.Store(max(x.latest.Load(), uint32(until/second)+1))
}

// take gives the protocol that was announced for a new flow, once; Unknown if
// none was. Over UDP the announced end may be the one that speaks first.
func (x *expectations) take(r *flow.Record) proto.ID {
	if uint32(r.First/second) > x.latest.Load() {
		return proto.Unknown
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.may(r.Port[0]) && !x.may(r.Port[1]) {
		return proto.Unknown
	}
	server := 1 - r.Opener()
	at := func(e *expectation, end flow.Side) bool {
		return e.port == r.Port[end] && e.at == r.Addr[end] && e.peer == r.Addr[1-end]
	}
	for i := range x.ring {
		e := &x.ring[i]
		if e.port == 0 || e.v6 != (r.Version == 6) || r.First > e.until {
			continue
		}
		if at(e, server) || r.Protocol == ipUDP && at(e, 1-server) {
			e.port = 0
			x.note()
			return e.protocol
		}
	}
	return proto.Unknown
}
