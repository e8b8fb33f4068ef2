package engine

import (
	"netifyd/core/flow"
	"netifyd/core/proto"
)

// How long two sockets that fell silent may go on: what a translator keeps of a
// connection (RFC 5382, section 5) and of datagrams (RFC 4787, section 4.3).
const (
	pastTCP = 7440 * second
	pastUDP = 300 * second
)

// past remembers what the flows were that ended by silence. When the same two
// sockets go on, that is a new flow without a beginning: a connection for
// messages that are pushed says nothing for an hour but a keep-alive. Fixed; the
// newest one of a place stays.
type past [256]struct {
	key   flow.Key
	until int64
	app   uint32
	id    proto.ID
}

// of is the place of a flow. Ports differ most, but many pairs of hosts talk
// between the same two: there the ends of the addresses tell them apart.
func (p *past) of(k *flow.Key) int {
	h := uint32(k.Port[0])<<16 | uint32(k.Port[1])
	for _, a := range &k.Addr {
		h = h*31 ^ uint32(a[3]) ^ uint32(a[15])
	}
	return int(h * 2654435769 >> 24) // the upper bits of a multiplication by 2^32 / φ
}

// remember what a flow was that ends now, if its bytes said it. Whoever asks
// for names does so once: such flows would fill every place.
func (s *Shard) rememberPast(r *flow.Record) {
	e := &s.past[s.past.of(&r.Key)]
	again := e.key == r.Key && e.id == r.Proto // it went on as what it was
	if r.Flags&flow.Matched == 0 && !again || r.Protocol == ipTCP && closed(r) || isNaming(r.Proto) {
		return
	}
	e.key, e.id, e.app, e.until = r.Key, r.Proto, r.App, r.Last+pastUDP
	if r.Protocol == ipTCP {
		e.until = r.Last + pastTCP
	}
}

// find gives what the sockets of a flow spoke before it; Unknown where nobody
// knows, or where the flow has a beginning of its own.
func (p *past) find(r *flow.Record) (id proto.ID, app uint32) {
	e := &p[p.of(&r.Key)]
	if e.id == proto.Unknown || e.key != r.Key || r.First > e.until || r.Protocol == ipTCP && r.Flags&flow.OpenerKnown != 0 {
		return proto.Unknown, 0
	}
	return e.id, e.app
}

// shift moves what is remembered, where the clock was set.
func (p *past) shift(by int64) {
	for i := range p {
		p[i].until += by
	}
}
