package conntrack

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"

	"netifyd/core"
)

// attribute is one with others in it, or with bytes.
func attribute(kind uint16, parts ...[]byte) (b []byte) {
	b = make([]byte, 4)
	for _, p := range parts {
		b = append(b, p...)
	}
	binary.NativeEndian.PutUint16(b, uint16(len(b)))
	binary.NativeEndian.PutUint16(b[2:], kind)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

const nested = 1 << 15

func ends(kind uint16, protocol byte, src, dst string) []byte {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	first := uint16(v4Src)
	if s.Addr().Is6() {
		first = v6Src
	}
	return attribute(kind|nested,
		attribute(tupleIP|nested, attribute(first, s.Addr().AsSlice()), attribute(first+1, d.Addr().AsSlice())),
		attribute(tupleProto|nested, attribute(protoNum, []byte{protocol}),
			attribute(protoSrc, binary.BigEndian.AppendUint16(nil, s.Port())), attribute(protoDst, binary.BigEndian.AppendUint16(nil, d.Port()))))
}

func counters(kind uint16, packets, bytes uint64) []byte {
	return attribute(kind|nested, attribute(countPackets, binary.BigEndian.AppendUint64(nil, packets)), attribute(nBytes, binary.BigEndian.AppendUint64(nil, bytes)))
}

func bits(s uint32) []byte { return attribute(status, binary.BigEndian.AppendUint32(nil, s)) }

func text(c *Conn) string {
	s := fmt.Sprint(c.Tuples[0].Protocol, " ")
	for i := range c.Tuples {
		t := &c.Tuples[i]
		at := func(a [16]byte, port uint16) netip.AddrPort {
			if t.Version == 4 {
				return netip.AddrPortFrom(netip.AddrFrom4([4]byte(a[:4])), port)
			}
			return netip.AddrPortFrom(netip.AddrFrom16(a), port)
		}
		s += fmt.Sprintf("%v>%v %d/%d ", at(t.Src, t.SrcPort), at(t.Dst, t.DstPort), c.Count[i].Packets, c.Count[i].Bytes)
	}
	return s + fmt.Sprint("nat ", c.NAT(), " counted ", c.Counted, " offloaded ", c.Offloaded, c.Hardware)
}

func join(parts ...[]byte) (b []byte) {
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

var whole = join(ends(tupleOrig, 6, "192.168.1.7:40000", "198.51.100.1:443"), ends(tupleReply, 6, "198.51.100.1:443", "203.0.113.9:1024"),
	bits(statusHwOffload), counters(countersOrig, 10, 1000), counters(countersRep, 20, 30000), attribute(77, []byte("later kernels")))

func TestConnections(t *testing.T) {
	for _, c := range []struct {
		b    []byte
		want string
	}{
		{whole, "6 192.168.1.7:40000>198.51.100.1:443 10/1000 198.51.100.1:443>203.0.113.9:1024 20/30000 nat true counted true offloaded true true"},
		{join(ends(tupleOrig, 17, "[2001:db8::7]:40000", "[2001:db8:1::1]:443"), ends(tupleReply, 17, "[2001:db8:1::1]:443", "[2001:db8::7]:40000"), bits(statusOffload)),
			"17 [2001:db8::7]:40000>[2001:db8:1::1]:443 0/0 [2001:db8:1::1]:443>[2001:db8::7]:40000 0/0 nat false counted false offloaded true false"},
		{join(ends(tupleOrig, 17, "192.168.1.7:40000", "198.51.100.1:53"), ends(tupleReply, 17, "198.51.100.1:53", "192.168.1.7:40001")),
			"17 192.168.1.7:40000>198.51.100.1:53 0/0 198.51.100.1:53>192.168.1.7:40001 0/0 nat true counted false offloaded false false"},
		{ends(tupleOrig, 6, "192.168.1.7:1", "198.51.100.1:2"), "no"},
		{join(ends(tupleOrig, 1, "192.168.1.7:1", "198.51.100.1:2"), ends(tupleReply, 1, "198.51.100.1:2", "192.168.1.7:1")), "no"},
		{join(ends(tupleOrig, 6, "192.168.1.7:1", "198.51.100.1:2"), ends(tupleReply, 17, "198.51.100.1:2", "192.168.1.7:1")), "no"},
		{nil, "no"},
	} {
		var got Conn
		s := "no"
		if got.Parse(c.b) {
			s = text(&got)
		}
		if s != c.want {
			t.Errorf("got  %s\nwant %s", s, c.want)
		}
	}
	for n := range whole {
		var c Conn
		if c.Parse(whole[:n]) && c.Tuples[0] == (core.Tuple{}) {
			t.Errorf("%d bytes are a connection", n)
		}
	}
}

func FuzzConnection(f *testing.F) {
	f.Add(whole)
	f.Fuzz(func(t *testing.T, b []byte) {
		var c Conn
		if c.Parse(b) && (c.Tuples[0].Version != c.Tuples[1].Version || c.Count[0].Packets>>63 != 0) {
			t.Error(text(&c))
		}
	})
}
