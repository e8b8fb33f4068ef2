package packet

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"netifyd/core"
)

// nest is what was built so far, from the inside out.
type nest struct {
	t      uint16 // EtherType of b; typeTEB: a frame
	b      []byte
	what   string // the innermost packet, as text says it
	outer  string // the carrier around all of it; empty: none
	vlan   int    // of the innermost tag
	seen   [3]bool
	ip     int // IP headers
	layers int // as the decoder counts them, with what its guesses may take
	path   []string
}

func (n *nest) text() string {
	s := n.outer + n.what
	if n.vlan != 0 {
		s += fmt.Sprintf(" vlan %d", n.vlan)
	}
	for i, name := range []string{"vlan", "mpls", "pppoe"} {
		if n.seen[i] {
			s += " +" + name
		}
	}
	return s
}

// wrap puts a header around a nest; it gives false where the header cannot hold it.
type wrap struct {
	name string
	put  func(n *nest, r *rand.Rand) bool
}

// onto says that b, of EtherType t, is now what is to be carried.
func (n *nest) onto(t int, parts ...[]byte) bool {
	n.t, n.b = uint16(t), cat(parts...)
	n.layers++
	return true
}

func (n *nest) isIP() bool { return n.t == typeIPv4 || n.t == typeIPv6 }

// pppOf is the nest as a PPP frame, with or without what may be left out.
func (n *nest) pppOf(r *rand.Rand) []byte {
	id := byte(pppIPv4)
	if n.t == typeIPv6 {
		id = pppIPv6
	}
	head := [][]byte{{0xff, 3, 0, id}, {0xff, 3, id}, {0, id}, {id}}
	return cat(head[r.IntN(4)], n.b)
}

// tag are headers between EtherType and packet.
var tagWraps = []wrap{
	{"frame", func(n *nest, r *rand.Rand) bool { return n.onto(typeTEB, eth(int(n.t), n.b)) }},
	{"vlan", func(n *nest, r *rand.Rand) bool {
		id, types := 1+r.IntN(4000), []int{typeVLAN, typeQinQ, typeQinQOld, typeQinQOld2}
		if n.seen[0] = true; n.vlan == 0 {
			n.vlan = id
		}
		return n.onto(types[r.IntN(4)], u16(id|r.IntN(8)<<13), u16(int(n.t)), n.b)
	}},
	{"mpls", func(n *nest, r *rand.Rand) bool {
		var stack []byte
		for i := range 1 + r.IntN(4) {
			last := uint32(0)
			if i == 0 {
				last = bottom
			}
			stack = cat(u32(uint32(16+r.IntN(1<<19))<<12|last|uint32(r.IntN(255)+1)), stack)
		}
		switch {
		case n.t == typeTEB && r.IntN(2) == 0:
			stack = cat(stack, u32(uint32(r.IntN(1<<16))))
		case !n.isIP() && n.t != typeTEB:
			return false
		}
		n.seen[1] = true
		n.layers += 4
		return n.onto(typeMPLS+r.IntN(2), stack, n.b)
	}},
	{"pppoe", func(n *nest, r *rand.Rand) bool {
		if !n.isIP() {
			return false
		}
		n.seen[2] = true
		b := n.pppOf(r)
		return n.onto(typePPPoE, []byte{0x11, 0}, u16(r.IntN(1<<16)), u16(len(b)), b, make([]byte, r.IntN(9)))
	}},
	{"nsh", func(n *nest, r *rand.Rand) bool {
		next := map[uint16]byte{typeIPv4: 1, typeIPv6: 2, typeTEB: 3, typeNSH: 4, typeMPLS: 5}[n.t]
		if next == 0 {
			return false
		}
		words, kind := 6, byte(1)
		if r.IntN(2) == 0 {
			words, kind = 2+r.IntN(20), 2
		}
		return n.onto(typeNSH, []byte{byte(r.IntN(2) << 5), byte(0xc0 | words), kind, next}, make([]byte, words*4-4), n.b)
	}},
	{"metadata", func(n *nest, r *rand.Rand) bool {
		options := r.IntN(4)
		return n.onto(typeMetadata, []byte{1, byte(options)}, make([]byte, options*optionLen), u16(int(n.t)), n.b)
	}},
	{"macsec", func(n *nest, r *rand.Rand) bool {
		control, channel, short := byte(r.IntN(4)), make([]byte, 0), 2+len(n.b)
		if r.IntN(2) == 0 {
			control, channel = control|macsecHasSCI, make([]byte, 8)
		}
		if short > 47 {
			short = 0
		}
		return n.onto(typeMACsec, []byte{control, byte(short)}, u32(7), channel, u16(int(n.t)), n.b, make([]byte, macsecICV))
	}},
	{"backbone", func(n *nest, r *rand.Rand) bool {
		return n.t == typeTEB && n.onto(typePBB, u32(r.Uint32()), n.b)
	}},
	{"trill", func(n *nest, r *rand.Rand) bool {
		units := r.IntN(32)
		return n.t == typeTEB && n.onto(typeTRILL, u16(units<<6|r.IntN(64)), u32(r.Uint32()), make([]byte, units*4), n.b)
	}},
	{"fabricpath", func(n *nest, r *rand.Rand) bool { return n.t == typeTEB && n.onto(typeFabric, u16(r.IntN(1<<16)), n.b) }},
	{"vn-tag", func(n *nest, r *rand.Rand) bool { return n.onto(typeVNTag, u32(r.Uint32()), u16(int(n.t)), n.b) }},
	{"e-tag", func(n *nest, r *rand.Rand) bool { return n.onto(typeETag, u32(r.Uint32()), u16(3), u16(int(n.t)), n.b) }},
	{"hsr", func(n *nest, r *rand.Rand) bool { return n.onto(typeHSR, u32(r.Uint32()), u16(int(n.t)), n.b) }},
	{"edsa", func(n *nest, r *rand.Rand) bool { return n.onto(typeEDSA, u16(0), u32(0xc0000000), u16(int(n.t)), n.b) }},
	{"batman", func(n *nest, r *rand.Rand) bool {
		return n.t == typeTEB && n.onto(typeBatman, []byte{batmanUnicast, 15, 50, 1}, macB, n.b)
	}},
}

// carry puts b into an IP packet of protocol, and says what text will say of it.
func (n *nest) carry(r *rand.Rand, kind TunnelType, id uint32, protocol int, src, dst int, b []byte) bool {
	six := r.IntN(3) == 0
	from, to := "192.168.0.1", "10.0.0.2"
	if six {
		from, to = "[2001:db8::1]", "[2001:db8::2]"
	}
	if kind == Tunnel6in4 && six {
		kind = TunnelIPIP
	}
	n.outer = fmt.Sprintf("%s %s:%d>%s:%d id %d | ", kind, from, src, to, dst, id)
	if protocol == protoUDP {
		b = udpOf(src, dst, b)
	}
	n.ip++
	if !six {
		n.t, n.b = typeIPv4, ip4(protocol, b)
		return true
	}
	if r.IntN(2) == 0 { // RFC 2473, section 5.1, puts a limit there
		b, protocol = cat([]byte{byte(protocol), 0, 4, 1, 4, 1, 0, 0}, b), nextOptions
	}
	n.t, n.b = typeIPv6, ip6(protocol, b)
	return true
}

func over(name string, fits func(n *nest) bool, put func(n *nest, r *rand.Rand) bool) wrap {
	return wrap{name, func(n *nest, r *rand.Rand) bool {
		if !fits(n) {
			return false
		}
		n.layers += 2
		return put(n, r)
	}}
}

func ofIP(n *nest) bool    { return n.isIP() }
func ofFrame(n *nest) bool { return n.t == typeTEB }
func ofAll(*nest) bool     { return true }

// greOf is a GRE header with each optional field or without.
func greOf(n *nest, r *rand.Rand) (head []byte, id uint32) {
	flags := []int{0, greChecksum, greKey, greSequence, greChecksum | greKey, greKey | greSequence, greChecksum | greKey | greSequence}[r.IntN(7)]
	head = cat(u16(flags), u16(int(n.t)))
	if flags&greChecksum != 0 {
		head = cat(head, u32(r.Uint32()&0xffff0000))
	}
	if flags&greKey != 0 {
		id = r.Uint32()
		head = cat(head, u32(id))
	}
	if flags&greSequence != 0 {
		head = cat(head, u32(r.Uint32()))
	}
	return head, id
}

var carrierWraps = []wrap{
	over("ipip", ofIP, func(n *nest, r *rand.Rand) bool {
		if n.t == typeIPv6 {
			return n.carry(r, Tunnel6in4, 0, protoIPv6, 0, 0, n.b)
		}
		return n.carry(r, TunnelIPIP, 0, protoIPv4, 0, 0, n.b)
	}),
	over("gre", ofAll, func(n *nest, r *rand.Rand) bool {
		head, id := greOf(n, r)
		return n.carry(r, TunnelGRE, id, protoGRE, 0, 0, cat(head, n.b))
	}),
	over("gre in udp", ofAll, func(n *nest, r *rand.Rand) bool {
		head, id := greOf(n, r)
		return n.carry(r, TunnelGRE, id, protoUDP, 50000, portGREUDP, cat(head, n.b))
	}),
	over("pptp", ofIP, func(n *nest, r *rand.Rand) bool {
		ppp, call := n.pppOf(r), r.IntN(1<<16)
		flags, ack := 0x3001, []byte{}
		if r.IntN(2) == 0 {
			flags, ack = 0x3081, u32(8)
		}
		return n.carry(r, TunnelGRE, uint32(call), protoGRE, 0, 0, cat(u16(flags), u16(typePPP), u16(len(ppp)), u16(call), u32(7), ack, ppp))
	}),
	over("eoip", ofFrame, func(n *nest, r *rand.Rand) bool {
		return n.carry(r, TunnelGRE, 9, protoGRE, 0, 0, cat(u16(eoipFlags), u16(greEoIP), u16(len(n.b)), []byte{9, 0}, n.b))
	}),
	over("wccp", func(n *nest) bool { return n.t == typeIPv4 }, func(n *nest, r *rand.Rand) bool {
		return n.carry(r, TunnelGRE, 0, protoGRE, 0, 0, cat(u16(0), u16(greWCCP), make([]byte, 4*r.IntN(2)), n.b))
	}),
	over("aruba", ofIP, func(n *nest, r *rand.Rand) bool {
		return n.carry(r, TunnelGRE, 0, protoGRE, 0, 0, cat(u16(0), u16(greAruba+r.IntN(0x200)), dot11Of(n, r)))
	}),
	over("erspan 1", ofFrame, func(n *nest, r *rand.Rand) bool {
		return n.carry(r, TunnelERSPAN, 0, protoGRE, 0, 0, cat(u16(0), u16(greERSPAN2), n.b))
	}),
	over("erspan 2", ofFrame, func(n *nest, r *rand.Rand) bool {
		id := r.IntN(1024)
		return n.carry(r, TunnelERSPAN, uint32(id), protoGRE, 0, 0, cat(u16(greSequence), u16(greERSPAN2), u32(1), u16(0x1064), u16(r.IntN(64)<<10|id), u32(9), n.b))
	}),
	over("erspan 3", ofFrame, func(n *nest, r *rand.Rand) bool {
		id, sub := r.IntN(1024), r.IntN(2)
		return n.carry(r, TunnelERSPAN, uint32(id), protoGRE, 0, 0, cat(u16(greSequence), u16(greERSPAN3), u32(1), u16(0x2064), u16(id), u32(9), u16(0), u16(r.IntN(2)<<15|r.IntN(64)<<4|sub), make([]byte, 8*sub), n.b))
	}),
	over("mpls in ip", func(n *nest) bool { return n.t == typeMPLS }, func(n *nest, r *rand.Rand) bool {
		if r.IntN(2) == 0 {
			return n.carry(r, TunnelMPLS, 0, protoMPLS, 0, 0, n.b)
		}
		return n.carry(r, TunnelMPLS, 0, protoUDP, 50000, portMPLS, n.b)
	}),
	over("etherip", ofFrame, func(n *nest, r *rand.Rand) bool {
		return n.carry(r, TunnelEtherIP, 0, protoEtherIP, 0, 0, cat(u16(etherIPHead), n.b))
	}),
	over("l2tpv3", ofFrame, func(n *nest, r *rand.Rand) bool {
		n.layers += 4
		id, front := 1+r.Uint32N(1<<31), l2tp3Fronts[r.IntN(4)]
		if r.IntN(2) == 0 {
			return n.carry(r, TunnelL2TP, id, protoL2TP, 0, 0, cat(u32(id), make([]byte, front), n.b))
		}
		return n.carry(r, TunnelL2TP, id, protoUDP, portL2TP, portL2TP, cat(u32(l2tp3Data<<16), u32(id), make([]byte, front), n.b))
	}),
	over("l2tp", ofIP, func(n *nest, r *rand.Rand) bool {
		id, ppp := r.IntN(1<<16), n.pppOf(r)
		flags := r.IntN(8)
		head := cat(u16(3), u16(id))
		bits := 2
		if flags&1 != 0 {
			bits, head = bits|l2tpSequence, cat(head, u32(7))
		}
		if flags&2 != 0 {
			pad := r.IntN(20)
			bits, head = bits|l2tpOffset, cat(head, u16(pad), make([]byte, pad))
		}
		if flags&4 != 0 {
			bits, head = bits|l2tpLength, cat(u16(4+len(head)+len(ppp)), head)
		}
		return n.carry(r, TunnelL2TP, uint32(id), protoUDP, 50000, portL2TP, cat(u16(bits), head, ppp))
	}),
	over("ah", ofIP, func(n *nest, r *rand.Rand) bool {
		next := byte(protoIPv4)
		if n.t == typeIPv6 {
			next = protoIPv6
		}
		words := 1 + r.IntN(20)
		return n.carry(r, TunnelAH, 0x1000, protoAH, 0, 0, cat([]byte{next, byte(words), 0, 0}, u32(0x1000), make([]byte, words*4), n.b))
	}),
	over("vxlan", ofFrame, func(n *nest, r *rand.Rand) bool {
		id := r.Uint32N(1 << 24)
		flags := []uint32{0x08000000, 0x88000000, 0x88481234}[r.IntN(3)]
		return n.carry(r, TunnelVXLAN, id, protoUDP, 50000, []int{portVXLAN, portVXLAN2}[r.IntN(2)], cat(u32(flags), u32(id<<8), n.b))
	}),
	over("vxlan-gpe", func(n *nest) bool {
		return n.isIP() || n.t == typeTEB || n.t == typeNSH || n.t == typeMPLS
	}, func(n *nest, r *rand.Rand) bool {
		next := map[uint16]byte{typeIPv4: 1, typeIPv6: 2, typeTEB: 3, typeNSH: 4, typeMPLS: 5}[n.t]
		id := r.Uint32N(1 << 24)
		return n.carry(r, TunnelVXLANGPE, id, protoUDP, 50000, portVXLANGPE, cat([]byte{byte(0x0c | r.IntN(2)), 0, 0, next}, u32(id<<8), n.b))
	}),
	over("geneve", ofAll, func(n *nest, r *rand.Rand) bool {
		id, words := r.Uint32N(1<<24), r.IntN(64)
		return n.carry(r, TunnelGENEVE, id, protoUDP, 50000, portGENEVE, cat([]byte{byte(words), byte(r.IntN(4) << 6)}, u16(int(n.t)), u32(id<<8), make([]byte, words*4), n.b))
	}),
	over("gtp", ofIP, func(n *nest, r *rand.Rand) bool {
		id, flags := r.Uint32(), r.IntN(8)
		var head []byte
		if flags != 0 {
			head = make([]byte, 4)
			if flags&gtpExtension != 0 {
				kinds := 1 + r.IntN(3)
				head[3] = 0x85
				for i := range kinds {
					units := 1 + r.IntN(3)
					part := make([]byte, units*4)
					part[0] = byte(units)
					if i < kinds-1 {
						part[len(part)-1] = 0xc0
					}
					head = cat(head, part)
				}
			}
		}
		b := cat(head, n.b)
		return n.carry(r, TunnelGTP, id, protoUDP, portGTP, portGTP, cat([]byte{byte(gtpVersion | flags), gtpPacket}, u16(len(b)), u32(id), b))
	}),
	over("ayiya", ofIP, func(n *nest, r *rand.Rand) bool {
		next := byte(protoIPv4)
		if n.t == typeIPv6 {
			next = protoIPv6
		}
		id, signed := r.IntN(8), r.IntN(16)
		return n.carry(r, TunnelAYIYA, 0, protoUDP, 50000, portAYIYA, cat([]byte{byte(id<<4 | 1), byte(signed<<4 | 2), ayiyaForward, next}, u32(7), make([]byte, 1<<id+signed*4), n.b))
	}),
	over("lisp", ofIP, func(n *nest, r *rand.Rand) bool {
		flags, id := []byte{0, lispNonce, lispNonce | lispEcho, lispVersions}[r.IntN(4)], uint32(0)
		if r.IntN(2) == 0 {
			flags, id = flags|lispInstance, r.Uint32N(1<<24)
		}
		return n.carry(r, TunnelLISP, id, protoUDP, 50000, portLISP, cat([]byte{flags, 1, 2, 3}, u32(id<<8|1), n.b))
	}),
	over("tzsp", func(n *nest) bool { return n.isIP() || n.t == typeTEB }, func(n *nest, r *rand.Rand) bool {
		tags := [][]byte{{1}, {0, 0, 1}, {10, 1, 9, 41, 4, 0, 0, 0, 1, 1}}[r.IntN(3)]
		if n.isIP() {
			return n.carry(r, TunnelTZSP, 0, protoUDP, 50000, portTZSP, cat([]byte{1, byte(r.IntN(2)), 0, tzspDot11}, tags, dot11Of(n, r)))
		}
		return n.carry(r, TunnelTZSP, 0, protoUDP, 50000, portTZSP, cat([]byte{1, byte(r.IntN(2)), 0, tzspEthernet}, tags, n.b))
	}),
	over("capwap", func(n *nest) bool { return n.isIP() || n.t == typeTEB }, func(n *nest, r *rand.Rand) bool {
		words, native, b := 2+r.IntN(30), uint32(0), n.b
		if n.isIP() {
			native, b = capwapNative, dot11Of(n, r)
		}
		return n.carry(r, TunnelCAPWAP, 0, protoUDP, 50000, portCAPWAP, cat(u32(uint32(words)<<capwapHLEN|bindingDot11<<capwapWBID|native), make([]byte, words*4-4), b))
	}),
	over("teredo", func(n *nest) bool { return n.t == typeIPv6 && strings.HasPrefix(string(n.b[8:]), "\x20\x01\x00\x00") }, func(n *nest, r *rand.Rand) bool {
		var head []byte
		if r.IntN(2) == 0 {
			head = cat(u16(1), []byte{2, 3}, make([]byte, 5+9))
		}
		if r.IntN(2) == 0 {
			head = cat(head, u16(0), u16(1), u32(2))
		}
		return n.carry(r, TunnelTeredo, 0, protoUDP, 50000, []int{portTeredo, 50001}[r.IntN(2)], cat(head, n.b))
	}),
}

// dot11Of is a data frame around an IP packet, of each kind.
func dot11Of(n *nest, r *rand.Rand) []byte {
	kind, flags, size := byte(0x08), byte(r.IntN(4)), 24
	if flags == 3 {
		size += dot11Addr4
	}
	if r.IntN(2) == 0 {
		kind |= dot11QoSData
		size += dot11QoS
		if r.IntN(2) == 0 {
			flags |= dot11Order
			size += dot11HT
		}
	}
	head := cat([]byte{kind, flags, 0, 0}, macB, macA, macB, make([]byte, 40))[:size]
	return cat(head, []byte{0xaa, 0xaa, 3, 0, 0, 0}, u16(int(n.t)), n.b)
}

var teredo6 = cat([]byte{0x60, 0, 0, 0}, u16(29), []byte{6, 64}, netip.MustParseAddr("2001:0:102:304::1").AsSlice(), v6B, tcpOf(40000, 443, hello))

// newNest is a packet in a frame, in up to six carriers with tags between them.
func newNest(r *rand.Rand) *nest {
	n := &nest{ip: 1}
	switch r.IntN(4) {
	case 0:
		n.t, n.b, n.what = typeIPv4, innerTCP, wantTCP
	case 1:
		n.t, n.b, n.what = typeIPv4, innerUDP, wantUDP
	case 2:
		n.t, n.b, n.what = typeIPv6, inner6, want6
	case 3:
		n.t, n.b, n.what = typeIPv6, teredo6, `6 [2001:0:102:304::1]:40000>[2001:db8::2]:443 flags 18 seq 1000 ack 2000 "hello"`
	}
	for range r.IntN(13) {
		w := tagWraps[r.IntN(len(tagWraps))]
		if n.ip < maxNesting && r.IntN(2) == 0 {
			w = carrierWraps[r.IntN(len(carrierWraps))]
		}
		if n.layers+7 < maxLayers && len(n.b) < 3000 && w.put(n, r) {
			n.path = append(n.path, w.name)
		}
	}
	return n
}

// TestNested puts packets into carriers of every kind inside each other, with
// every optional field or without, and reads all of them.
func TestNested(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	used := map[string]int{}
	deepest := 0
	d := New(1)
	for i := range 30000 {
		n := newNest(r)
		for _, name := range n.path {
			used[name]++
		}
		deepest = max(deepest, n.ip)
		frame := eth(int(n.t), n.b)
		var v View
		if got := text(d.Decode(&core.Frame{Data: frame, Length: len(frame), Link: core.LinkEthernet}, &v), &v); got != n.text() {
			t.Fatalf("%d: %v:\n got %s\nwant %s", i, n.path, got, n.text())
		}
	}
	for _, w := range append(tagWraps, carrierWraps...) {
		if used[w.name] < 30 {
			t.Errorf("%s was used %d times", w.name, used[w.name])
		}
	}
	if deepest != maxNesting {
		t.Errorf("no more than %d packets in each other", deepest)
	}
}

// TestNestedPrefixes cuts some of them everywhere.
func TestNestedPrefixes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	d := New(2)
	for range 300 {
		n := newNest(r)
		frame := eth(int(n.t), n.b)
		for size := range frame {
			for _, length := range []int{len(frame), size} {
				var v View
				if d.Decode(&core.Frame{Data: frame[:size:size], Length: length, Link: core.LinkEthernet}, &v) == OK {
					check(t, frame[:size], &v)
				}
			}
		}
	}
}
