package filter

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"netifyd/core"
)

// Packets of many kinds, built by hand.

var (
	macA = []byte{0x02, 0, 0, 0, 0, 1}
	macB = []byte{0x02, 0, 0, 0, 0, 2}
	all  = []byte{255, 255, 255, 255, 255, 255}
	many = []byte{0x01, 0, 0x5e, 0, 0, 0xfb}
)

func cat(parts ...[]byte) []byte { return slices.Concat(parts...) }

func be16(v uint16) []byte { return binary.BigEndian.AppendUint16(nil, v) }

func ether(dst, src []byte, kind uint16, body []byte) []byte { return cat(dst, src, be16(kind), body) }

func tag(kind, tci, inner uint16, body []byte) (uint16, []byte) {
	return kind, cat(be16(tci), be16(inner), body)
}

func ip4(src, dst string, proto byte, fragment uint16, options int, body []byte) []byte {
	h := make([]byte, 20+4*options)
	h[0], h[8], h[9] = byte(0x45+options), 64, proto
	binary.BigEndian.PutUint16(h[2:], uint16(len(h)+len(body)))
	binary.BigEndian.PutUint16(h[6:], fragment)
	copy(h[12:], netip.MustParseAddr(src).AsSlice())
	copy(h[16:], netip.MustParseAddr(dst).AsSlice())
	return cat(h, body)
}

func ip6(src, dst string, next byte, body []byte) []byte {
	h := make([]byte, 40)
	h[0], h[6], h[7] = 0x60, next, 64
	binary.BigEndian.PutUint16(h[4:], uint16(len(body)))
	copy(h[8:], netip.MustParseAddr(src).AsSlice())
	copy(h[24:], netip.MustParseAddr(dst).AsSlice())
	return cat(h, body)
}

func ports(src, dst uint16, rest int) []byte { return cat(be16(src), be16(dst), make([]byte, rest)) }

func tcp(src, dst uint16, flags byte, payload int) []byte {
	h := ports(src, dst, 16+payload)
	h[12], h[13] = 0x50, flags
	for i := range payload {
		h[20+i] = byte('A' + i%26)
	}
	return h
}

func arp(op uint16, from, to string) []byte {
	return cat(be16(1), be16(0x800), []byte{6, 4}, be16(op), macA, netip.MustParseAddr(from).AsSlice(), macB, netip.MustParseAddr(to).AsSlice())
}

// sample is one packet without its link header.
type sample struct {
	dst, src []byte
	kind     uint16
	body     []byte
}

func (s sample) ether() []byte { return ether(s.dst, s.src, s.kind, s.body) }

func samples() []sample {
	var list []sample
	add := func(dst, src []byte, kind uint16, body []byte) { list = append(list, sample{dst, src, kind, body}) }
	const a, b, c, a6, b6 = "10.0.0.1", "10.0.0.2", "192.168.7.9", "2001:db8::1", "2001:db8:1::2"
	four := [][]byte{
		ip4(a, b, 6, 0, 0, tcp(40000, 80, 2, 0)), ip4(b, a, 6, 0, 0, tcp(80, 40000, 0x12, 0)), ip4(a, b, 6, 0, 0, tcp(40000, 80, 0x18, 300)),
		ip4(a, c, 6, 0x4000, 0, tcp(40001, 443, 0x11, 10)), ip4(c, a, 6, 0, 0, tcp(443, 40001, 4, 0)), ip4(a, c, 6, 0, 3, tcp(53, 8080, 16, 5)),
		ip4(a, b, 17, 0, 0, ports(5353, 53, 20)), ip4(b, a, 17, 0, 0, ports(53, 5353, 120)), ip4(a, "224.0.0.251", 17, 0, 0, ports(5353, 5353, 30)),
		ip4(a, b, 17, 0x2000, 0, ports(9999, 53, 20)), ip4(a, b, 17, 0x0010, 0, ports(53, 53, 20)), ip4(a, "10.0.0.255", 17, 0, 2, ports(68, 67, 240)),
		ip4(a, b, 1, 0, 0, []byte{8, 0, 0, 0, 0, 1, 0, 1}), ip4(b, a, 1, 0, 0, []byte{0, 0, 0, 0, 0, 1, 0, 1}), ip4(b, a, 1, 0, 1, []byte{3, 1, 0, 0, 0, 0, 0, 0}),
		ip4(c, b, 2, 0, 1, make([]byte, 8)), ip4(c, b, 47, 0, 0, make([]byte, 30)), ip4(c, b, 50, 0, 0, make([]byte, 30)), ip4(a, b, 132, 0, 0, ports(80, 36412, 20)),
		ip4(c, a, 112, 0, 0, make([]byte, 20)), ip4("172.16.5.4", "172.31.255.1", 6, 0, 0, tcp(22, 50000, 0x18, 64)),
	}
	six := [][]byte{
		ip6(a6, b6, 6, tcp(40000, 80, 2, 0)), ip6(b6, a6, 6, tcp(80, 40000, 0x12, 50)), ip6(a6, b6, 17, ports(1000, 53, 20)), ip6(a6, "ff02::fb", 17, ports(5353, 5353, 20)),
		ip6(a6, b6, 58, []byte{128, 0, 0, 0, 0, 1, 0, 1}), ip6("fe80::1", "ff02::1", 58, []byte{134, 0, 0, 0, 0, 0, 0, 0}),
		ip6(a6, b6, 44, cat([]byte{17, 0, 0, 1, 0, 0, 0, 9}, ports(1000, 53, 20))), ip6(a6, b6, 132, ports(9, 80, 12)), ip6(a6, b6, 0, make([]byte, 24)),
	}
	for i, p := range four {
		dst := [][]byte{macB, macA, all, many}[i%4]
		add(dst, macA, 0x800, p)
	}
	for _, p := range six {
		add(macB, macA, 0x86dd, p)
	}
	add(all, macA, 0x806, arp(1, a, b))
	add(macA, macB, 0x806, arp(2, b, c))
	add(all, macA, 0x8035, arp(3, a, a))
	add(all, macA, 0x88cc, make([]byte, 46))
	for i, p := range [][]byte{four[0], four[6], four[10], six[0], six[3]} {
		kind := []uint16{0x800, 0x800, 0x800, 0x86dd, 0x86dd}[i]
		k, body := tag(0x8100, 0x2000|uint16(100+i%2), kind, p)
		add(macB, macA, k, body)
		k, body = tag(0x88a8, 7, k, body)
		add(macB, macA, k, body)
		k, body = tag(0x9100, 100, kind, p)
		add(macB, macA, k, body)
	}
	session := func(id, proto uint16, p []byte) []byte {
		return cat([]byte{0x11, 0}, be16(id), be16(uint16(2+len(p))), be16(proto), p)
	}
	add(macB, macA, 0x8864, session(5, 0x21, four[2]))
	add(macB, macA, 0x8864, session(6, 0x57, six[2]))
	add(macB, macA, 0x8864, session(5, 0xc021, []byte{9, 1, 0, 8, 0, 0, 0, 0}))
	add(all, macA, 0x8863, []byte{0x11, 9, 0, 0, 0, 4, 1, 1, 0, 0})
	k, body := tag(0x8100, 7, 0x8864, session(5, 0x21, four[6]))
	add(macB, macA, k, body)
	// Cut short, at every layer.
	add(macB, macA, 0x800, four[0][:24])
	add(macB, macA, 0x800, four[0][:22])
	add(macB, macA, 0x800, four[0][:10])
	add(macB, macA, 0x86dd, six[0][:41])
	add(macB, macA, 0x86dd, six[0][:5])
	add(macB, macA, 0x806, arp(1, a, b)[:16])
	add(macB, macA, 0x8100, []byte{0})
	return list
}

// onLink gives the sample as a link type carries it; nil: not at all.
func (s sample) onLink(link core.LinkType, i int) []byte {
	isIP := s.kind == 0x800 || s.kind == 0x86dd
	switch link {
	case core.LinkEthernet:
		return s.ether()
	case core.LinkRaw:
		if isIP {
			return s.body
		}
	case core.LinkNull:
		if isIP { // the family in the byte order of the file, here little-endian; IPv6 is 28 on FreeBSD
			return cat([]byte{map[uint16]byte{0x800: 2, 0x86dd: 28}[s.kind], 0, 0, 0}, s.body)
		}
	case core.LinkPPP:
		if isIP {
			return cat([]byte{0xff, 3}, be16(map[uint16]uint16{0x800: 0x21, 0x86dd: 0x57}[s.kind]), s.body)
		}
	case core.LinkLinuxSLL:
		return cat(be16(uint16(4*(i%2))), be16(1), be16(6), macA, []byte{0, 0}, be16(s.kind), s.body)
	case core.LinkLinuxSLL2:
		return cat(be16(s.kind), []byte{0, 0, 0, 0, 0, 2}, be16(1), []byte{byte(4 * (i % 2)), 6}, macA, []byte{0, 0}, s.body)
	}
	return nil
}
