// Package core holds the seams of the agent: what a packet source lends and
// what kinds of lines come out. Read this first, then core/engine/shard.go,
// which walks a packet from one end to the other:
//
//	Source.Next → packet.Decode → flow.Table.Touch → detect.Inspect → event.Append → sink.Outlet.Offer
package core

// LinkType is the kind of header a frame begins with. The numbers are those of
// pcap files (https://www.tcpdump.org/linktypes.html).
type LinkType uint16

// Link types that packet.Decode reads.
const (
	LinkNull          LinkType = 0   // BSD loopback: address family in host byte order
	LinkEthernet      LinkType = 1   // IEEE 802.3
	LinkSLIP          LinkType = 8   // SLIP behind a header that tells the direction
	LinkPPP           LinkType = 9   // PPP, with or without HDLC framing
	LinkRawBSD        LinkType = 12  // raw IP as some BSD number it
	LinkRawOpen       LinkType = 14  // raw IP as OpenBSD numbers it
	LinkPPPHDLC       LinkType = 50  // PPP in HDLC-like framing (RFC 1662)
	LinkPPPoE         LinkType = 51  // PPPoE session
	LinkATM           LinkType = 100 // LLC over ATM (RFC 2684)
	LinkRaw           LinkType = 101 // raw IPv4 or IPv6
	LinkCHDLC         LinkType = 104 // Cisco HDLC
	LinkDot11         LinkType = 105 // IEEE 802.11
	LinkCLIP          LinkType = 106 // classical IP over ATM, as Linux gives it
	LinkFrameRelay    LinkType = 107 // Frame Relay (ITU-T Q.922)
	LinkLoop          LinkType = 108 // OpenBSD loopback: address family in network byte order
	LinkEnc           LinkType = 109 // what IPsec of the BSDs took in or will send
	LinkLinuxSLL      LinkType = 113 // Linux cooked capture v1
	LinkPFLog         LinkType = 117 // the log of pf
	LinkPrism         LinkType = 119 // IEEE 802.11 behind a Prism header
	LinkIPoverFC      LinkType = 122 // IP over Fibre Channel
	LinkRadiotap      LinkType = 127 // IEEE 802.11 behind a radiotap header
	LinkTZSP          LinkType = 128 // TaZmen Sniffer Protocol
	LinkFireWire      LinkType = 138 // IP over IEEE 1394, as Apple gives it
	LinkDOCSIS        LinkType = 143 // cable modems
	LinkAVS           LinkType = 163 // IEEE 802.11 behind a header of AVS
	LinkPPPD          LinkType = 166 // PPP as pppd of Linux gives it: direction for address
	LinkJuniperPPPoE  LinkType = 167 // Ethernet, behind a header of Juniper
	LinkJuniperEther  LinkType = 178 // the same
	LinkJuniperPPP    LinkType = 179 // PPP behind that header
	LinkJuniperFrame  LinkType = 180 // Frame Relay behind that header
	LinkJuniperCHDLC  LinkType = 181 // Cisco HDLC behind that header
	LinkPPI           LinkType = 192 // per-packet information header
	LinkPPPDir        LinkType = 204 // PPP behind a byte that tells the direction
	LinkCHDLCDir      LinkType = 205 // Cisco HDLC behind that byte
	LinkFrameRelayDir LinkType = 206 // Frame Relay behind that byte
	LinkMPLS          LinkType = 219 // a label stack
	LinkIPNET         LinkType = 226 // IP as Solaris gives it
	LinkIPv4          LinkType = 228 // raw IPv4
	LinkIPv6          LinkType = 229 // raw IPv6
	LinkNFLOG         LinkType = 239 // messages of the netfilter log
	LinkIPoIB         LinkType = 242 // IP over InfiniBand
	LinkPKTAP         LinkType = 258 // packet tap of macOS
	LinkLinuxSLL2     LinkType = 276 // Linux cooked capture v2
	LinkBRCM          LinkType = 281 // Ethernet with Broadcom's switch tag behind the addresses
	LinkBRCMPrepend   LinkType = 282 // Ethernet with that tag in front
	LinkDSA           LinkType = 284 // Ethernet with Marvell's switch tag
	LinkEDSA          LinkType = 285 // the same behind an EtherType
)

// Frame is one packet as the link carried it. Data is lent.
type Frame struct {
	Data   []byte   // captured bytes, from the link header on; valid until the next call of Next
	Time   int64    // nanoseconds since 1970, UTC
	Length int      // bytes on the link; Data may be shorter (snap length)
	Link   LinkType // what Data begins with
	VLAN   uint16   // tag control information that the kernel or card stripped; meaningful if HasVLAN
	// HasVLAN says that VLAN was taken out of the frame.
	HasVLAN bool
	// Outgoing says that this machine sent the frame, where the source knows.
	Outgoing bool
}

// Batch is what one call of Source.Next lends. The caller owns the struct, the source fills it.
type Batch struct {
	Frames []Frame // valid until the next call of Next
	// Now is the source's clock, in nanoseconds since 1970: the newest packet's time for a file,
	// the time of return for live capture, so that time passes on an idle line.
	Now int64
	// Steady is Now by a clock that nobody sets, in nanoseconds since some moment: what tells that
	// somebody set the other. 0 for a file.
	Steady int64
}

// Source lends frames.
type Source interface {
	// Next fills b with frames that stay valid until the next call. An empty
	// batch and a nil error mean that the poll timeout passed. io.EOF ends a file.
	Next(b *Batch) error
	// Counters are cumulative since the source was opened. Safe from other goroutines.
	Counters() Counters
	// Close ends the capture, from any goroutine. Next lends what came before,
	// and then returns os.ErrClosed: whoever reads goes on until it does.
	Close() error
}

// Counters of a source, cumulative.
type Counters struct {
	Received uint64 // packets that the kernel or the file handed over or dropped; agent_status tells it less Dropped
	Dropped  uint64 // packets that the kernel dropped because we were slow
	Freezes  uint64 // times the ring was full
	Filtered uint64 // packets that a filter kept away, where the source knows
	Corrupt  uint64 // blocks of a ring that could not be read to their end
}

// Presence is a source that knows whether its interface is there and up. Safe
// from other goroutines.
type Presence interface {
	Present() bool
}

// Kind of a line offered to sinks.
type Kind uint8

// Kinds of lines.
const (
	KindHello Kind = iota
	KindStatus
	KindDefinitions // "protocols" in dialect 3
	KindFlow
	KindFlowStats
	KindFlowPurge
	// Those that only dialect 5 has.
	KindFlowUpdate
	KindFlowComplete
	KindInterfaces
	KindEndpoints
	KindInterfaceStats
	KindGlobalStats
	// Those that only clients get that ask for them.
	KindDevice
	KindUsage
	// NumKinds is how many there are.
	NumKinds = iota
)

var kindNames = [NumKinds]string{"agent_hello", "agent_status", "definitions", "flow", "flow_stats", "flow_purge",
	"flow_dpi_update", "flow_dpi_complete", "interfaces", "endpoints", "interface_stats", "global_stats", "device", "usage"}

// String is the value of "type" in the lines of the kind.
func (k Kind) String() string { return kindNames[k] }

// Usual says that lines of the kind are for everybody who asked for nothing in particular.
func (k Kind) Usual() bool { return k < KindDevice }

// OfFlow says that lines of the kind are about one flow.
func (k Kind) OfFlow() bool {
	switch k {
	case KindFlow, KindFlowUpdate, KindFlowComplete, KindFlowStats, KindFlowPurge:
		return true
	}
	return false
}

// KindNames are the names of all kinds.
func KindNames() []string { return kindNames[:] }

// ParseKind finds the kind of a type; false: there is none.
func ParseKind(name string) (Kind, bool) {
	for k, n := range kindNames {
		if n == name {
			return Kind(k), true
		}
	}
	return KindDefinitions, name == "protocols" // as dialect 3 calls them
}

// Rank of a line where a client is slow.
type Rank uint8

// Ranks. Whatever may come in a flood that nobody sees through is Spare.
const (
	Wanted Rank = iota // may take the whole of a client's queue; the oldest lines give way
	Spare              // may take half of it, and is lost where that is full
)

// Tuple names the packets of one direction of a flow. Addresses are in network
// order, IPv4 in the first four bytes.
type Tuple struct {
	_                [0]uint32 // addresses at a multiple of four bytes, for flow.MakeKey
	Src, Dst         [16]byte
	SrcPort, DstPort uint16
	Protocol         uint8 // 6 or 17
	Version          uint8 // 4 or 6
}

// Count of packets and of their IP-level bytes.
type Count struct{ Packets, Bytes uint64 }

// Shunter is a source that can leave packets of decided flows in the kernel:
// they are counted there and not lent, but for those with FIN, SYN or RST and
// every 256th, which are lent and not counted.
type Shunter interface {
	// Shunt begins to leave packets of a direction in the kernel. An error that
	// wraps errors.ErrUnsupported means that it will never work; another that
	// there is no room now.
	Shunt(t *Tuple) error
	// Shunted is what was counted since Shunt; false if the direction is not shunted.
	Shunted(t *Tuple) (Count, bool)
	// Unshunt ends it. The caller has asked Shunted before: what comes between
	// the two calls is lost.
	Unshunt(t *Tuple)
}
