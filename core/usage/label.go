package usage

import (
	"strconv"

	"netifyd/core/flow"
	"netifyd/core/proto"
)

// Label is what bytes are booked under beside the device: an application, or
// the protocol where no application is known, and whether the traffic left the
// local network. Numbers are small, since the journal writes them.
//
//	bit 0      the identifier is a protocol's
//	bits 1, 2  scope
//	the rest   identifier
type Label uint32

// Scope says which sum a label belongs to.
type Scope uint8

// Scopes.
const (
	Internet Scope = iota // with the world
	Local                 // between two local devices, on the one that opened the flow
	Special               // one of the labels below
)

// Labels that are neither application nor protocol.
const (
	Other      Label = 0                               // Internet traffic that had no room of its own
	OtherLocal Label = Label(Local) << 1               // local traffic that had no room of its own
	Broadcast  Label = Label(Special)<<1 | (iota-1)<<3 // to all or many devices of the network
	Peer                                               // the far device's view of traffic that is booked under Local on the near one; outside of every sum
	Wan                                                // what captures of role wan saw
	Stray                                              // what followed connections that had ended; no event tells of it
)

const protocolBit = 1

// App is the label of an application.
func App(id uint32, s Scope) Label { return Label(id<<3 | uint32(s)<<1) }

// Protocol is the label of a protocol that stands for no application.
func Protocol(id proto.ID, s Scope) Label { return Label(uint32(id)<<3|uint32(s)<<1) | protocolBit }

// Scope of a label.
func (l Label) Scope() Scope { return Scope(l >> 1 & 3) }

// Sum is which sum a label belongs to: Internet for what leaves the local
// network, Special for strays, which no event tells of, Local for all else. It
// is no question for Peer, which belongs to none.
func (l Label) Sum() Scope {
	switch {
	case l == Stray:
		return Special
	case l.internet():
		return Internet
	}
	return Local
}

// internet says that Sum is Internet.
func (l Label) internet() bool { return l.Scope() == Internet || l == Wan }

// folded is the label of what was folded of a sum.
func folded(sum Scope) Label { return [...]Label{Other, OtherLocal, Stray}[sum] }

// App is the application's identifier; 0 where it is none.
func (l Label) App() uint32 {
	if l&protocolBit != 0 || l.Scope() == Special {
		return 0
	}
	return uint32(l >> 3)
}

// Protocol is the protocol's identifier and whether the label is one.
func (l Label) Protocol() (proto.ID, bool) {
	return proto.ID(l >> 3), l&protocolBit != 0 && l.Scope() != Special
}

// labelOf is what a flow's bytes are booked under, as far as is known now. What
// asks for names is booked under its protocol: the application is that of
// another flow, which may never come.
func labelOf(r *flow.Record) Label {
	scope := Internet
	switch r.Other {
	case flow.OtherMulticast, flow.OtherBroadcast:
		return Broadcast
	case flow.OtherLocal:
		scope = Local
	}
	if r.App == 0 || traitsOf(r.Proto)&naming != 0 {
		return Protocol(r.Proto, scope)
	}
	return App(r.App, scope)
}

// Name is the label's text without its scope: the application's tag as tag
// gives it, or the protocol's name.
func (l Label) Name(tag func(app uint32) string) string {
	switch l {
	case Other, OtherLocal:
		return "other"
	case Broadcast:
		return "broadcast"
	case Peer:
		return "local network"
	case Wan:
		return "wan"
	case Stray:
		return "stray"
	}
	if id, ok := l.Protocol(); ok {
		return id.Name()
	}
	if name := tag(l.App()); name != "" {
		return name
	}
	return "application " + strconv.FormatUint(uint64(l.App()), 10)
}

// String is the scope's name. What is special never leaves the local network or is a remainder.
func (s Scope) String() string { return [...]string{"internet", "local", "special", ""}[s&3] }

// Traits of protocols.
const (
	naming   = 1 << iota // it asks for names
	resolver             // so that nobody on the way can read it
)

// traits are by protocol, since every flow that is booked is asked for its.
var traits = func() (t [512]uint8) {
	for _, id := range []proto.ID{proto.DNS, proto.MDNS, proto.LLMNR, proto.NETBIOS} {
		t[id] |= naming
	}
	for _, id := range []proto.ID{proto.DoT, proto.DoH, proto.DoQ, proto.DNSCrypt} {
		t[id] |= resolver
	}
	return t
}()

func traitsOf(id proto.ID) uint8 {
	if id < proto.ID(len(traits)) {
		return traits[id]
	}
	return 0
}
