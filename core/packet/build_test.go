package packet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"netifyd/core"
)

// Frames are built from the inside out: eth(0x0800, ip4(17, udp(1, 2, "x"))).

func cat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
func u16(v int) []byte           { return binary.BigEndian.AppendUint16(nil, uint16(v)) }
func u32(v uint32) []byte        { return binary.BigEndian.AppendUint32(nil, v) }

var (
	macA, macB = []byte{2, 0, 0, 0, 0, 0xa}, []byte{2, 0, 0, 0, 0, 0xb}
	v4A, v4B   = []byte{192, 168, 0, 1}, []byte{10, 0, 0, 2}
	v4C, v4D   = []byte{172, 16, 0, 3}, []byte{172, 16, 0, 4} // inside tunnels
	v6A        = netip.MustParseAddr("2001:db8::1").AsSlice()
	v6B        = netip.MustParseAddr("2001:db8::2").AsSlice()
)

func eth(t int, b []byte) []byte { return cat(macB, macA, u16(t), b) }

func ip4from(src, dst []byte, proto, id, part int, b []byte) []byte {
	return cat([]byte{0x45, 0}, u16(20+len(b)), u16(id), u16(part), []byte{64, byte(proto), 0, 0}, src, dst, b)
}

func ip4(proto int, b []byte) []byte   { return ip4from(v4A, v4B, proto, 7, 0x4000, b) }
func inner(proto int, b []byte) []byte { return ip4from(v4C, v4D, proto, 7, 0, b) }

func ip6(next int, b []byte) []byte {
	return cat([]byte{0x60, 0, 0, 0}, u16(len(b)), []byte{byte(next), 64}, v6A, v6B, b)
}

func udpOf(src, dst int, b []byte) []byte {
	return cat(u16(src), u16(dst), u16(8+len(b)), u16(0), b)
}

func tcpOf(src, dst int, b []byte) []byte {
	return cat(u16(src), u16(dst), u32(1000), u32(2000), []byte{0x60, PSH | ACK}, u16(100), u32(0), []byte{1, 1, 1, 0}, b)
}

var (
	hello    = []byte("hello")
	innerTCP = inner(6, tcpOf(40000, 443, hello))
	innerUDP = inner(17, udpOf(5000, 53, hello))
	inner6   = ip6(6, tcpOf(40000, 443, hello))
)

func endpoint(version uint8, a [16]byte, port uint16) netip.AddrPort {
	if version == 4 {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(a[:4])), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(a), port)
}

// text says all of a view but times and lengths.
func text(verdict Verdict, v *View) string {
	if verdict != OK {
		return [...]string{"ok", "not ip", "malformed", "held"}[verdict]
	}
	var s strings.Builder
	if v.Tunnel.Type != TunnelNone {
		t := &v.Tunnel
		fmt.Fprintf(&s, "%s %v>%v id %d | ", t.Type, endpoint(t.Version, t.Src, t.SrcPort), endpoint(t.Version, t.Dst, t.DstPort), t.ID)
	}
	fmt.Fprintf(&s, "%d %v>%v", v.Protocol, endpoint(v.Version, v.Src, v.SrcPort), endpoint(v.Version, v.Dst, v.DstPort))
	if v.TCPFlags != 0 {
		fmt.Fprintf(&s, " flags %x seq %d ack %d", v.TCPFlags, v.Seq, v.Ack)
	}
	fmt.Fprintf(&s, " %q", v.Payload)
	if v.PayLen != len(v.Payload) {
		fmt.Fprintf(&s, " of %d", v.PayLen)
	}
	if v.VLAN != 0 {
		fmt.Fprintf(&s, " vlan %d", v.VLAN)
	}
	for i, name := range []string{"vlan", "mpls", "pppoe", "fragment"} {
		if v.Seen&(SeenVLAN<<i) != 0 {
			s.WriteString(" +" + name)
		}
	}
	return s.String()
}

// decode reads one frame with a new decoder.
func decode(link core.LinkType, b []byte) string {
	var v View
	return text(New(4).Decode(&core.Frame{Data: b, Length: len(b), Link: link}, &v), &v)
}
