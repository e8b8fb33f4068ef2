// Package quicmsg reads QUIC in the clear and QUIC opened: long headers
// (RFC 8999, RFC 9000, RFC 9369 and the drafts), CRYPTO frames, and what
// Google spoke before: public headers, STREAM frames and tagged messages. Slices
// alias the input and nothing allocates.
package quicmsg

import "netifyd/core/wire"

// Type of a packet with a long header, in the numbering of version 1.
type Type uint8

// Types.
const (
	Initial Type = iota
	ZeroRTT
	Handshake
	Retry
	Negotiation // version 0
)

// MaxCID is the longest connection identifier of every version so far (RFC 9000, section 17.2).
const MaxCID = 20

// Packet is one packet of a datagram.
type Packet struct {
	Version  uint32
	Type     Type
	Fixed    bool // the fixed bit is set; peers may agree to clear it (RFC 9287)
	DCID     []byte
	SCID     []byte
	Versions []byte // Negotiation: four bytes each
	Bytes    []byte // from the first byte to the packet's end
	Number   int    // offset of the packet number; 0 where there is none
}

// Next takes the first packet off a datagram. False where the bytes are no
// packet with a long header that is whole.
func Next(b []byte) (p Packet, rest []byte, ok bool) { return NextCut(b, 0) }

// NextCut is Next of a datagram of which so many bytes at the end are lost.
func NextCut(b []byte, lost int) (p Packet, rest []byte, ok bool) {
	c := wire.New(b)
	first := c.U8()
	p.Version = c.U32()
	if first&0x80 == 0 || !c.Ok() {
		return p, nil, false
	}
	if IsQ046(p.Version) {
		return nextQ046(b, p, first)
	}
	p.DCID = c.Vec8()
	p.SCID = c.Vec8()
	if !c.Ok() || len(p.DCID) > MaxCID || len(p.SCID) > MaxCID {
		return p, nil, false
	}
	if p.Version == 0 {
		p.Type, p.Versions, p.Bytes = Negotiation, c.Rest(), b
		return p, nil, len(p.Versions) > 0 && len(p.Versions)%4 == 0
	}
	p.Fixed = first&0x40 != 0
	p.Type = Type(first >> 4 & 3)
	if isV2(p.Version) { // the numbers are turned by one (RFC 9369, section 3.2)
		p.Type = (p.Type + 3) & 3
	}
	switch p.Type {
	case Retry:
		p.Bytes = b
		return p, nil, c.Len() >= 16 // integrity tag
	case Initial:
		c.Skip(int(varint(&c))) // token
	}
	n := varint(&c)
	if !c.Ok() || n < 20 || n > uint64(c.Len()+lost) { // packet number and sample of header protection
		return p, nil, false
	}
	p.Number = c.Offset()
	end := min(p.Number+int(n), len(b))
	p.Bytes = b[:end]
	return p, b[end:], true
}

// varint reads a number of variable length (RFC 9000, section 16), at most
// what fits an int on every machine: a greater one makes the cursor short.
func varint(c *wire.Cursor) uint64 {
	first := c.U8()
	v := uint64(first & 0x3f)
	for range 1<<(first>>6) - 1 {
		v = v<<8 | uint64(c.U8())
	}
	if v > 1<<30 {
		c.Skip(1 << 30)
		return 0
	}
	return v
}
