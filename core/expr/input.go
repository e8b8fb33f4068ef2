// Package expr is the flow expression language of netifyd: rules such as
//
//	application == 'netify.netflix' && local_port > 1024;
//	ai:netify.netflix
//	["ac:games", "proto == 'RTP' and ! ip_nat"]
//
// "and" binds tighter than "or". What an expression may cost is bounded when
// it is compiled; evaluation does not allocate. docs/applications.md lists the
// fields.
package expr

import (
	"net/netip"

	"netifyd/core/proto"
)

// Input is what an expression may ask about a flow. The caller fills in what
// it knows; the slices are only read during Match. Keep one where it lasts, as
// in a shard: one on the stack would be moved to the heap at each call.
type Input struct {
	IPVersion, IPProtocol uint8
	VLAN                  uint16
	LocalPort, OtherPort  uint16
	LocalMAC, OtherMAC    [6]byte
	LocalIP, OtherIP      netip.Addr
	OtherType             OtherType
	Origin                Origin
	Tunnel                string // "gtp", as flow.tunnel.type; empty: none
	Interface             string
	Internal              bool // the interface's role is LAN
	NAT                   bool
	Guessed               bool // detection_guessed
	Updated               bool // detection_updated
	Complete              bool // inspection has ended

	Proto         proto.ID
	ProtoCategory uint8
	App           uint32
	AppTag        string // "netify.netflix"
	AppCategory   uint8
	DomCategory   uint8
	NetCategory   uint8

	Host       []byte // detected_hostname: host_server_name
	DNSHost    []byte // dns_host_name
	TLSVersion uint16 // 0x0303
	TLSCipher  uint16
	Mark       uint32 // fwmark

	Risks                             uint64 // bit n: risk n of core/risk
	RiskScore, RiskClient, RiskServer uint16
}

// OtherType is the class of the far end. The numbers are those of flow.OtherType.
type OtherType uint8

// Classes of the far end.
const (
	OtherUnknown OtherType = iota
	OtherUnsupported
	OtherLocal
	OtherMulticast
	OtherBroadcast
	OtherRemote
	OtherError
)

// Origin says which side opened the flow.
type Origin uint8

// Origins.
const (
	OriginUnknown Origin = iota
	OriginLocal
	OriginOther
)
