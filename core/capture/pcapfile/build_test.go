package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"netifyd/core"
)

// packet is a frame that outlives the batch.
type packet struct {
	data   string
	time   int64
	length int
	link   core.LinkType
}

// readAll gives every packet of r and the error at the end, nil for io.EOF.
func readAll(t testing.TB, r io.Reader) ([]packet, error) {
	t.Helper()
	s := New(r, "test")
	var all []packet
	var b core.Batch
	for {
		err := s.Next(&b)
		if err != nil {
			if len(b.Frames) != 0 {
				t.Fatalf("frames together with error %v", err)
			}
			if got := s.Counters().Received; got != uint64(len(all)) {
				t.Fatalf("received %d, counted %d", len(all), got)
			}
			if again := s.Next(&b); again != err {
				t.Fatalf("after %v comes %v", err, again)
			}
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return all, err
		}
		for _, f := range b.Frames {
			if f.Time > b.Now {
				t.Fatalf("packet of %d in a batch of %d", f.Time, b.Now)
			}
			all = append(all, packet{string(f.Data), f.Time, f.Length, f.Link})
		}
	}
}

// record is one packet of a hand-made file.
type record struct {
	seconds, fraction, captured, length uint32
	data                                []byte
}

// classicFile builds a pcap file.
func classicFile(order binary.AppendByteOrder, magic uint32, minor uint16, link uint32, records ...record) []byte {
	b := order.AppendUint32(nil, magic)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, minor)
	b = append(b, make([]byte, 8)...)
	b = order.AppendUint32(b, 65535)
	b = order.AppendUint32(b, link)
	for _, r := range records {
		for _, field := range []uint32{r.seconds, r.fraction, r.captured, r.length} {
			b = order.AppendUint32(b, field)
		}
		if magic == magicModified {
			b = append(b, 0, 0, 0, 3, 8, 0, 4, 0)
		}
		b = append(b, r.data...)
	}
	return b
}

// ngBlock builds a pcapng block.
func ngBlock(order binary.AppendByteOrder, kind uint32, body []byte) []byte {
	pad := -len(body) & 3
	length := uint32(12 + len(body) + pad)
	b := order.AppendUint32(nil, kind)
	b = order.AppendUint32(b, length)
	b = append(b, body...)
	b = append(b, make([]byte, pad)...)
	return order.AppendUint32(b, length)
}

func ngSection(order binary.AppendByteOrder) []byte {
	body := order.AppendUint32(nil, orderMagic)
	body = order.AppendUint16(body, 1)
	body = order.AppendUint16(body, 0)
	body = order.AppendUint64(body, ^uint64(0))
	return ngBlock(order, blockSection, body)
}

func ngInterface(order binary.AppendByteOrder, link uint16, snap uint32, options ...[]byte) []byte {
	body := order.AppendUint16(nil, link)
	body = order.AppendUint16(body, 0)
	body = order.AppendUint32(body, snap)
	return ngBlock(order, blockInterface, append(body, bytes.Join(options, nil)...))
}

func ngOption(order binary.AppendByteOrder, code uint16, value []byte) []byte {
	b := order.AppendUint16(nil, code)
	b = order.AppendUint16(b, uint16(len(value)))
	return append(append(b, value...), make([]byte, -len(value)&3)...)
}

func ngEnhanced(order binary.AppendByteOrder, iface uint32, stamp uint64, length uint32, data []byte) []byte {
	body := order.AppendUint32(nil, iface)
	return ngBlock(order, blockEnhanced, ngPacket(order, body, stamp, length, data))
}

func ngOld(order binary.AppendByteOrder, iface uint16, stamp uint64, length uint32, data []byte) []byte {
	body := order.AppendUint16(nil, iface)
	body = order.AppendUint16(body, 7) // drops
	return ngBlock(order, blockOld, ngPacket(order, body, stamp, length, data))
}

func ngPacket(order binary.AppendByteOrder, body []byte, stamp uint64, length uint32, data []byte) []byte {
	body = order.AppendUint32(body, uint32(stamp>>32))
	body = order.AppendUint32(body, uint32(stamp))
	body = order.AppendUint32(body, uint32(len(data)))
	body = order.AppendUint32(body, length)
	return append(body, data...)
}

func ngSimple(order binary.AppendByteOrder, length uint32, data []byte) []byte {
	return ngBlock(order, blockSimple, append(order.AppendUint32(nil, length), data...))
}
