package engine

import (
	"sync"

	"netifyd/core/flow"
	"netifyd/core/proto"
	"netifyd/detect/app"
)

// kinLife is how long a call's socket is remembered after its last new flow.
const kinLife = 120e9

// kin remembers which application the UDP sockets of calls belong to. An ICE
// agent sends its checks and its media to every candidate from one local
// address and port (RFC 8445, section 5.1.1.1), so what one of these flows
// says of the application holds for the others, and so do all sockets whose
// checks carry the same two user name fragments (section 5.3). Beside them it holds the far
// sockets that spoke a protocol of one service's calls: they are its relays, and
// whoever else asks them is in a call of it. A fixed ring; the oldest goes first.
// All shards share one: the flows of a call come to different ones.
type kin struct {
	mu   sync.Mutex
	ring [64]callSocket
	next int
}

// callSocket is one socket of a call. The zero value stands for none.
type callSocket struct {
	addr  [16]byte
	port  uint16
	call  uint64   // stands for its fragments; 0: no check was seen
	app   *app.App // nil: not known yet
	until int64
}

// isMedia says that a protocol carries calls of any service.
func isMedia(id proto.ID) bool {
	switch id {
	case proto.STUN, proto.RTP, proto.SRTP, proto.RTCP, proto.DTLS:
		return true
	}
	return false
}

// isCall says that a protocol is that of one service's calls.
func isCall(id proto.ID) bool {
	switch id {
	case proto.WhatsAppCall, proto.SkypeTeamsCall, proto.ZOOM, proto.GoogleMeetDuo, proto.TelegramVoIP, proto.SignalCall,
		proto.FacebookVoIP, proto.LineCall, proto.SnapchatCall, proto.DiscordVoice, proto.KakaoTalkVoice:
		return true
	}
	return false
}

// shift moves what is remembered, where the clock was set.
func (k *kin) shift(by int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := range k.ring {
		k.ring[i].until += by
	}
}

func (k *kin) find(r *flow.Record, now int64) *app.App {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.look(r, now)
}

func (k *kin) look(r *flow.Record, now int64) *app.App {
	local := r.Local()
	if a := k.at(r, local, now); a != nil {
		return a
	}
	return k.at(r, 1-local, now)
}

// at looks for the socket of one side of a flow.
func (k *kin) at(r *flow.Record, side flow.Side, now int64) *app.App {
	e := k.socket(r, side, now)
	if e == nil {
		return nil
	}
	if e.app == nil {
		e.app = k.ofCall(e.call, now)
	}
	if e.app != nil {
		e.until = now + kinLife
	}
	return e.app
}

// socket is what is remembered of the socket of one side of a flow; nil: nothing.
func (k *kin) socket(r *flow.Record, side flow.Side, now int64) *callSocket {
	for i := range k.ring {
		e := &k.ring[i]
		if e.port == r.Port[side] && e.addr == r.Addr[side] && now <= e.until {
			return e
		}
	}
	return nil
}

// ofCall is the application that some socket of a call belongs to.
func (k *kin) ofCall(call uint64, now int64) *app.App {
	for i := range k.ring {
		if e := &k.ring[i]; call != 0 && e.call == call && e.app != nil && now <= e.until {
			return e.app
		}
	}
	return nil
}

// put gives the place for the socket of one side of a flow.
func (k *kin) put(r *flow.Record, side flow.Side, now int64) *callSocket {
	e := k.socket(r, side, now)
	if e == nil {
		e = &k.ring[k.next]
		k.next = (k.next + 1) % len(k.ring)
		*e = callSocket{addr: r.Addr[side], port: r.Port[side]}
	}
	e.until = now + kinLife
	return e
}

// remember the socket of one side of a flow.
func (k *kin) remember(r *flow.Record, side flow.Side, a *app.App, now int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.put(r, side, now).app = a
}

// check notes that the local socket of a flow checks paths for a call. A new
// call takes a socket over.
func (k *kin) check(r *flow.Record, call uint64, now int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e := k.put(r, r.Local(), now); e.call != call {
		if e.call != 0 {
			e.app = nil
		}
		e.call = call
	}
}

// forget everything: the applications of another catalogue are others.
func (k *kin) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.ring[:])
}
