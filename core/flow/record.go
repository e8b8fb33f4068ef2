// Package flow remembers flows in fixed memory: pointer-free records in one
// slab, an index over them, a lazy wheel that ends them, and pools of bytes.
package flow

import (
	"netifyd/core/packet"
	"netifyd/core/proto"
)

// Side of a flow's key: addresses are kept in the order of their bytes.
type Side uint8

// Sides.
const (
	Lower Side = iota
	Upper
)

// Key names a flow. The VLAN tag is no part of it; Group is, so that the same
// addresses seen by unrelated captures stay apart.
type Key struct {
	_        [0]uint64   // aligned, so that addresses are read and written in words
	Addr     [2][16]byte // lower, upper; network order, IPv4 in the first four bytes
	Port     [2]uint16   // of the lower, of the upper
	Protocol uint8       // IP protocol
	Version  uint8       // 4 or 6
	Group    uint8       // captures that may see the same packet twice share one
	_        uint8
}

// OtherType is the class of the far end, as in the field other_type.
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

var otherNames = [...]string{"unknown", "unsupported", "local", "multicast", "broadcast", "remote", "error"}

// String is the value of other_type.
func (o OtherType) String() string { return otherNames[o] }

// Confidence says how a protocol was found.
type Confidence uint8

// Confidences, weakest last.
const (
	ByNothing Confidence = iota
	ByDPI
	ByPartialDPI
	ByHint // a DNS answer or an address said so
	ByPort // a guess
)

var confidenceNames = [...]string{"", "dpi", "dpi_partial", "hint", "port"}

// String is the value of detection_confidence; empty where nothing was found.
func (c Confidence) String() string { return confidenceNames[c] }

// Flags of a record.
type Flags uint32

// Flags.
const (
	Decided      Flags = 1 << iota // no more inspection; what is known is final
	Announced                      // a flow event was sent
	Updated                        // the newest flow event changed an earlier one
	Guessed                        // the protocol is a guess by port
	LocalIsUpper                   // the upper address is the local side
	OpenerUpper                    // the upper address opened the flow
	OpenerKnown                    // a SYN said who opened
	HintHit                        // a DNS answer named the other address
	Soft                           // a soft dissector spoke
	NAT                            // conntrack says the flow is translated
	Feeding                        // the card wants every packet (detect.Protocol.Feed)
	Matched                        // a card matched; more metadata may come
	FinLower                       // FIN seen from the lower side
	FinUpper                       // FIN seen from the upper side
	Aborted                        // RST seen
	Touched                        // had packets since the last flow_stats
	Pending                        // metadata changed since the last flow event
	SawLower                       // a packet came from the lower side
	SawUpper                       // a packet came from the upper side
	TwoWay                         // both
	Recent                         // had a packet since eviction looked at it last
	Named                          // the application follows from the flow's own name or protocol
	Offloaded                      // counters came from the kernel's connection table
	Waiting                        // no card knows it; once the server speaks, its port may tell
	Complete                       // the record was called complete: what is news is an update
	TwinApp                        // the protocol stands for the application by itself
	AddressApp                     // the other address named the application, where a name said less
	Followed                       // TCP: more came than a SYN
	Untold                         // there were too many such flows: no event tells of it
	HintApp                        // what was seen elsewhere names the application
	Unbooked                       // had packets since it was booked for its device
	InUse                          // the record is a flow
)

// Active is what a packet sets.
const Active = Touched | Recent | Unbooked

// Marks of a record are further flags, which no packet of a decided flow looks at.
type Marks uint16

// Marks.
const (
	Faulty Marks = 1 << iota // something panicked on its bytes
	Twin                     // another capture tells the same traffic
	Own                      // the agent's own stream: never told
	Ended                    // the last of it is being told
	Late                     // other shards, or other flows of its call, may learn more of it than was told
	AtRisk                   // a risk of it is high and was not told as an alert yet
	Risky                    // risks are among its metadata
)

// Record is one flow. It holds no pointer, so that the collector never walks
// the slab; a test holds that. Times are nanoseconds since 1970, of packets.
type Record struct {
	Key

	// What a packet of a decided flow writes.
	Last         int64     // newest packet
	Bytes        [2]uint64 // IP-level bytes by side, since the last flow_stats
	Packets      [2]uint32 // by side, since the last flow_stats
	TotalBytes   uint64
	TotalPackets uint64
	Next         [2]uint32 // TCP: next sequence number expected, by side
	Flags        Flags

	Iface      uint8 // interface that saw the flow first
	Detect     uint8 // packets given to detection, saturating
	Confidence Confidence
	Other      OtherType
	Card       int16 // index of the matching detector; -1: none
	Proto      proto.ID
	App        uint32
	// Categories as in events; 0: none.
	AppCategory, ProtoCategory, DomainCategory uint8
	Tunnel                                     packet.TunnelType
	ToldPackets                                [2]uint16 // see ToldBytes

	Via   uint8  // interface whose packets are counted: Iface, until the flow moves to another one of its group
	Trip  uint8  // TCP: milliseconds from the first packet to the first payload, at most 255
	GapAt uint16 // TCP: when the newest gap in the sequence came, in milliseconds that wrap
	Hops  uint8  // TCP: time to live of the opener's SYN, against which its data is held; 0: nothing is
	Cell  uint16 // where it was booked last, if that cell is still the same

	First     int64      // first packet
	Sent      uint32     // first flow event, in ms after First
	Completed uint32     // when it was called complete, in µs after First
	ToldBytes [2]uint32  // by side, what flow_dpi_complete told of Bytes; the next flow_stats of dialect 5 has the rest
	MAC       [2][6]byte // by side
	VLAN      uint16
	Slot      uint16 // reassembly slot plus one; 0: none
	TunnelRef uint32 // handle of Tunnels; 0: none
	Meta      uint32 // handle of Blocks; 0: none
	Sum       uint32 // checksum of the metadata, to notice changes
	Retrans   uint32 // TCP: segments that were sent again
	SeqErrors uint32 // TCP: segments that came before one that they follow
	Resets    uint32 // TCP: segments with RST
	Missing   uint16 // TCP: bytes that gaps of this moment left out, at most 65535
	Marks     Marks
	Shunt     uint16 // place among the flows that the kernel counts, plus one; 0: none

	Device     uint16    // place of the local device in the table of devices; 0: not booked yet
	Label      uint16    // place of the label that it was booked under
	BookedHigh [2]uint8  // upper bits of Booked
	Rate       [2]uint32 // bytes a second by side, in the last time that was booked
	Booked     [2]uint32 // lower 32 bits of what of Bytes was booked for its device

	bucket               uint16   // of the wheel
	DSCP                 [2]uint8 // by side, of its first packet
	wheelPrev, wheelNext uint32   // neighbours in the bucket, plus one
	older, newer         uint32   // neighbours in the order of eviction, plus one
}

// HowSure is the confidence that events tell: that of the weaker one of
// protocol and application.
func (r *Record) HowSure() Confidence {
	if r.Flags&HintApp != 0 && r.Confidence < ByHint {
		return ByHint
	}
	return r.Confidence
}

// Local is the side that is local.
func (r *Record) Local() Side {
	if r.Flags&LocalIsUpper != 0 {
		return Upper
	}
	return Lower
}

// Opener is the side that opened the flow, as far as was seen.
func (r *Record) Opener() Side {
	if r.Flags&OpenerUpper != 0 {
		return Upper
	}
	return Lower
}

// CompletedAt is the packet time at which the record was called complete.
func (r *Record) CompletedAt() int64 { return r.First + int64(r.Completed)*1000 }

// LocalOrigin says that the local side opened the flow.
func (r *Record) LocalOrigin() bool { return r.Local() == r.Opener() }
