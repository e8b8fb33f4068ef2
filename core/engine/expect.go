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

type expectation struct {
	detect.Expectation
	until int64
}

// expectations are flows that other flows announced: an FTP control channel
// names the port of its data channel. A fixed ring; the oldest goes first. All
// shards share one, since the data may come to another shard. A new flow asks,
// and is held up by a lock only while something is waited for.
type expectations struct {
	latest atomic.Uint32 // when the last of them ends, in seconds since 1970

	mu    sync.Mutex
	ports [waiting]uint16 // those of ring, close together: nearly every new flow has none of them
	ring  [waiting]expectation
	next  int
}

const waiting = 64

func (x *expectations) add(e *detect.Expectation, now int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	until := now + expectLife
	x.ring[x.next], x.ports[x.next] = expectation{*e, until}, e.Port
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
	server := 1 - r.Opener()
	at := func(e *expectation, end flow.Side) bool { return e.Port == r.Port[end] && e.Addr == r.Addr[end] }
	for i, port := range x.ports {
		if port != r.Port[0] && port != r.Port[1] {
			continue
		}
		e := &x.ring[i]
		if e.Port == 0 || e.V6 != (r.Version == 6) || r.First > e.until {
			continue
		}
		if at(e, server) || r.Protocol == ipUDP && at(e, 1-server) {
			e.Port, x.ports[i] = 0, 0
			return e.Protocol
		}
	}
	return proto.Unknown
}
