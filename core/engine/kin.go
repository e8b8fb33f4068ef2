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
// says of the application holds for the others. Beside them it holds the far
// sockets that spoke a protocol of one service's calls: they are its relays, and
// whoever else asks them is in a call of it. A fixed ring; the oldest goes first.
// All shards share one: the flows of a call come to different ones.
type kin struct {
	mu   sync.Mutex
	ring [64]struct {
		addr  [16]byte
		port  uint16
		app   *app.App
		until int64
	}
	next int
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
	for i := range k.ring {
		e := &k.ring[i]
		if e.app != nil && e.port == r.Port[side] && e.addr == r.Addr[side] && now <= e.until {
			e.until = now + kinLife
			return e.app
		}
	}
	return nil
}

// remember the socket of one side of a flow.
func (k *kin) remember(r *flow.Record, side flow.Side, a *app.App, now int64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at(r, side, now) == a {
		return
	}
	e := &k.ring[k.next]
	k.next = (k.next + 1) % len(k.ring)
	e.addr, e.port, e.app, e.until = r.Addr[side], r.Port[side], a, now+kinLife
}

// forget everything: the applications of another catalogue are others.
func (k *kin) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.ring[:])
}
