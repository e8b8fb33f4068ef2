package packet

import (
	"net/netip"
	"strconv"
	"testing"

	"netifyd/core"
)

// ethernetTunnels carry a frame or a label stack in IP itself.
func ethernetTunnels() []sample {
	r := core.LinkRaw
	frame := eth(typeIPv4, innerTCP)
	stack := cat(u32(16<<12), u32(17<<12|0x100), innerTCP)
	other := cat(u16(0x3001), frame)
	arp := cat(u16(0x3000), eth(0x0806, make([]byte, 46)))
	carrier := func(proto int, b []byte) string {
		return text99(proto, decode(r, ip4(99, b)))
	}
	return []sample{
		{"etherip", r, ip4(97, cat(u16(0x3000), frame)), "etherip 192.168.0.1:0>10.0.0.2:0 id 0 | " + wantTCP},
		{"etherip reserved", r, ip4(97, other), carrier(97, other)},
		{"etherip arp", r, ip4(97, arp), carrier(97, arp)},
		{"mpls in ip", r, ip4(137, stack), "mpls 192.168.0.1:0>10.0.0.2:0 id 0 | " + wantTCP + " +mpls"},
		{"mpls in ip endless", r, ip4(137, make([]byte, 80)), carrier(137, make([]byte, 80))},
	}
}

// text99 is the text of a view of IP protocol 99 as of another one.
func text99(proto int, s string) string { return strconv.Itoa(proto) + s[2:] }

func moreUDPTunnels() []sample {
	r := core.LinkRaw
	over := func(src, dst int, b []byte) []byte { return ip4(17, udpOf(src, dst, b)) }
	outer := func(kind, ports string) string { return kind + " 192.168.0.1:" + ports + " id " }
	frame := eth(typeIPv4, innerTCP)
	geneve := func(first, second byte, t int, options, b []byte) []byte {
		return cat([]byte{first, second}, u16(t), u32(66<<8), options, b)
	}
	control := geneve(0, 0x80, typeTEB, nil, eth(0x8902, make([]byte, 46)))
	version := geneve(0x40, 0, typeTEB, nil, frame)
	arp := geneve(0, 0, typeTEB, nil, eth(0x0806, make([]byte, 46)))
	gpe := func(flags, next byte, b []byte) []byte { return cat([]byte{flags, 0, 0, next}, u32(77<<8), b) }
	nsh := cat([]byte{0x0f, 0xc6, 1, 1}, u32(0x2aff), make([]byte, 16), innerTCP)
	oam := gpe(0x0d, 1, []byte("no packet, but something long enough to be one"))
	unknown := gpe(0x0c, 9, innerTCP)
	gre := cat(u16(0x2000), u16(typeIPv6), u32(5), inner6)
	routing := cat(u16(0x4000), u16(typeIPv4), u32(0), innerTCP)
	stack := cat(u32(16<<12|0x100), innerTCP)
	ayiya := func(op, next byte, b []byte) []byte {
		return cat([]byte{0x41, 0x52, op, next}, u32(1400000000), v6A, make([]byte, 20), b)
	}
	response := ayiya(0x12, 59, nil)
	teredo := cat([]byte{0x60, 0, 0, 0}, u16(29), []byte{6, 64}, netip.MustParseAddr("2001:0:102:304::1").AsSlice(), v6B, tcpOf(40000, 443, hello))
	stun := cat(u16(1), u16(8), u32(0x2112a442), make([]byte, 12), u16(0x8022), u16(4), make([]byte, 4))
	lisped := cat([]byte{0x01, 0, 0, 0}, u32(1), innerTCP)
	tzsp := func(kind byte, protocol int, b []byte) []byte {
		return cat([]byte{1, kind}, u16(protocol), []byte{0, 10, 1, 0xd8, 0, 41, 4, 0, 0, 0, 9, 1}, b)
	}
	wantTeredo := `6 [2001:0:102:304::1]:40000>[2001:db8::2]:443 flags 18 seq 1000 ack 2000 "hello"`
	return []sample{
		{"geneve", r, over(5, 6081, geneve(0, 0, typeTEB, nil, frame)), outer("geneve", "5>10.0.0.2:6081") + "66 | " + wantTCP},
		{"geneve options", r, over(5, 6081, geneve(2, 0x40, typeIPv6, make([]byte, 8), inner6)), outer("geneve", "5>10.0.0.2:6081") + "66 | " + want6},
		{"geneve control", r, over(5, 6081, geneve(0, 0x80, typeTEB, nil, frame)), outer("geneve", "5>10.0.0.2:6081") + "66 | " + wantTCP},
		{"geneve control of no packet", r, over(5, 6081, control), carrierOf("5>10.0.0.2:6081", control)},
		{"geneve version", r, over(5, 6081, version), carrierOf("5>10.0.0.2:6081", version)},
		{"geneve arp", r, over(5, 6081, arp), carrierOf("5>10.0.0.2:6081", arp)},
		{"vxlan-gpe", r, over(5, 4790, gpe(0x0c, 1, innerTCP)), outer("vxlan-gpe", "5>10.0.0.2:4790") + "77 | " + wantTCP},
		{"vxlan-gpe frame", r, over(5, 4790, gpe(0x0c, 3, frame)), outer("vxlan-gpe", "5>10.0.0.2:4790") + "77 | " + wantTCP},
		{"vxlan-gpe plain", r, over(5, 4790, gpe(0x08, 0, frame)), outer("vxlan-gpe", "5>10.0.0.2:4790") + "77 | " + wantTCP},
		{"vxlan-gpe nsh", r, over(5, 4790, gpe(0x0c, 4, nsh)), outer("vxlan-gpe", "5>10.0.0.2:4790") + "77 | " + wantTCP},
		{"vxlan-gpe oam", r, over(5, 4790, gpe(0x0d, 1, innerTCP)), outer("vxlan-gpe", "5>10.0.0.2:4790") + "77 | " + wantTCP},
		{"vxlan-gpe oam of no packet", r, over(5, 4790, oam), carrierOf("5>10.0.0.2:4790", oam)},
		{"vxlan-gpe other", r, over(5, 4790, unknown), carrierOf("5>10.0.0.2:4790", unknown)},
		{"gre in udp", r, over(50000, 4754, gre), outer("gre", "50000>10.0.0.2:4754") + "5 | " + want6},
		{"gre in udp routing", r, over(50000, 4754, routing), carrierOf("50000>10.0.0.2:4754", routing)},
		{"mpls in udp", r, over(50000, 6635, stack), outer("mpls", "50000>10.0.0.2:6635") + "0 | " + wantTCP + " +mpls"},
		{"ayiya", r, over(5, 5072, ayiya(0x11, 41, inner6)), outer("ayiya", "5>10.0.0.2:5072") + "0 | " + want6},
		{"ayiya response", r, over(5072, 5, response), carrierOf("5072>10.0.0.2:5", response)},
		{"teredo peers, origin", r, over(50000, 50001, cat(u16(0), u16(1), u32(2), teredo)), outer("teredo", "50000>10.0.0.2:50001") + "0 | " + wantTeredo},
		{"teredo peers, both", r, over(50000, 50001, cat(u16(1), []byte{2, 3}, make([]byte, 5+9), u16(0), u16(1), u32(2), teredo)), outer("teredo", "50000>10.0.0.2:50001") + "0 | " + wantTeredo},
		{"stun", r, over(50000, 3478, stun), carrierOf("50000>10.0.0.2:3478", stun)},
		{"lisp", r, over(5, 4341, cat([]byte{0x48, 0, 0, 0}, u32(9<<8), inner6)), outer("lisp", "5>10.0.0.2:4341") + "9 | " + want6},
		{"lisp nonce", r, over(5, 4341, cat([]byte{0xe0, 1, 2, 3}, u32(1), innerTCP)), outer("lisp", "5>10.0.0.2:4341") + "0 | " + wantTCP},
		{"lisp frame", r, over(5, 4341, cat([]byte{0x0c, 0, 0, 3}, u32(9<<8), frame)), outer("lisp", "5>10.0.0.2:4341") + "9 | " + wantTCP},
		{"lisp secret", r, over(5, 4341, lisped), carrierOf("5>10.0.0.2:4341", lisped)},
		{"tzsp", r, over(5, 37008, tzsp(0, 1, frame)), outer("tzsp", "5>10.0.0.2:37008") + "0 | " + wantTCP},
		{"tzsp 802.11", r, over(5, 37008, tzsp(1, 18, dot11Frame(0x08, dot11FromDS, 24))), outer("tzsp", "5>10.0.0.2:37008") + "0 | " + wantTCP},
		{"tzsp keepalive", r, over(5, 37008, tzsp(4, 1, frame)), carrierOf("5>10.0.0.2:37008", tzsp(4, 1, frame))},
		{"teredo peers", r, over(50000, 50001, teredo), outer("teredo", "50000>10.0.0.2:50001") + "0 | " + wantTeredo},
		{"ipv6 of others", r, over(50000, 50001, inner6), carrierOf("50000>10.0.0.2:50001", inner6)},
	}
}

func moreGRETunnels() []sample {
	r := core.LinkRaw
	gre := func(flags, t int, parts ...[]byte) []byte { return ip4(47, cat(u16(flags), u16(t), cat(parts...))) }
	aruba := func(t int, frame []byte) []byte { return gre(0, t, frame) }
	outer := "gre 192.168.0.1:0>10.0.0.2:0 id 0 | "
	frame := eth(typeIPv4, innerTCP)
	protected := aruba(0x8200, dot11Frame(0x08, dot11Protected, 24))
	return []sample{
		{"aruba", r, aruba(0x8200, dot11Frame(0x88, dot11ToDS, 26)), outer + wantTCP},
		{"aruba other class", r, aruba(0x8280, dot11Frame(0x08, dot11FromDS, 24)), outer + wantTCP},
		{"aruba at the end of its types", r, aruba(0x83d0, dot11Frame(0x08, dot11FromDS, 24)), outer + wantTCP},
		{"aruba's keepalive", r, aruba(0x9000, dot11Frame(0x08, dot11FromDS, 24)), "47 " + decode(r, ip4from(v4A, v4B, 99, 7, 0, aruba(0x9000, dot11Frame(0x08, dot11FromDS, 24))[20:]))[3:]},
		{"aruba protected", r, protected, "47 " + decode(r, ip4from(v4A, v4B, 99, 7, 0, protected[20:]))[3:]},
		{"erspan 2 session", r, gre(0x1000, greERSPAN2, u32(1), u32(0x10000002), u32(0), eth(typeIPv4, innerTCP)), "erspan 192.168.0.1:0>10.0.0.2:0 id 2 | " + wantTCP},
		{"erspan 3 of ip", r, gre(0x1000, greERSPAN3, u32(1), u32(0x20000003), u32(0), u16(0), u16(2<<erspanFrame), innerTCP), "erspan 192.168.0.1:0>10.0.0.2:0 id 3 | " + wantTCP},
		{"eoip", r, gre(0x2001, greEoIP, u16(len(frame)), []byte{7, 1}, frame), "gre 192.168.0.1:0>10.0.0.2:0 id 263 | " + wantTCP},
		{"eoip keepalive", r, gre(0x2001, greEoIP, u16(0), []byte{7, 1}), "47 " + decode(r, ip4from(v4A, v4B, 99, 7, 0, cat(u16(0x2001), u16(greEoIP), u16(0), []byte{7, 1})))[3:]},
		{"gre nsh", r, gre(0, typeNSH, []byte{0, 0x02, 2, 3}, u32(1), eth(typeIPv4, innerTCP)), outer + wantTCP},
	}
}

func ahTunnels() []sample {
	r := core.LinkRaw
	ah := func(next, words byte, b []byte) []byte {
		return cat([]byte{next, words, 0, 0}, u32(0x1000), u32(1), make([]byte, int(words)*4-4), b)
	}
	none := ah(50, 4, hello)
	short := ah(17, 4, udpOf(5000, 53, hello))
	short[len(short)-len(hello)-3]++ // the length of UDP is not what is there
	carrier := func(b []byte) string { return text99(51, decode(r, ip4(99, b))) }
	return []sample{
		{"ah tcp", r, ip4(51, ah(6, 4, tcpOf(40000, 443, hello))), `ah 192.168.0.1:0>10.0.0.2:0 id 4096 | 6 192.168.0.1:40000>10.0.0.2:443 flags 18 seq 1000 ack 2000 "hello"`},
		{"ah udp 6", r, ip6(51, ah(17, 4, udpOf(5000, 53, hello))), `ah [2001:db8::1]:0>[2001:db8::2]:0 id 4096 | 17 [2001:db8::1]:5000>[2001:db8::2]:53 "hello"`},
		{"ah icmp", r, ip4(51, ah(1, 4, []byte("\b\x00123456"))), `ah 192.168.0.1:0>10.0.0.2:0 id 4096 | 1 192.168.0.1:0>10.0.0.2:0 "\b\x00123456"`},
		{"ah options", r, ip6(51, ah(60, 5, cat([]byte{6, 0, 1, 4, 0, 0, 0, 0}, tcpOf(40000, 443, hello)))), `ah [2001:db8::1]:0>[2001:db8::2]:0 id 4096 | ` + want6},
		{"ah gre", r, ip4(51, ah(47, 4, cat(u16(0), u16(typeIPv4), innerTCP))), "ah 192.168.0.1:0>10.0.0.2:0 id 4096 | " + wantTCP},
		{"ah ospf", r, ip4(51, ah(89, 4, hello)), `ah 192.168.0.1:0>10.0.0.2:0 id 4096 | 89 192.168.0.1:0>10.0.0.2:0 "hello"`},
		{"ah tunnel", r, ip4(51, ah(4, 5, innerTCP)), "ah 192.168.0.1:0>10.0.0.2:0 id 4096 | " + wantTCP},
		{"ah esp", r, ip4(51, none), carrier(none)},
		{"ah of noise", r, ip4(51, short), carrier(short)},
	}
}

func l2tp3Tunnels() []sample {
	r := core.LinkRaw
	frame := eth(typeIPv4, innerTCP)
	ppp := cat(u16(0xff03), u16(pppIPv4), innerTCP)
	outer := "l2tp 192.168.0.1:0>10.0.0.2:0 id 9 | " + wantTCP
	data := func(front int, b []byte) []byte { return ip4(115, cat(u32(9), make([]byte, front), b)) }
	control := cat(u32(0), u16(0xc803), u16(12), u32(0), u32(0), make([]byte, 30))
	udp := cat(u16(3), u16(0), u32(9), make([]byte, 8), frame)
	return []sample{
		{"l2tpv3", r, data(0, frame), outer},
		{"l2tpv3 sublayer", r, data(4, frame), outer},
		{"l2tpv3 cookie", r, data(8, frame), outer},
		{"l2tpv3 both", r, data(12, frame), outer},
		{"l2tpv3 ppp", r, data(4, ppp), outer},
		{"l2tpv3 control", r, ip4(115, control), text99(115, decode(r, ip4(99, control)))},
		{"l2tpv3 udp", r, ip4(17, udpOf(1701, 1701, udp)), "l2tp 192.168.0.1:1701>10.0.0.2:1701 id 9 | " + wantTCP},
	}
}

// tags stand between Ethernet and the packet.
func tags() []sample {
	e := core.LinkEthernet
	nsh := func(words, kind, next byte, b []byte) []byte {
		return cat([]byte{0x0f, 0xc0 | words, kind, next}, u32(0x2aff), make([]byte, int(words)*4-8), b)
	}
	sec := func(tci, short byte, rest ...[]byte) []byte {
		return eth(typeMACsec, cat([]byte{tci, short}, u32(7), cat(rest...)))
	}
	check := make([]byte, macsecICV)
	unicast := cat([]byte{batmanUnicast, 15, 50, 1}, macB)
	broadcast := cat([]byte{batmanBroadcast, 15, 50, 0}, u32(9), macA)
	return []sample{
		{"nsh", e, eth(typeNSH, nsh(6, 1, 1, innerTCP)), wantTCP},
		{"nsh frame", e, eth(typeNSH, nsh(2, 2, 3, eth(typeIPv4, innerTCP))), wantTCP},
		{"nsh in nsh", e, eth(typeNSH, nsh(2, 2, 4, nsh(2, 2, 2, inner6))), want6},
		{"nsh oam", e, eth(typeNSH, cat([]byte{0x2f, 0xc2, 2, 1}, u32(1), innerTCP)), wantTCP},
		{"nsh version", e, eth(typeNSH, cat([]byte{0x4f, 0xc2, 2, 1}, u32(1), innerTCP)), "not ip"},
		{"nsh length", e, eth(typeNSH, nsh(5, 1, 1, innerTCP)), "not ip"},
		{"nsh other", e, eth(typeNSH, nsh(2, 2, 9, innerTCP)), "not ip"},
		{"cisco metadata", e, eth(typeMetadata, cat([]byte{1, 1}, u16(1), u16(2), u16(typeIPv4), innerTCP)), wantTCP},
		{"cisco metadata vlan", e, eth(typeVLAN, cat(u16(4), u16(typeMetadata), []byte{1, 1}, u16(1), u16(2), u16(typeIPv6), inner6)), want6 + " vlan 4 +vlan"},
		{"cisco metadata version", e, eth(typeMetadata, cat([]byte{2, 1}, u16(1), u16(2), u16(typeIPv4), innerTCP)), "not ip"},
		{"macsec", e, sec(0x20, 0, make([]byte, 8), u16(typeIPv4), innerTCP, check), wantTCP},
		{"macsec short", e, sec(0x00, byte(2+len(innerUDP)), u16(typeIPv4), innerUDP, check), wantUDP},
		{"macsec vlan", e, sec(0x20, 0, make([]byte, 8), u16(typeVLAN), u16(4), u16(typeIPv4), innerTCP, check), wantTCP + " vlan 4 +vlan"},
		{"macsec encrypted", e, sec(0x2c, 0, make([]byte, 8), u16(typeIPv4), innerTCP, check), "not ip"},
		{"batman unicast", e, eth(typeBatman, cat(unicast, eth(typeIPv4, innerTCP))), wantTCP},
		{"batman answered", e, eth(typeBatman, cat([]byte{batmanAnswered, 15, 50, 1}, macB, macA, u16(0), eth(typeIPv4, innerTCP))), wantTCP},
		{"batman broadcast", e, eth(typeBatman, cat(broadcast, eth(typeIPv4, innerUDP))), wantUDP},
		{"batman originator", e, eth(typeBatman, cat([]byte{0, 15, 50, 0}, make([]byte, 40))), "not ip"},
		{"batman version", e, eth(typeBatman, cat([]byte{batmanUnicast, 14, 50, 1}, macB, eth(typeIPv4, innerTCP))), "not ip"},
		{"backbone", e, eth(typeQinQ, cat(u16(5), u16(typePBB), u32(0x40000777), eth(typeVLAN, cat(u16(6), u16(typeIPv4), innerTCP)))), wantTCP + " vlan 6 +vlan"},
		{"backbone without tag", e, eth(typePBB, cat(u32(1), eth(typeIPv6, inner6))), want6},
		{"trill", e, eth(typeTRILL, cat(u16(0x003f), u16(1), u16(2), eth(typeIPv4, innerTCP))), wantTCP},
		{"trill options", e, eth(typeTRILL, cat(u16(0x00bf), u16(1), u16(2), make([]byte, 8), eth(typeVLAN, cat(u16(6), u16(typeIPv4), innerTCP)))), wantTCP + " vlan 6 +vlan"},
		{"trill version", e, eth(typeTRILL, cat(u16(0x403f), u16(1), u16(2), eth(typeIPv4, innerTCP))), "not ip"},
		{"fabricpath", e, eth(typeFabric, cat(u16(0x0420), eth(typeIPv4, innerTCP))), wantTCP},
		{"vn-tag", e, eth(typeVNTag, cat(u32(0x80010002), u16(typeVLAN), u16(8), u16(typeIPv4), innerTCP)), wantTCP + " vlan 8 +vlan"},
		{"e-tag", e, eth(typeETag, cat(u32(1), u16(2), u16(typeIPv4), innerTCP)), wantTCP},
		{"hsr", e, eth(typeHSR, cat(u32(0x10400007), u16(typeIPv4), innerTCP)), wantTCP},
		{"realtek short", e, eth(typeRealtek, cat(u16(0xa002), u16(typeIPv4), innerTCP)), wantTCP},
		{"realtek long", e, eth(typeRealtek, cat([]byte{4, 0}, u32(3), u16(typeIPv6), inner6)), want6},
		{"realtek loop", e, eth(typeRealtek, make([]byte, 46)), "not ip"},
		{"edsa live", e, eth(typeEDSA, cat(u16(0), u32(0xc0000000), u16(typeIPv4), innerTCP)), wantTCP},
	}
}

// foreignLinks are what captures of other programs begin with.
func foreignLinks() []sample {
	ends := cat(macB, macA)
	plain := dot11Frame(0x08, dot11FromDS, 24)
	tap := func(flags byte, b []byte) []byte {
		return cat([]byte{0, 0, 17, 0, 3, 0, 0, 0}, make([]byte, 8), []byte{flags}, b)
	}
	wide := cat([]byte{0, 0, 17, 0, 2, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x10}, plain, u32(1))
	four := dot11Frame(0x88, dot11ToDS|dot11FromDS, 32)
	mesh := cat(four[:31], []byte{meshPresent}, []byte{1, 31, 0, 0, 0, 9}, macA, four[32:])
	filled := cat(dot11Frame(0x88, dot11ToDS, 26)[:26], u16(0), dot11Frame(0x88, dot11ToDS, 26)[26:])
	prism := func(kind, size uint32, big int, b []byte) []byte {
		head := make([]byte, 144)
		for i, n := range []uint32{kind, size} {
			if big != 0 {
				copy(head[i*4:], u32(n))
			} else {
				head[i*4] = byte(n)
			}
		}
		return cat(head, b)
	}
	relay := []byte{0x18, 0x41}
	juniper := func(flags byte) []byte { return []byte{0x4d, 0x47, 0x43, flags} }
	attribute := func(t int, v []byte) []byte {
		b := cat([]byte{byte(4 + len(v)), 0, byte(t), 0}, v)
		return cat(b, make([]byte, -len(b)&3))
	}
	log := cat([]byte{2, 0, 0, 0}, attribute(1, u32(3)), attribute(8, cat(u16(6), u16(0), macA, u16(0))), attribute(9, innerTCP), attribute(10, hello))
	logBig := cat([]byte{10, 0, 0, 0}, u16(8), u16(1), u32(3), u16(4+len(inner6)), u16(9), inner6)
	pktap := func(kind, link int) []byte {
		return cat([]byte{108, 0, 0, 0, byte(kind), 0, 0, 0, byte(link), byte(link >> 8), 0, 0}, make([]byte, 96))
	}
	return []sample{
		{"802.11", core.LinkDot11, plain, wantTCP},
		{"802.11 beacon", core.LinkDot11, cat([]byte{0x80, 0}, make([]byte, 60)), "not ip"},
		{"802.11 mesh", core.LinkDot11, mesh, wantTCP},
		{"802.11 aggregate", core.LinkDot11, aggregate(eth(0, innerTCP), eth(0, innerUDP)), wantTCP},
		{"radiotap", core.LinkRadiotap, tap(0, plain), wantTCP},
		{"radiotap checked", core.LinkRadiotap, tap(0x10, cat(plain, u32(1))), wantTCP},
		{"radiotap filled", core.LinkRadiotap, tap(0x20, filled), wantTCP},
		{"radiotap words", core.LinkRadiotap, wide, wantTCP},
		{"radiotap protected", core.LinkRadiotap, tap(0, dot11Frame(0x08, dot11Protected, 24)), "not ip"},
		{"nflog", core.LinkNFLOG, log, wantTCP},
		{"nflog big", core.LinkNFLOG, logBig, want6},
		{"nflog without", core.LinkNFLOG, log[:12], "not ip"},
		{"nflog version", core.LinkNFLOG, cat([]byte{2, 1, 0, 0}, log[4:]), "malformed"},
		{"pktap", core.LinkPKTAP, cat(pktap(1, 1), eth(typeIPv4, innerTCP)), wantTCP},
		{"pktap raw", core.LinkPKTAP, cat(pktap(1, 12), innerTCP), wantTCP},
		{"pktap in pktap", core.LinkPKTAP, cat(pktap(1, 258), pktap(1, 1), innerTCP), "not ip"},
		{"pktap other record", core.LinkPKTAP, cat(pktap(2, 1), eth(typeIPv4, innerTCP)), "not ip"},
		{"prism", core.LinkPrism, prism(0x44, 144, 0, plain), wantTCP},
		{"prism big", core.LinkPrism, prism(0x41, 144, 1, plain), wantTCP},
		{"prism as avs", core.LinkPrism, cat(u32(0x80211002), u32(80), make([]byte, 72), plain), wantTCP},
		{"prism short", core.LinkPrism, prism(0x44, 4, 0, plain), "malformed"},
		{"prism other", core.LinkPrism, prism(0x45, 144, 0, plain), "not ip"},
		{"avs", core.LinkAVS, cat(u32(0x80211001), u32(64), make([]byte, 56), four), wantTCP},
		{"frame relay", core.LinkFrameRelay, cat(relay, []byte{3, 0xcc}, innerTCP), wantTCP},
		{"frame relay ipv6", core.LinkFrameRelay, cat([]byte{0x18, 0x42, 0x01}, []byte{3, 0x8e}, inner6), want6},
		{"frame relay snap", core.LinkFrameRelay, cat(relay, []byte{3, 0, 0x80, 0, 0, 0}, u16(typeIPv4), innerTCP), wantTCP},
		{"frame relay bridged", core.LinkFrameRelay, cat(relay, []byte{3, 0, 0x80, 0, 0x80, 0xc2, 0, 7}, eth(typeIPv4, innerTCP)), wantTCP},
		{"frame relay ppp", core.LinkFrameRelay, cat(relay, []byte{3, 0xcf}, u16(pppIPv4), innerTCP), wantTCP},
		{"frame relay of cisco", core.LinkFrameRelay, cat(relay, u16(typeIPv4), innerTCP), wantTCP},
		{"frame relay lmi", core.LinkFrameRelay, cat(relay, []byte{3, 8, 0, 0x75, 0x95, 1, 1, 0}), "not ip"},
		{"frame relay endless", core.LinkFrameRelay, make([]byte, 40), "not ip"},
		{"frame relay direction", core.LinkFrameRelayDir, cat([]byte{1}, relay, []byte{3, 0xcc}, innerTCP), wantTCP},
		{"ppp direction", core.LinkPPPDir, cat([]byte{1}, u16(0xff03), u16(pppIPv4), innerTCP), wantTCP},
		{"pppd", core.LinkPPPD, cat([]byte{1, 3}, u16(pppIPv6), inner6), want6},
		{"pppd without", core.LinkPPPD, cat([]byte{pppIPv4}, innerTCP), wantTCP},
		{"chdlc direction", core.LinkCHDLCDir, cat([]byte{0}, u16(0x0f00), u16(typeIPv4), innerTCP), wantTCP},
		{"slip", core.LinkSLIP, cat(make([]byte, 16), innerTCP), wantTCP},
		{"atm", core.LinkATM, cat([]byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(typeIPv4), innerTCP), wantTCP},
		{"atm bridged", core.LinkATM, cat([]byte{0xaa, 0xaa, 3, 0, 0x80, 0xc2, 0, 1, 0, 0}, eth(typePPPoE, cat([]byte{0x11, 0}, u16(1), u16(2+len(innerTCP)), u16(pppIPv4), innerTCP)), u32(9)), wantTCP + " +pppoe"},
		{"atm ppp", core.LinkATM, cat([]byte{0xfe, 0xfe, 3, 0xcf}, u16(pppIPv4), innerTCP), wantTCP},
		{"atm is-is", core.LinkATM, cat([]byte{0xfe, 0xfe, 3, 0x83}, make([]byte, 40)), "not ip"},
		{"clip", core.LinkCLIP, innerTCP, wantTCP},
		{"ip over fc", core.LinkIPoverFC, cat(make([]byte, 16), []byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(typeIPv6), inner6), want6},
		{"firewire", core.LinkFireWire, cat(make([]byte, 16), u16(typeIPv4), innerTCP), wantTCP},
		{"infiniband", core.LinkIPoIB, cat(u16(typeIPv4), u16(0), innerTCP), wantTCP},
		{"infiniband routed", core.LinkIPoIB, cat(make([]byte, 40), u16(typeIPv6), u16(0), inner6), want6},
		{"infiniband arp", core.LinkIPoIB, cat(u16(0x0806), make([]byte, 58)), "not ip"},
		{"ipnet", core.LinkIPNET, cat([]byte{2, 26}, make([]byte, 22), inner6), want6},
		{"enc", core.LinkEnc, cat([]byte{2, 0, 0, 0}, u32(9), u32(0), ip4(4, innerTCP)), "ipip 192.168.0.1:0>10.0.0.2:0 id 0 | " + wantTCP},
		{"mpls link", core.LinkMPLS, cat(u32(16<<12|0x100), innerTCP), wantTCP + " +mpls"},
		{"pflog", core.LinkPFLog, cat([]byte{61, 2, 1, 0}, make([]byte, 60), innerTCP), wantTCP},
		{"pflog of freebsd", core.LinkPFLog, cat([]byte{69, 28, 1, 0}, make([]byte, 68), inner6), want6},
		{"pflog of openbsd", core.LinkPFLog, cat([]byte{100, 24, 1, 0}, make([]byte, 96), inner6), want6},
		{"pflog of words of eight", core.LinkPFLog, cat([]byte{60, 2, 1, 0}, make([]byte, 60), innerTCP), wantTCP},
		{"pflog of other", core.LinkPFLog, cat([]byte{61, 2, 1, 0}, make([]byte, 60), inner6), "not ip"},
		{"tzsp link", core.LinkTZSP, cat([]byte{1, 0}, u16(1), []byte{0, 10, 1, 7, 1}, eth(typeIPv4, innerTCP)), wantTCP},
		{"tzsp prism", core.LinkTZSP, cat([]byte{1, 0}, u16(119), []byte{1}, prism(0x44, 144, 0, plain)), wantTCP},
		{"tzsp endless", core.LinkTZSP, cat([]byte{1, 0}, u16(1), make([]byte, 60)), "malformed"},
		{"tzsp ip", core.LinkTZSP, cat([]byte{1, 0}, u16(7), []byte{1}, innerTCP), wantTCP},
		{"tzsp other", core.LinkTZSP, cat([]byte{1, 0}, u16(2), []byte{1}, innerTCP), "not ip"},
		{"juniper", core.LinkJuniperEther, cat(juniper(0x81), u16(6), []byte{1, 2, 0, 9, 4, 0}, eth(typeIPv4, innerTCP)), wantTCP},
		{"juniper pppoe", core.LinkJuniperPPPoE, cat(juniper(0), eth(typeIPv4, innerTCP)), wantTCP},
		{"juniper ppp", core.LinkJuniperPPP, cat(juniper(1), u16(0xff03), u16(pppIPv4), innerTCP), wantTCP},
		{"juniper frame relay", core.LinkJuniperFrame, cat(juniper(1), relay, []byte{3, 0xcc}, innerTCP), wantTCP},
		{"juniper chdlc", core.LinkJuniperCHDLC, cat(juniper(1), u16(0x0f00), u16(typeIPv4), innerTCP), wantTCP},
		{"juniper bare", core.LinkJuniperEther, cat(juniper(0x83), u16(3), []byte{1, 1, 9}, []byte{2, 0, 0, 0}, innerTCP), wantTCP},
		{"juniper of other", core.LinkJuniperEther, eth(typeIPv4, innerTCP), "not ip"},
		{"docsis", core.LinkDOCSIS, cat([]byte{0, 0}, u16(18+len(innerTCP)), u16(0xabcd), eth(typeIPv4, innerTCP), u32(1)), wantTCP},
		{"docsis extended", core.LinkDOCSIS, cat([]byte{0x01, 6}, u16(20+len(innerTCP)), []byte{0x10, 0x44, 1, 0x00, 0x09, 0}, u16(0xabcd), eth(typeIPv4, innerTCP)), wantTCP},
		{"docsis encrypted", core.LinkDOCSIS, cat([]byte{0x01, 5}, u16(19+len(innerTCP)), []byte{0x44, 1, 0x80, 0x09, 0}, u16(0xabcd), eth(typeIPv4, innerTCP)), "not ip"},
		{"docsis message", core.LinkDOCSIS, cat([]byte{0xc2, 0}, u16(0), u16(0xabcd), make([]byte, 40)), "not ip"},
		{"brcm", core.LinkBRCM, cat(ends, u32(0x20000001), u16(typeIPv4), innerTCP), wantTCP},
		{"brcm prepend", core.LinkBRCMPrepend, cat(u32(0x20000001), eth(typeIPv4, innerTCP)), wantTCP},
		{"dsa", core.LinkDSA, cat(ends, u32(0xc0000000), u16(typeIPv4), innerTCP), wantTCP},
		{"dsa vlan", core.LinkDSA, cat(ends, u32(0x60000007), u16(typeIPv4), innerTCP), wantTCP + " vlan 7 +vlan"},
		{"edsa", core.LinkEDSA, eth(typeEDSA, cat(u16(0), u32(0x20000007), u16(typeIPv4), innerTCP)), wantTCP + " vlan 7 +vlan"},
	}
}

// aggregate is an 802.11 frame of several packets; the frames are Ethernet's
// without EtherType.
func aggregate(frames ...[]byte) []byte {
	head := cat([]byte{0x88, dot11FromDS, 0, 0}, macB, macA, macB, make([]byte, 2), []byte{amsduPresent, 0})
	for i, f := range frames {
		body := cat([]byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(typeIPv4), f[14:])
		head = cat(head, f[:12], u16(len(body)), body)
		if i < len(frames)-1 {
			head = cat(head, make([]byte, -(14+len(body))&3))
		}
	}
	return head
}

// TestAgain takes every packet out of an aggregate, also where it is what a
// tunnel carries, and none out of the frame before.
func TestAgain(t *testing.T) {
	tcp, udp := eth(0, innerTCP), eth(0, innerUDP)
	frame := aggregate(tcp, eth(0, make([]byte, 30)), udp, udp)
	tunnel := ip4(47, cat(u16(0), u16(greAruba), frame))
	d := New(2)
	for _, c := range []struct {
		link core.LinkType
		data []byte
		pre  string
	}{{core.LinkDot11, frame, ""}, {core.LinkRaw, tunnel, "gre 192.168.0.1:0>10.0.0.2:0 id 0 | "}} {
		var v View
		f := core.Frame{Data: c.data, Length: len(c.data), Link: c.link, Time: 7}
		if got := text(d.Decode(&f, &v), &v); got != c.pre+wantTCP || v.WireLen != len(c.data) {
			t.Fatal(got, v.WireLen)
		}
		for range 2 {
			if more := d.Again(&v); !more || text(OK, &v) != c.pre+wantUDP || v.WireLen != 0 || v.Time != 7 || v.SrcMAC != [6]byte(macA) {
				t.Fatal(more, text(OK, &v), v)
			}
		}
		if d.Again(&v) {
			t.Fatal("a packet too many")
		}
	}
	var v View
	d.Decode(&core.Frame{Data: frame, Length: len(frame), Link: core.LinkDot11}, &v)
	d.Decode(&core.Frame{Data: innerTCP, Length: len(innerTCP), Link: core.LinkRaw}, &v)
	if d.Again(&v) {
		t.Error("a packet of the frame before")
	}
	for n := range frame {
		d.Decode(&core.Frame{Data: frame[:n:n], Length: n, Link: core.LinkDot11}, &v)
		for i := 0; d.Again(&v); i++ {
			if check(t, nil, &v); i == 4 {
				t.Fatal("endless")
			}
		}
	}
}
