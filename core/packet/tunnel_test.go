package packet

import (
	"bytes"
	"net/netip"
	"testing"

	"netifyd/core"
)

func vxlanSample() []byte {
	return ip4(17, udpOf(1111, 4789, cat(u32(0x08000000), u32(77<<8), eth(typeIPv4, innerTCP))))
}

func tunnels() []sample {
	var list []sample
	for _, part := range [][]sample{ipTunnels(), greTunnels(), gtpTunnels(), udpTunnels(), capwapTunnels(),
		ethernetTunnels(), moreUDPTunnels(), moreGRETunnels(), ahTunnels(), l2tp3Tunnels()} {
		list = append(list, part...)
	}
	return list
}

// carrierOf is the view of a UDP datagram that carries nothing.
func carrierOf(ports string, b []byte) string {
	d := decode(core.LinkRaw, ip4(17, udpOf(1, 2, b)))
	return "17 192.168.0.1:" + ports + d[len("17 192.168.0.1:1>10.0.0.2:2"):]
}

func ipTunnels() []sample {
	r := core.LinkRaw
	const outer = "192.168.0.1:0>10.0.0.2:0"
	deep := innerTCP
	for range maxNesting - 1 {
		deep = ip4(4, deep)
	}
	deeper := ip4(4, deep)
	short := bytes.Clone(innerTCP)
	short[3]++
	return []sample{
		{"ipip", r, ip4(4, innerTCP), "ipip " + outer + " id 0 | " + wantTCP},
		{"6in4", r, ip4(41, inner6), "6in4 " + outer + " id 0 | " + want6},
		{"4in6", r, ip6(4, innerUDP), "ipip [2001:db8::1]:0>[2001:db8::2]:0 id 0 | " + wantUDP},
		{"6in6", r, ip6(41, inner6), "ipip [2001:db8::1]:0>[2001:db8::2]:0 id 0 | " + want6},
		{"ipip in 6in4", r, ip4(41, ip6(4, innerTCP)), "6in4 " + outer + " id 0 | " + wantTCP},
		{"ipip inner longer", r, ip4(4, short), "4 " + decode(r, ip4(94, short))[3:]},
		{"ipip deep", r, deep, "ipip " + outer + " id 0 | " + wantTCP},
		{"ipip too deep", r, deeper, "ipip " + outer + " id 0 | 4 " + decode(r, ip4(94, innerTCP))[3:]},
		{"6in4 of other", r, ip4(41, hello), `41 192.168.0.1:0>10.0.0.2:0 "hello"`},
	}
}

func greTunnels() []sample {
	r := core.LinkRaw
	gre := func(flags, t int, parts ...[]byte) []byte { return ip4(47, cat(u16(flags), u16(t), cat(parts...))) }
	outer := "gre 192.168.0.1:0>10.0.0.2:0 id "
	mirrored := "erspan 192.168.0.1:0>10.0.0.2:0 id "
	carrier := func(b []byte) string { return "47 " + decode(r, ip4from(v4A, v4B, 99, 7, 0, b[20:]))[3:] }
	routed := gre(0x4000, typeIPv4, u32(0), innerTCP)
	keepalive := gre(0, 0)
	ack := gre(0x2081, typePPP, u16(0), u16(9), u32(5))
	encrypted := gre(0x3001, typePPP, u16(6), u16(9), u32(1), u16(0x00fd), hello[:4])
	return []sample{
		{"gre", r, gre(0, typeIPv4, innerTCP), outer + "0 | " + wantTCP},
		{"gre ipv6", r, gre(0, typeIPv6, inner6), outer + "0 | " + want6},
		{"gre all fields", r, gre(0xb000, typeIPv4, u32(0), u32(55), u32(3), innerTCP), outer + "55 | " + wantTCP},
		{"gre teb", r, gre(0x2000, typeTEB, u32(8), eth(typeVLAN, cat(u16(4), u16(typeIPv4), innerTCP))), outer + "8 | " + wantTCP + " vlan 4 +vlan"},
		{"gre mpls", r, gre(0, typeMPLS, u32(0x101), innerTCP), outer + "0 | " + wantTCP + " +mpls"},
		{"erspan 1", r, gre(0, greERSPAN2, eth(typeIPv4, innerTCP)), mirrored + "0 | " + wantTCP},
		{"erspan 2", r, gre(0x1000, greERSPAN2, u32(1), []byte{0x10}, make([]byte, 7), eth(typeIPv4, innerTCP)), mirrored + "0 | " + wantTCP},
		{"erspan 3", r, gre(0x1000, greERSPAN3, u32(1), []byte{0x20}, make([]byte, 11), eth(typeIPv4, innerTCP)), mirrored + "0 | " + wantTCP},
		{"erspan 3 subheader", r, gre(0x1000, greERSPAN3, u32(1), []byte{0x20}, make([]byte, 10), []byte{1}, make([]byte, 8), eth(typeIPv4, innerTCP)), mirrored + "0 | " + wantTCP},
		{"wccp 1", r, gre(0, greWCCP, innerTCP), outer + "0 | " + wantTCP},
		{"wccp 2", r, gre(0, greWCCP, u32(0), innerTCP), outer + "0 | " + wantTCP},
		{"pptp", r, gre(0x3081, typePPP, u16(4+len(innerTCP)), u16(9), u32(1), u32(2), u16(0xff03), u16(pppIPv4), innerTCP), outer + "9 | " + wantTCP},
		{"pptp compressed", r, gre(0x3001, typePPP, u16(1+len(inner6)), u16(9), u32(1), []byte{pppIPv6}, inner6), outer + "9 | " + want6},
		{"pptp encrypted", r, encrypted, carrier(encrypted)},
		{"pptp ack", r, ack, carrier(ack)},
		{"gre routing", r, routed, carrier(routed)},
		{"gre keepalive", r, keepalive, carrier(keepalive)},
		{"gre in gre", r, gre(0x2000, typeIPv4, u32(1), inner(47, cat(u32(typeIPv4), innerTCP))), outer + "1 | " + wantTCP},
	}
}

func gtpTunnels() []sample {
	r := core.LinkRaw
	gtp := func(flags, kind byte, b []byte) []byte { return cat([]byte{flags, kind}, u16(len(b)), u32(66), b) }
	over := func(b []byte) []byte { return ip4(17, udpOf(2152, 2152, b)) }
	outer := "gtp 192.168.0.1:2152>10.0.0.2:2152 id 66 | "
	echo := gtp(0x32, 1, make([]byte, 4))
	wrong := gtp(0x30, gtpPacket, innerTCP)
	wrong[3]++
	random := gtp(0x30, gtpPacket, bytes.Repeat([]byte{0x45}, 60))
	endless := gtp(0x34, gtpPacket, cat(make([]byte, 3), bytes.Repeat([]byte{0x85, 1, 0, 0}, 12)))
	prime := gtp(0x20, gtpPacket, innerTCP)
	return []sample{
		{"gtp", r, over(gtp(0x30, gtpPacket, innerTCP)), outer + wantTCP},
		{"gtp ipv6", r, over(gtp(0x30, gtpPacket, inner6)), outer + want6},
		{"gtp sequence", r, over(gtp(0x32, gtpPacket, cat(u32(0x01020000), innerTCP))), outer + wantTCP},
		{"gtp extensions", r, over(gtp(0x34, gtpPacket, cat(u32(0x85), u32(0x010000c0), u32(0x02000000), u32(0), innerTCP))), outer + wantTCP},
		{"gtp echo", r, over(echo), carrierOf("2152>10.0.0.2:2152", echo)},
		{"gtp wrong length", r, over(wrong), carrierOf("2152>10.0.0.2:2152", wrong)},
		{"gtp of noise", r, over(random), carrierOf("2152>10.0.0.2:2152", random)},
		{"gtp endless", r, over(endless), carrierOf("2152>10.0.0.2:2152", endless)},
		{"gtp prime", r, over(prime), carrierOf("2152>10.0.0.2:2152", prime)},
	}
}

func udpTunnels() []sample {
	r := core.LinkRaw
	over := func(src, dst int, b []byte) []byte { return ip4(17, udpOf(src, dst, b)) }
	vx := func(flags uint32, b []byte) []byte { return cat(u32(flags), u32(77<<8), b) }
	arp := vx(0x08000000, eth(0x0806, make([]byte, 46)))
	reserved := vx(0x08000001, eth(typeIPv4, innerTCP))
	frame := eth(typeIPv4, innerTCP)
	ppp := cat(u16(0xff03), u16(pppIPv4), innerTCP)
	control := cat(u16(0xc802), u16(12), u32(1), u32(0))
	lcp := cat(u16(0x0002), u16(3), u16(4), u16(0xff03), u16(0xc021), hello)
	version3 := cat(u16(3), u16(3), u16(4), ppp)
	teredoIP := cat([]byte{0x60, 0, 0, 0}, u16(29), []byte{6, 64}, netip.MustParseAddr("2001:0:102:304::1").AsSlice(), v6B, tcpOf(40000, 443, hello))
	origin := cat(u16(0), u16(1), u32(2))
	auth := cat(u16(1), []byte{2, 3}, make([]byte, 5+9))
	bubble := cat(origin, ip6(nextNone, nil))
	solicit := cat(auth, ip6(protoICMPv6, []byte{routerSolicit, 0, 0, 0, 0, 0, 0, 0}))
	want := `6 [2001:0:102:304::1]:40000>[2001:db8::2]:443 flags 18 seq 1000 ack 2000 "hello"`
	return []sample{
		{"vxlan", r, vxlanSample(), "vxlan 192.168.0.1:1111>10.0.0.2:4789 id 77 | " + wantTCP},
		{"vxlan policy", r, over(5, 8472, vx(0x88000009, frame)), "vxlan 192.168.0.1:5>10.0.0.2:8472 id 77 | " + wantTCP},
		{"vxlan arp", r, over(5, 4789, arp), carrierOf("5>10.0.0.2:4789", arp)},
		{"vxlan reserved", r, over(5, 4789, reserved), carrierOf("5>10.0.0.2:4789", reserved)},
		{"vxlan source port", r, over(4789, 5, vx(0x08000000, frame)), carrierOf("4789>10.0.0.2:5", vx(0x08000000, frame))},
		{"l2tp", r, over(1701, 1701, cat(u16(2), u16(3), u16(4), ppp)), "l2tp 192.168.0.1:1701>10.0.0.2:1701 id 4 | " + wantTCP},
		{"l2tp all fields", r, over(5, 1701, cat(u16(0x4a02), u16(16+len(ppp)), u16(3), u16(4), u32(0), u16(2), u16(0), ppp, hello)), "l2tp 192.168.0.1:5>10.0.0.2:1701 id 4 | " + wantTCP},
		{"l2tp control", r, over(5, 1701, control), carrierOf("5>10.0.0.2:1701", control)},
		{"l2tp lcp", r, over(5, 1701, lcp), carrierOf("5>10.0.0.2:1701", lcp)},
		{"l2tp version 3", r, over(5, 1701, version3), carrierOf("5>10.0.0.2:1701", version3)},
		{"teredo", r, over(5, 3544, teredoIP), "teredo 192.168.0.1:5>10.0.0.2:3544 id 0 | " + want},
		{"teredo headers", r, over(3544, 5, cat(auth, origin, teredoIP)), "teredo 192.168.0.1:3544>10.0.0.2:5 id 0 | " + want},
		{"teredo bubble", r, over(3544, 5, bubble), carrierOf("3544>10.0.0.2:5", bubble)},
		{"teredo solicitation", r, over(5, 3544, solicit), carrierOf("5>10.0.0.2:3544", solicit)},
		{"teredo of ipv4", r, over(5, 3544, innerTCP), carrierOf("5>10.0.0.2:3544", innerTCP)},
	}
}

func capwapTunnels() []sample {
	r := core.LinkRaw
	over := func(b []byte) []byte { return ip4(17, udpOf(5, 5247, b)) }
	head := func(flags uint32) []byte { return cat(u32(2<<capwapHLEN|bindingDot11<<capwapWBID|flags), u32(0)) }
	outer := "capwap 192.168.0.1:5>10.0.0.2:5247 id 0 | "
	swapped := dot11Frame(0x08, dot11FromDS, 24)
	swapped[0], swapped[1] = swapped[1], swapped[0]
	keep := cat(head(capwapKeep), hello)
	dtls := cat(u32(1<<24), hello)
	piece := cat(head(capwapFragment|capwapNative), dot11Frame(0x08, dot11FromDS, 24))
	radio := cat(u32(4<<capwapHLEN|bindingDot11<<capwapWBID|0x10|capwapNative), u32(0), []byte{6}, macA, []byte{0})
	return []sample{
		{"capwap 802.3", r, over(cat(head(0), eth(typeIPv4, innerTCP))), outer + wantTCP},
		{"capwap 802.11", r, over(cat(head(capwapNative), dot11Frame(0x08, dot11FromDS, 24))), outer + wantTCP},
		{"capwap radio", r, over(cat(radio, dot11Frame(0x88, dot11ToDS|dot11FromDS, 32))), outer + wantTCP},
		{"capwap swapped", r, over(cat(head(capwapNative), swapped)), outer + wantTCP},
		{"capwap keep-alive", r, over(keep), carrierOf("5>10.0.0.2:5247", keep)},
		{"capwap dtls", r, over(dtls), carrierOf("5>10.0.0.2:5247", dtls)},
		{"capwap fragment", r, over(piece), carrierOf("5>10.0.0.2:5247", piece)},
	}
}

// TestTunnelPorts holds that noise on a tunnel's port is the carrier's.
func TestTunnelPorts(t *testing.T) {
	noise := uint32(1)
	var v View
	d := New(1)
	for _, port := range []int{portL2TP, portGTP, portTeredo, portVXLAN, portVXLAN2, portCAPWAP,
		portGREUDP, portVXLANGPE, portAYIYA, portGENEVE, portMPLS, 40000} {
		for range 100000 {
			b := make([]byte, 0, 96)
			for len(b) < 64 {
				noise = noise*1664525 + 1013904223
				b = append(b, byte(noise>>24))
			}
			data := ip4(17, udpOf(9, port, b))
			f := core.Frame{Data: data, Length: len(data), Link: core.LinkRaw}
			if verdict := d.Decode(&f, &v); verdict != OK || v.Tunnel.Type != TunnelNone {
				t.Fatalf("port %d, % x: %s", port, b, text(verdict, &v))
			}
		}
	}
}
