package packet

import (
	"bytes"
	"slices"
	"testing"

	"netifyd/core"
)

const (
	wantTCP = `6 172.16.0.3:40000>172.16.0.4:443 flags 18 seq 1000 ack 2000 "hello"`
	wantUDP = `17 172.16.0.3:5000>172.16.0.4:53 "hello"`
	want6   = `6 [2001:db8::1]:40000>[2001:db8::2]:443 flags 18 seq 1000 ack 2000 "hello"`
)

type sample struct {
	name string
	link core.LinkType
	data []byte
	want string
}

// links are the link layers, each around a packet that needs no tunnel.
func links() []sample {
	llc := []byte{0xaa, 0xaa, 3, 0, 0, 0}
	padding := make([]byte, 9)
	e := core.LinkEthernet
	label := func(n int, last byte) []byte { return []byte{byte(n >> 4), 0, last, 64} }
	pppoe := func(b []byte) []byte { return cat([]byte{0x11, 0}, u16(1), u16(len(b)), b) }
	return []sample{
		{"ethernet", e, eth(typeIPv4, innerTCP), wantTCP},
		{"padded", e, eth(typeIPv4, cat(innerUDP, padding)), wantUDP},
		{"padded ipv6", e, eth(typeIPv6, cat(inner6, padding)), want6},
		{"802.3 snap", e, eth(8+len(innerTCP), cat(llc, u16(typeIPv4), innerTCP)), wantTCP},
		{"802.3 ip sap", e, eth(3+len(innerTCP), cat([]byte{6, 6, 3}, innerTCP)), wantTCP},
		{"stp", e, eth(38, cat([]byte{0x42, 0x42, 3}, make([]byte, 40))), "not ip"},
		{"arp", e, eth(0x0806, make([]byte, 46)), "not ip"},
		{"vlan", e, eth(typeVLAN, cat(u16(0x6005), u16(typeIPv4), innerTCP)), wantTCP + " vlan 5 +vlan"},
		{"qinq", e, eth(typeQinQ, cat(u16(5), u16(typeVLAN), u16(6), u16(typeIPv6), inner6)), want6 + " vlan 6 +vlan"},
		{"old qinq", e, eth(typeQinQOld, cat(u16(5), u16(typeQinQOld), u16(7), u16(typeIPv4), innerTCP)), wantTCP + " vlan 7 +vlan"},
		{"priority tag", e, eth(typeQinQ, cat(u16(5), u16(typeVLAN), u16(0x2000), u16(typeIPv4), innerTCP)), wantTCP + " vlan 5 +vlan"},
		{"vlan llc", e, eth(typeVLAN, cat(u16(5), u16(60), llc, u16(typeIPv4), innerTCP)), wantTCP + " vlan 5 +vlan"},
		{"mpls", e, eth(typeMPLS, cat(label(16, 0), label(17, 1), innerTCP)), wantTCP + " +mpls"},
		{"mpls multicast", e, eth(typeMPLSMult, cat(label(16, 1), inner6)), want6 + " +mpls"},
		{"pseudowire", e, eth(typeMPLS, cat(label(16, 1), eth(typeIPv4, innerTCP))), wantTCP + " +mpls"},
		{"pseudowire word", e, eth(typeMPLS, cat(label(16, 1), u32(9), eth(typeVLAN, cat(u16(8), u16(typeIPv4), innerTCP)))), wantTCP + " vlan 8 +vlan +mpls"},
		{"pseudowire other", e, eth(typeMPLS, cat(label(16, 1), u32(9), bytes.Repeat([]byte{9}, 30))), "not ip"},
		{"mpls channel", e, eth(typeMPLS, cat(label(16, 1), u32(1<<28), innerTCP)), "not ip"},
		{"mpls endless", e, eth(typeMPLS, make([]byte, 4*(maxLabels+1))), "malformed"},
		{"pppoe", e, eth(typePPPoE, cat(pppoe(cat(u16(pppIPv4), innerUDP)), padding)), wantUDP + " +pppoe"},
		{"pppoe lcp", e, eth(typePPPoE, pppoe(cat(u16(0xc021), padding))), "not ip"},
		{"pppoe discovery", e, eth(0x8863, []byte{0x11, 9, 0, 0, 0, 0}), "not ip"},
		{"ppp", core.LinkPPP, cat(u16(0xff03), u16(pppIPv6), inner6), want6},
		{"ppp bare", core.LinkPPP, cat(u16(pppIPv4), innerTCP), wantTCP},
		{"ppp compressed", core.LinkPPPHDLC, cat(u16(0xff03), []byte{pppIPv4}, innerTCP), wantTCP},
		{"ppp mpls", core.LinkPPP, cat(u16(0xff03), u16(pppMPLS), label(16, 1), innerTCP), wantTCP + " +mpls"},
		{"ppp as chdlc", core.LinkPPP, cat(u16(0x0f00), u16(typeIPv4), innerTCP), wantTCP},
		{"pppoe link", core.LinkPPPoE, pppoe(cat(u16(pppIPv4), innerTCP)), wantTCP + " +pppoe"},
		{"chdlc", core.LinkCHDLC, cat(u16(0x0f00), u16(typeIPv4), innerTCP), wantTCP},
		{"chdlc slarp", core.LinkCHDLC, cat(u16(0x8f00), u16(0x8035), padding), "not ip"},
		{"sll", core.LinkLinuxSLL, cat(u16(4), u16(1), u16(6), macA, u16(0), u16(typeIPv4), innerTCP), wantTCP},
		{"sll vlan", core.LinkLinuxSLL, cat(u16(4), u16(1), u16(6), macA, u16(0), u16(typeVLAN), u16(3), u16(typeIPv4), innerTCP), wantTCP + " vlan 3 +vlan"},
		{"sll llc", core.LinkLinuxSLL, cat(u16(4), u16(1), u16(6), macA, u16(0), u16(4), llc, u16(typeIPv4), innerTCP), wantTCP},
		{"sll netlink", core.LinkLinuxSLL, cat(u16(4), u16(824), u16(6), macA, u16(0), u16(typeIPv4), innerTCP), "not ip"},
		{"sll2", core.LinkLinuxSLL2, cat(u16(typeIPv6), u16(0), u32(2), u16(1), []byte{0, 6}, macA, u16(0), inner6), want6},
		{"null little", core.LinkNull, cat([]byte{2, 0, 0, 0}, innerTCP), wantTCP},
		{"null big", core.LinkNull, cat([]byte{0, 0, 0, 30}, inner6), want6},
		{"null other", core.LinkNull, cat([]byte{7, 0, 0, 0}, innerTCP), "not ip"},
		{"loop", core.LinkLoop, cat(u32(24), inner6), want6},
		{"raw", core.LinkRaw, innerTCP, wantTCP},
		{"raw bsd", core.LinkRawBSD, inner6, want6},
		{"raw open", core.LinkRawOpen, innerTCP, wantTCP},
		{"raw neither", core.LinkRaw, []byte{0x70, 0}, "not ip"},
		{"ipv4", core.LinkIPv4, innerTCP, wantTCP},
		{"ipv6", core.LinkIPv6, inner6, want6},
		{"ipv6 as ipv4", core.LinkIPv4, inner6, "malformed"},
		{"ppi", core.LinkPPI, cat([]byte{0, 0, 12, 0, 1, 0, 0, 0, 9, 9, 9, 9}, eth(typeIPv4, innerTCP)), wantTCP},
		{"ppi in ppi", core.LinkPPI, []byte{0, 0, 8, 0, 192, 0, 0, 0, 0, 0, 8, 0, 1, 0, 0, 0}, "not ip"},
		{"ppi 802.11", core.LinkPPI, cat([]byte{0, 0, 8, 0, 105, 0, 0, 0}, dot11Frame(0x88, dot11ToDS, 26)), wantTCP},
		{"ppi 802.11 protected", core.LinkPPI, cat([]byte{0, 0, 8, 0, 105, 0, 0, 0}, dot11Frame(0x08, dot11Protected, 24)), "not ip"},
		{"unknown link", 195, innerTCP, "not ip"},
	}
}

// dot11Frame is an 802.11 data frame around innerTCP.
func dot11Frame(kind, flags byte, size int) []byte {
	head := cat([]byte{kind, flags, 0, 0}, macB, macA, macB, make([]byte, 20))[:size]
	return cat(head, []byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(typeIPv4), innerTCP)
}

// packets are IP and transport headers.
func packets() []sample {
	options := cat([]byte{0x46, 0}, u16(24+8+5), u16(1), u16(0), []byte{64, 17, 0, 0}, v4C, v4D, u32(0x01010100), udpOf(5000, 53, hello))
	offloaded := bytes.Clone(innerTCP)
	offloaded[2], offloaded[3] = 0, 0
	offloaded6 := bytes.Clone(inner6)
	offloaded6[4], offloaded6[5] = 0, 0
	beyond := bytes.Clone(innerTCP)
	beyond[3] += 10
	badOffset := inner(6, tcpOf(1, 2, nil))
	badOffset[20+12] = 0x40
	farOffset := inner(6, tcpOf(1, 2, nil))
	farOffset[20+12] = 0xf0
	udpZero := udpOf(5000, 53, hello)
	udpZero[5] = 0
	udpShort := udpOf(5000, 53, hello)
	udpShort[5] = 7
	udpTrailer := inner(17, cat(udpOf(5000, 53, hello), []byte("trailer")))
	chain := func(next byte, b []byte) []byte {
		return ip6(nextHopByHop, cat([]byte{nextRouting, 0}, make([]byte, 6), []byte{nextOptions, 1}, make([]byte, 14),
			[]byte{nextFragment, 0}, make([]byte, 6), []byte{next, 0, 0, 0}, u32(9), b))
	}
	r := core.LinkRaw
	return []sample{
		{"ipv4 options", r, options, wantUDP},
		{"ipv4 offload", r, offloaded, wantTCP},
		{"ipv6 offload", r, offloaded6, want6},
		{"ipv4 beyond", r, beyond, `6 172.16.0.3:40000>172.16.0.4:443 flags 18 seq 1000 ack 2000 "hello" of 15`},
		{"ipv4 header", r, []byte{0x44, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}, "malformed"},
		{"ipv4 total", r, cat([]byte{0x45, 0, 0, 19}, innerTCP[4:]), "malformed"},
		{"tcp offset", r, badOffset, "malformed"},
		{"tcp far offset", r, farOffset, "malformed"},
		{"udp zero length", r, inner(17, udpZero), wantUDP},
		{"udp short length", r, inner(17, udpShort), "malformed"},
		{"udp trailer", r, udpTrailer, wantUDP},
		{"icmp", r, inner(1, []byte{8, 0, 1, 2, 3, 4, 5, 6}), `1 172.16.0.3:0>172.16.0.4:0 "\b\x00\x01\x02\x03\x04\x05\x06"`},
		{"esp", r, inner(50, hello), `50 172.16.0.3:0>172.16.0.4:0 "hello"`},
		{"ah", r, ip6(51, hello), `51 [2001:db8::1]:0>[2001:db8::2]:0 "hello"`},
		{"sctp", r, inner(132, cat(u16(5), u16(6), u32(1), u32(2), hello)), `132 172.16.0.3:5>172.16.0.4:6 "hello"`},
		{"udp-lite", r, inner(136, cat(u16(5), u16(6), u32(0), hello)), `136 172.16.0.3:5>172.16.0.4:6 "hello"`},
		{"dccp", r, inner(33, cat(u16(5), u16(6), []byte{4, 0}, u16(0), make([]byte, 8), hello)), `33 172.16.0.3:5>172.16.0.4:6 "hello"`},
		{"extensions", r, chain(17, udpOf(5000, 53, hello)), `17 [2001:db8::1]:5000>[2001:db8::2]:53 "hello"`},
		{"no next", r, chain(nextNone, nil), `59 [2001:db8::1]:0>[2001:db8::2]:0 ""`},
		{"extension beyond", r, ip6(nextHopByHop, []byte{6, 9, 0, 0, 0, 0, 0, 0}), "malformed"},
		{"extensions endless", r, ip6(nextOptions, bytes.Repeat([]byte{nextOptions, 0, 0, 0, 0, 0, 0, 0}, maxExtensions+1)), "malformed"},
	}
}

func TestDecode(t *testing.T) {
	for _, s := range all() {
		if got := decode(s.link, s.data); got != s.want {
			t.Errorf("%s:\n got %s\nwant %s", s.name, got, s.want)
		}
	}
}

func all() []sample {
	return slices.Concat(links(), packets(), tunnels(), tags(), foreignLinks())
}

// TestFields checks what the table does not show.
func TestFields(t *testing.T) {
	data := eth(typeIPv4, cat(innerTCP, make([]byte, 30)))
	f := core.Frame{Data: data, Time: 99, Length: len(data) + 4, Link: core.LinkEthernet, VLAN: 0x2007, HasVLAN: true}
	v := View{Tunnel: Tunnel{Type: TunnelGRE}, Protocol: 3, Seq: 1, Version: 6, Src: [16]byte{15: 1}, Seen: SeenMPLS}
	if verdict := New(0).Decode(&f, &v); verdict != OK {
		t.Fatal(verdict)
	}
	want := View{
		Time: 99, WireLen: len(data) + 4, IPLen: len(innerTCP), Payload: v.Payload, PayLen: 5,
		SrcMAC: [6]byte(macA), DstMAC: [6]byte(macB), VLAN: 7, Seen: SeenEthernet | SeenVLAN,
		Version: 4, Protocol: 6, TCPFlags: PSH | ACK, Src: [16]byte(cat(v4C, make([]byte, 12))), Dst: [16]byte(cat(v4D, make([]byte, 12))),
		SrcPort: 40000, DstPort: 443, Seq: 1000, Ack: 2000,
	}
	got, expected := v, want
	got.Payload, expected.Payload = nil, nil
	if string(v.Payload) != "hello" || !sameView(got, expected) {
		t.Errorf("got %+v\nwant %+v", v, want)
	}
}

func sameView(a, b View) bool {
	same := bytes.Equal(a.Payload, b.Payload)
	a.Payload, b.Payload = nil, nil
	return same && text(OK, &a) == text(OK, &b) && a.Time == b.Time && a.WireLen == b.WireLen && a.IPLen == b.IPLen &&
		a.SrcMAC == b.SrcMAC && a.DstMAC == b.DstMAC && a.Seen == b.Seen && a.Version == b.Version &&
		a.Src == b.Src && a.Dst == b.Dst && a.Seq == b.Seq && a.Ack == b.Ack && a.Tunnel == b.Tunnel
}

// TestEveryPrefix cuts every sample everywhere, as a snap length does and as a
// short frame: a view then is either of the same packet or of its carrier.
func TestEveryPrefix(t *testing.T) {
	d := New(2)
	for _, s := range all() {
		var whole View
		full := d.Decode(&core.Frame{Data: s.data, Length: len(s.data), Link: s.link}, &whole)
		for n := range s.data {
			for _, length := range []int{len(s.data), n} {
				var v View
				b := s.data[:n:n]
				verdict := d.Decode(&core.Frame{Data: b, Length: length, Link: s.link}, &v)
				if verdict != OK {
					continue
				}
				check(t, b, &v)
				carrier := v.Protocol == protoIPv4 || v.Protocol == protoIPv6 || v.Protocol == protoGRE
				if full == OK && !carrier && v.Tunnel.Type == whole.Tunnel.Type && (v.Src != whole.Src || v.Dst != whole.Dst ||
					v.SrcPort != whole.SrcPort || v.DstPort != whole.DstPort || v.Protocol != whole.Protocol) {
					t.Errorf("%s cut at %d: %s", s.name, n, text(verdict, &v))
				}
			}
		}
	}
}

// check holds what is true of every view.
func check(t testing.TB, frame []byte, v *View) {
	t.Helper()
	switch {
	case v.PayLen < len(v.Payload), v.PayLen > v.IPLen, v.WireLen < len(frame), v.IPLen <= 0:
		t.Errorf("lengths of %+v", *v)
	case v.Version != 4 && v.Version != 6:
		t.Errorf("version of %+v", *v)
	case v.Version == 4 && (v.Src[4] != 0 || v.Dst[15] != 0):
		t.Errorf("addresses of %+v", *v)
	case v.Tunnel.Type != TunnelNone && v.Tunnel.Version != 4 && v.Tunnel.Version != 6:
		t.Errorf("tunnel of %+v", *v)
	case v.Tunnel.Type == TunnelNone && v.Tunnel != (Tunnel{}):
		t.Errorf("no tunnel, but %+v", v.Tunnel)
	}
}

func TestNoAllocation(t *testing.T) {
	d, samples := New(4), all()
	var v View
	if n := testing.AllocsPerRun(100, func() {
		for i := range samples {
			d.Decode(&core.Frame{Data: samples[i].data, Length: len(samples[i].data), Link: samples[i].link}, &v)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range all() {
		f.Add(uint16(s.link), s.data, 0)
	}
	for _, s := range fragmented(3, 16) {
		f.Add(uint16(core.LinkRaw), s, 9)
	}
	d := New(2)
	f.Fuzz(func(t *testing.T, link uint16, data []byte, more int) {
		var v View
		frame := core.Frame{Data: data, Length: len(data) + more&0xff, Link: core.LinkType(link)}
		for range 2 {
			if d.Decode(&frame, &v) == OK {
				check(t, data, &v)
			}
			for d.Again(&v) {
				v.WireLen = len(data)
				check(t, data, &v)
			}
			frame.Time += 20e9
		}
		for d.Expire(frame.Time, &v) {
			check(t, nil, &v)
		}
	})
}

func benchmark(b *testing.B, link core.LinkType, data []byte) {
	d := New(16)
	f := core.Frame{Data: data, Length: len(data), Link: link}
	var v View
	b.ReportAllocs()
	for b.Loop() {
		if d.Decode(&f, &v) != OK {
			b.Fatal("not decoded")
		}
	}
}

func BenchmarkTCP4(b *testing.B)  { benchmark(b, core.LinkEthernet, eth(typeIPv4, innerTCP)) }
func BenchmarkUDP4(b *testing.B)  { benchmark(b, core.LinkEthernet, eth(typeIPv4, innerUDP)) }
func BenchmarkTCP6(b *testing.B)  { benchmark(b, core.LinkEthernet, eth(typeIPv6, inner6)) }
func BenchmarkVXLAN(b *testing.B) { benchmark(b, core.LinkEthernet, eth(typeIPv4, vxlanSample())) }
