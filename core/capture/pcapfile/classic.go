package pcapfile

import (
	"encoding/binary"
	"fmt"
	"math/bits"

	"netifyd/core"
)

// Layout of a pcap file (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html).
const (
	headerLen   = 24
	minorAt     = 6
	linkAt      = 20
	recordLen   = 16
	modifiedLen = 24 // with interface, protocol and packet type
)

// classic reads pcap.
type classic struct {
	big   bool // numbers have their most significant byte first
	link  core.LinkType
	unit  int64 // nanoseconds of the second time field's unit
	size  int   // bytes of a packet header
	minor uint16
}

func newClassic(header []byte, magic uint32, order binary.ByteOrder) *classic {
	c := &classic{
		big:   order == binary.BigEndian,
		link:  core.LinkType(order.Uint32(header[linkAt:])), // the upper half tells of the frame check sequence
		unit:  1000,
		size:  recordLen,
		minor: order.Uint16(header[minorAt:]),
	}
	switch magic {
	case magicNano:
		c.unit = 1
	case magicModified:
		c.size = modifiedLen
	}
	return c
}

func (c *classic) record(b []byte, f *core.Frame) (size int64, frame, ok bool, err error) {
	if len(b) < c.size || len(b) < recordLen {
		return 0, false, false, nil
	}
	sec, part := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	captured, length := binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:])
	if c.big { // one look costs less than four calls of a binary.ByteOrder
		sec, part = bits.ReverseBytes32(sec), bits.ReverseBytes32(part)
		captured, length = bits.ReverseBytes32(captured), bits.ReverseBytes32(length)
	}
	if c.minor <= 3 && (c.minor < 3 || captured > length) { // older files have them the other way round
		captured, length = length, captured
	}
	if captured > MaxPacket {
		return 0, false, false, fmt.Errorf("packet of %d captured bytes: %w", captured, ErrFormat)
	}
	end := c.size + int(captured)
	if len(b) < end {
		return int64(end), false, false, nil
	}
	f.Data = b[c.size:end:end] // member by member: a whole Frame would be made elsewhere and copied
	f.Time = int64(sec)*1e9 + int64(part)*c.unit
	f.Length = original(length, captured)
	f.Link = c.link
	return int64(end), true, true, nil
}

// original is the length on the link, which no file may make shorter than what
// it holds, nor longer than an int32.
func original(length, captured uint32) int {
	return int(max(captured, min(length, 1<<31-1)))
}
