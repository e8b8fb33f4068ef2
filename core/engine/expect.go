package engine

import (
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
// names the port of its data channel. A fixed ring; the oldest goes first.
type expectations struct {
	ring [64]expectation
	next int
	any  bool
}

func (x *expectations) add(e *detect.Expectation, now int64) {
	x.ring[x.next] = expectation{*e, now + expectLife}
	x.next = (x.next + 1) % len(x.ring)
	x.any = true
}

// take gives the protocol that was announced for a new flow, once; Unknown if
// none was. Over UDP the announced end may be the one that speaks first.
func (x *expectations) take(r *flow.Record) proto.ID {
	if !x.any {
		return proto.Unknown
	}
	const udp = 17
	server := 1 - r.Opener()
	at := func(e *expectation, end flow.Side) bool { return e.Port == r.Port[end] && e.Addr == r.Addr[end] }
	for i := range x.ring {
		e := &x.ring[i]
		if e.Port == 0 || e.V6 != (r.Version == 6) || r.First > e.until {
			continue
		}
		if at(e, server) || r.Protocol == udp && at(e, 1-server) {
			e.Port = 0
			return e.Protocol
		}
	}
	return proto.Unknown
}
