package filter

import (
	"fmt"

	"netifyd/core"
)

// Types of Ethernet payloads (IANA, ieee-802-numbers).
const (
	etherIP     = 0x0800
	etherARP    = 0x0806
	etherRARP   = 0x8035
	etherIP6    = 0x86dd
	etherPPPoED = 0x8863
	etherPPPoES = 0x8864
	pppIP       = 0x0021
	pppIP6      = 0x0057
)

// vlanTypes announce a tag: 802.1Q, 802.1ad, and what stacked tags used before.
var vlanTypes = []uint32{0x8100, 0x88a8, 0x9100}

// Loads that a Linux kernel answers from beside the packet (linux/filter.h).
const (
	metadata            = 0xfffff000 // SKF_AD_OFF
	metaDirection       = metadata + 4
	metaTag             = metadata + 44
	metaTagPresent      = metadata + 48
	packetOutgoing      = 4
	shiftSlot           = memorySlots - 1 // holds 4 where a tag stands before the rest of the headers, 0 where the kernel took it out
	sizeByte       byte = 1
	sizeHalf       byte = 2
	sizeWord       byte = 4
)

// network is how a link says what it carries.
type network byte

const (
	byEtherType network = iota // at typeAt
	byPPP                      // PPP protocol number at typeAt
	byVersion                  // nothing but the version in the IP header
)

// link is where headers are. It changes while a filter is read: what follows
// "vlan" or "pppoes" lies behind these headers.
type link struct {
	kind     network
	typeAt   int
	headerAt int           // of the network header
	ethernet bool          // MAC addresses at 0
	dir      []Instruction // loads the direction of the packet; empty: unknown
	tagged   bool          // behind "vlan"
	meta     bool          // the kernel may have taken the first tag out
	shifted  bool          // offsets are relative to shiftSlot
	shiftUse bool          // some were
}

func (l *link) set(o Options) error {
	if o.Metadata {
		l.meta = true
		l.dir = []Instruction{{Op: opLoadByte, K: metaDirection}}
	}
	switch o.Link {
	case core.LinkEthernet:
		l.kind, l.typeAt, l.headerAt, l.ethernet = byEtherType, 12, 14, true
	case core.LinkRaw, core.LinkRawBSD, core.LinkRawOpen, core.LinkIPv4, core.LinkIPv6:
		l.kind = byVersion
	case core.LinkNull, core.LinkLoop:
		l.kind, l.headerAt = byVersion, 4
	case core.LinkPPP:
		l.kind, l.typeAt, l.headerAt = byPPP, 2, 4
	case core.LinkLinuxSLL:
		l.kind, l.typeAt, l.headerAt = byEtherType, 14, 16
		l.dir = []Instruction{{Op: opLoadHalf, K: 0}}
	case core.LinkLinuxSLL2:
		l.kind, l.typeAt, l.headerAt = byEtherType, 0, 20
		l.dir = []Instruction{{Op: opLoadByte, K: 10}}
	default:
		return &Error{1, fmt.Sprintf("filters cannot read link type %d", o.Link)}
	}
	return nil
}

// at loads size bytes at an offset of the frame that the link shifts.
func (l *link) at(offset int, size byte) []Instruction {
	op := map[byte]uint16{sizeByte: opLoadByte, sizeHalf: opLoadHalf, sizeWord: opLoadWord}[size]
	if !l.shifted {
		return []Instruction{{Op: op, K: uint32(offset)}}
	}
	l.shiftUse = true
	return []Instruction{{Op: opLoadXMem, K: shiftSlot}, {Op: op + opIndirect, K: uint32(offset)}}
}

// header loads from the network header.
func (l *link) header(offset int, size byte) []Instruction {
	return l.at(l.headerAt+offset, size)
}

// toTransport sets X so that [x + headerAt + n] is byte n behind the IPv4 header.
func (l *link) toTransport() []Instruction {
	if !l.shifted {
		return []Instruction{{Op: opLoadXIP, K: uint32(l.headerAt)}}
	}
	return append(l.header(0, sizeByte),
		Instruction{Op: opAnd, K: 0xf}, Instruction{Op: opShiftLeft, K: 2},
		Instruction{Op: opLoadXMem, K: shiftSlot}, Instruction{Op: opAdd + opWithX}, Instruction{Op: opToX})
}

// transport loads from behind an IPv4 header.
func (l *link) transport(offset int, size byte) []Instruction {
	op := map[byte]uint16{sizeByte: opLoadByte, sizeHalf: opLoadHalf, sizeWord: opLoadWord}[size]
	return append(l.toTransport(), Instruction{Op: op + opIndirect, K: uint32(l.headerAt + offset)})
}

// carries tests for an Ethernet type, in the link's own terms.
func (l *link) carries(etherType uint32) node {
	version, ppp := uint32(0), uint32(0)
	switch etherType {
	case etherIP:
		version, ppp = 0x40, pppIP
	case etherIP6:
		version, ppp = 0x60, pppIP6
	}
	switch {
	case l.kind == byEtherType:
		return test{l.at(l.typeAt, sizeHalf), opEqual, etherType}
	case version == 0:
		return always(false)
	case l.kind == byPPP:
		return test{l.at(l.typeAt, sizeHalf), opEqual, ppp}
	}
	return test{append(l.header(0, sizeByte), Instruction{Op: opAnd, K: 0xf0}), opEqual, version}
}

func (l *link) tagType() node {
	nodes := make([]node, len(vlanTypes))
	for i, t := range vlanTypes {
		nodes[i] = l.carries(t)
	}
	return anyOf(nodes...)
}

// vlan tests for a tag, with an identifier unless that is negative, and steps behind it.
func (l *link) vlan(id int) node {
	inBand := l.tagType()
	if id >= 0 {
		inBand = both{inBand, test{append(l.header(0, sizeHalf), Instruction{Op: opAnd, K: 0xfff}), opEqual, uint32(id)}}
	}
	if l.meta && l.ethernet && !l.tagged {
		// The kernel takes out the outermost tag only, and not on every card.
		present := inverse{test{[]Instruction{{Op: opLoadByte, K: metaTagPresent}}, opEqual, 0}}
		beside := node(present)
		if id >= 0 {
			beside = both{present, test{[]Instruction{{Op: opLoadHalf, K: metaTag}, {Op: opAnd, K: 0xfff}}, opEqual, uint32(id)}}
		}
		l.tagged, l.shifted = true, true
		return either{beside, both{inverse{present}, inBand}}
	}
	l.tagged = true
	l.typeAt += 4
	l.headerAt += 4
	return inBand
}

// pppoes tests for a PPPoE session (RFC 2516), with an identifier unless that
// is negative, and steps behind it.
func (l *link) pppoes(id int) node {
	n := l.carries(etherPPPoES)
	if id >= 0 {
		n = both{n, test{l.header(2, sizeHalf), opEqual, uint32(id)}}
	}
	l.kind, l.typeAt, l.headerAt = byPPP, l.headerAt+6, l.headerAt+8
	return n
}

// prologue sets shiftSlot, where the program uses it.
func (l *link) prologue() []Instruction {
	if !l.shiftUse {
		return nil
	}
	return []Instruction{
		{Op: opLoadImm, K: 0},
		{Op: opStore, K: shiftSlot},
		{Op: opLoadByte, K: metaTagPresent},
		{Op: opEqual, K: 0, Jf: 6},
		{Op: opLoadHalf, K: 12},
		{Op: opEqual, K: vlanTypes[0], Jt: 2},
		{Op: opEqual, K: vlanTypes[1], Jt: 1},
		{Op: opEqual, K: vlanTypes[2], Jf: 2},
		{Op: opLoadImm, K: 4},
		{Op: opStore, K: shiftSlot},
	}
}
