package pcapfile

import (
	"encoding/binary"
	"fmt"
	"math"

	"netifyd/core"
)

// Block types (https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-03.html, section 4).
const (
	blockSection   = magicSection
	blockInterface = 1
	blockOld       = 2 // packet block
	blockSimple    = 3
	blockEnhanced  = 6
)

const (
	blockHead     = 8  // type and length
	blockMin      = 12 // with the length again at the end
	sectionHead   = blockHead + 4
	orderMagic    = 0x1a2b3c4d
	maxInterfaces = 4096
	maxBlock      = math.MaxInt32 // of a block that is passed over
)

// ng reads pcapng.
type ng struct {
	order      binary.ByteOrder
	interfaces []iface
	newest     int64 // time of the newest packet, for those that have none
}

func (g *ng) record(b []byte, f *core.Frame) (size int64, frame, ok bool, err error) {
	if len(b) < sectionHead {
		return 0, false, false, nil
	}
	if binary.LittleEndian.Uint32(b) == blockSection {
		if err := g.section(b); err != nil {
			return 0, false, false, err
		}
	}
	if g.order == nil {
		return 0, false, false, fmt.Errorf("no section header: %w", ErrFormat)
	}
	kind, length := g.order.Uint32(b), g.order.Uint32(b[4:])
	if length < blockMin || length%4 != 0 || length > maxBlock {
		return 0, false, false, fmt.Errorf("block of %d bytes: %w", length, ErrFormat)
	}
	size = int64(length)
	if !wanted(kind) {
		return size, false, true, nil
	}
	if int64(len(b)) < size {
		return size, false, false, nil
	}
	frame, err = g.block(kind, b[blockHead:length-4], f)
	return size, frame, err == nil, err
}

// wanted says whether a block has something for us. The others are passed over,
// however long they are.
func wanted(kind uint32) bool {
	switch kind {
	case blockInterface, blockOld, blockSimple, blockEnhanced:
		return true
	}
	return false
}

// section begins a new section, with its own byte order and interfaces.
func (g *ng) section(b []byte) error {
	switch {
	case binary.LittleEndian.Uint32(b[blockHead:]) == orderMagic:
		g.order = binary.LittleEndian
	case binary.BigEndian.Uint32(b[blockHead:]) == orderMagic:
		g.order = binary.BigEndian
	default:
		return fmt.Errorf("section with byte-order magic % x: %w", b[blockHead:sectionHead], ErrFormat)
	}
	g.interfaces = g.interfaces[:0]
	return nil
}

// block reads the body of a wanted block.
func (g *ng) block(kind uint32, b []byte, f *core.Frame) (frame bool, err error) {
	switch kind {
	case blockInterface:
		return false, g.describe(b)
	case blockSimple:
		return true, g.simple(b, f)
	case blockOld:
		if len(b) < packetHead {
			return false, fmt.Errorf("packet block of %d bytes: %w", len(b), ErrFormat)
		}
		return true, g.packet(uint32(g.order.Uint16(b)), b, f)
	}
	if len(b) < packetHead {
		return false, fmt.Errorf("enhanced packet block of %d bytes: %w", len(b), ErrFormat)
	}
	return true, g.packet(g.order.Uint32(b), b, f)
}

const (
	packetHead = 20
	simpleHead = 4
)

// packet reads an enhanced packet block, or the old packet block, which differs
// only in the first word.
func (g *ng) packet(id uint32, b []byte, f *core.Frame) error {
	if uint64(id) >= uint64(len(g.interfaces)) {
		return fmt.Errorf("packet of interface %d, which is not described: %w", id, ErrFormat)
	}
	i := &g.interfaces[id]
	captured, length := g.order.Uint32(b[12:]), g.order.Uint32(b[16:])
	if err := g.data(i, b[packetHead:], captured, length, f); err != nil {
		return err
	}
	f.Time = i.time(uint64(g.order.Uint32(b[4:]))<<32 | uint64(g.order.Uint32(b[8:])))
	g.newest = max(g.newest, f.Time)
	return nil
}

// simple reads a simple packet block: of the first interface, without a time,
// so it gets the one of the newest packet before it.
func (g *ng) simple(b []byte, f *core.Frame) error {
	if len(b) < simpleHead || len(g.interfaces) == 0 {
		return fmt.Errorf("simple packet block without interface or length: %w", ErrFormat)
	}
	i := &g.interfaces[0]
	length := g.order.Uint32(b)
	captured := length
	if i.snap != 0 {
		captured = min(captured, i.snap)
	}
	captured = min(captured, uint32(len(b)-simpleHead))
	if err := g.data(i, b[simpleHead:], captured, length, f); err != nil {
		return err
	}
	f.Time = g.newest
	return nil
}

func (g *ng) data(i *iface, b []byte, captured, length uint32, f *core.Frame) error {
	if captured > MaxPacket || uint64(captured) > uint64(len(b)) {
		return fmt.Errorf("packet of %d captured bytes in a block of %d: %w", captured, len(b), ErrFormat)
	}
	*f = core.Frame{Data: b[:captured:captured], Length: original(length, captured), Link: i.link}
	return nil
}
