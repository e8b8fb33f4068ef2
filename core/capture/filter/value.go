package filter

import (
	"net/netip"
	"strconv"
	"strings"
)

// value reads one value in the sense of its qualifiers.
func (p *parser) value(q qualifiers) (node, error) {
	w := p.peek(0)
	if w.symbol || !w.value() && q.kind != "proto" {
		return nil, p.unexpected("a value")
	}
	p.next++
	switch q.kind {
	case "port", "portrange":
		return p.portValue(q, w)
	case "proto":
		return p.protoValue(q, w)
	case "net":
		return p.netValue(q, w)
	}
	if q.proto == "ether" || q.proto == "link" {
		return p.macValue(q, w)
	}
	return p.hostValue(q, w)
}

func (p *parser) portValue(q qualifiers, w word) (node, error) {
	number := uint32(0)
	switch q.proto {
	case "":
	case "tcp", "udp", "sctp":
		number = protocols[q.proto].number
	default:
		return nil, p.fail(w, "%q has no ports: use tcp, udp or sctp", q.proto)
	}
	low, high := w.text, w.text
	if q.kind == "portrange" {
		// A name of a service may hold "-" too; a range is cut where both halves are ports.
		for i := 1; i < len(w.text); i++ {
			if w.text[i] != '-' && w.text[i] != ':' {
				continue
			}
			if _, ok := port(w.text[:i]); ok {
				low, high = w.text[:i], w.text[i+1:]
				break
			}
		}
	}
	a, ok := port(low)
	b, ok2 := port(high)
	switch {
	case !ok:
		return nil, p.fail(w, "%q is no port: give a number from 0 to 65535", low)
	case !ok2:
		return nil, p.fail(w, "%q is no port: give a number from 0 to 65535", high)
	}
	return p.link.ports(min(a, b), max(a, b), q.dir, number), nil
}

func port(text string) (uint32, bool) {
	if n, ok := services[text]; ok {
		return n, true
	}
	n, ok := number(text)
	return n, ok && n <= 0xffff
}

// number is decimal, hexadecimal after 0x, octal after 0.
func number(text string) (uint32, bool) {
	n, err := strconv.ParseUint(text, 0, 32)
	return uint32(n), err == nil && !strings.Contains(text, "_")
}

func (p *parser) protoValue(q qualifiers, w word) (node, error) {
	if q.dir != srcOrDst {
		return nil, p.fail(w, "a protocol has no source or destination")
	}
	n, ok := number(w.text)
	if q.proto == "ether" || q.proto == "link" {
		if !ok {
			n, ok = etherTypes[w.text]
		}
		if !ok || n > 0xffff || n < 0x600 {
			return nil, p.fail(w, "%q is no Ethernet type: give a number from 0x600 to 0xffff, or ip, ip6, arp", w.text)
		}
		return p.link.carries(n), nil
	}
	in, known := map[string]family{"": inIP | inIP6, "ip": inIP, "ip6": inIP6}[q.proto]
	if !known {
		return nil, p.fail(w, "%q proto: use ip, ip6 or ether", q.proto)
	}
	if !ok {
		if n, ok = protocolNames[w.text]; !ok {
			n, ok = protocols[w.text].number, protocols[w.text].number != 0
		}
	}
	if !ok || n > 0xff {
		return nil, p.fail(w, "%q is no IP protocol: give a number from 0 to 255", w.text)
	}
	return p.link.ipProtocol(n, in), nil
}

// addressed says whether addresses may follow this protocol.
func (p *parser) addressed(q qualifiers, w word, v6 bool) error {
	switch {
	case q.proto == "":
	case v6 && q.proto != "ip6", !v6 && q.proto != "ip" && q.proto != "arp" && q.proto != "rarp":
		return p.fail(w, "%q cannot follow %q", w.text, q.proto)
	}
	return nil
}

func (p *parser) hostValue(q qualifiers, w word) (node, error) {
	if p.peek(0).is("/") {
		return nil, p.fail(w, "a prefix length makes a network: use net")
	}
	a, err := netip.ParseAddr(w.text)
	if err != nil {
		if _, ok := parseMAC(w.text); ok {
			return nil, p.fail(w, "%q is an Ethernet address: use ether host", w.text)
		}
		return nil, p.fail(w, "%q is no IPv4 or IPv6 address, and names are not looked up", w.text)
	}
	if err := p.addressed(q, w, a.Is6()); err != nil {
		return nil, err
	}
	return p.link.network(netip.PrefixFrom(a, a.BitLen()), q.dir, q.proto), nil
}

// netValue is an address with "/bits" or "mask m", or the first bytes of an
// IPv4 address, which stand for that many bytes of mask.
func (p *parser) netValue(q qualifiers, w word) (node, error) {
	a, bits, ok := partial(w.text)
	if !ok {
		return nil, p.fail(w, "%q is no IPv4 or IPv6 network, and names are not looked up", w.text)
	}
	switch {
	case p.accept("/"):
		m := p.peek(0)
		n, ok := number(m.text)
		if m.symbol || !ok || int64(n) > int64(a.BitLen()) {
			return nil, p.unexpected("a prefix length of 0 to " + strconv.Itoa(a.BitLen()))
		}
		p.next++
		bits = int(n)
	case p.accept("mask"):
		m := p.peek(0)
		if bits, ok = maskBits(m.text); !ok || a.Is6() {
			return nil, p.unexpected("an IPv4 mask without holes, such as 255.255.0.0,")
		}
		p.next++
	}
	prefix := netip.PrefixFrom(a, bits)
	if prefix.Masked().Addr() != a {
		return nil, p.fail(w, "%q has bits behind the prefix: the network is %s", w.text, prefix.Masked())
	}
	if err := p.addressed(q, w, a.Is6()); err != nil {
		return nil, err
	}
	return p.link.network(prefix, q.dir, q.proto), nil
}

func partial(text string) (a netip.Addr, bits int, ok bool) {
	a, err := netip.ParseAddr(text)
	if err == nil {
		return a, a.BitLen(), a.Zone() == ""
	}
	n := strings.Count(text, ".") + 1
	if n > 3 {
		return a, 0, false
	}
	a, err = netip.ParseAddr(text + strings.Repeat(".0", 4-n))
	return a, 8 * n, err == nil
}

func maskBits(text string) (int, bool) {
	a, err := netip.ParseAddr(text)
	if err != nil || !a.Is4() {
		return 0, false
	}
	for bits := 0; bits <= 32; bits++ {
		if netip.PrefixFrom(netip.AddrFrom4([4]byte{255, 255, 255, 255}), bits).Masked().Addr() == a {
			return bits, true
		}
	}
	return 0, false
}

func (p *parser) macValue(q qualifiers, w word) (node, error) {
	if q.kind != "" && q.kind != "host" {
		return nil, p.fail(w, "%q %s: use ether host", q.proto, q.kind)
	}
	a, ok := parseMAC(w.text)
	if !ok {
		return nil, p.fail(w, "%q is no Ethernet address such as 02:00:00:00:00:01", w.text)
	}
	if !p.link.ethernet {
		return nil, p.fail(w, "this link has no Ethernet addresses")
	}
	return mac(a, q.dir), nil
}

// parseMAC reads six hexadecimal bytes between ":" or "-".
func parseMAC(text string) (a [6]byte, ok bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ':' || r == '-' })
	if len(parts) != len(a) {
		return a, false
	}
	for i, part := range parts {
		v, err := strconv.ParseUint(part, 16, 8)
		if err != nil {
			return a, false
		}
		a[i] = byte(v)
	}
	return a, true
}

// whole reads the tests that are a word of their own.
func (p *parser) whole() (n node, ok bool, err error) {
	w, at := p.peek(0), 0
	proto := ""
	if isProtocol(w) {
		proto, at = w.text, 1
	}
	what := p.peek(at)
	if what.id || what.symbol {
		return nil, false, nil
	}
	switch what.text {
	case "broadcast", "multicast":
		p.next += at + 1
		n, err = p.cast(proto, what)
		return n, true, err
	}
	if at != 0 {
		return nil, false, nil
	}
	switch what.text {
	case "less", "greater":
		p.next++
		n, err = p.length(what)
	case "inbound", "outbound":
		p.next++
		n, err = p.bound(what)
	case "vlan", "pppoes":
		p.next++
		n, err = p.inside(what)
	default:
		return nil, false, nil
	}
	return n, true, err
}

func (p *parser) cast(proto string, what word) (node, error) {
	switch {
	case proto == "" || proto == "ether" || proto == "link":
		if !p.link.ethernet {
			return nil, p.fail(what, "this link has no Ethernet addresses: use ip multicast or ip6 multicast")
		}
		if what.text == "broadcast" {
			return mac([6]byte{255, 255, 255, 255, 255, 255}, toDst), nil
		}
		return test{[]Instruction{{Op: opLoadByte, K: 0}}, opSet, 1}, nil
	case proto == "ip" && what.text == "multicast":
		return both{p.link.carries(etherIP), test{p.link.header(16, sizeByte), opGreaterEq, 224}}, nil
	case proto == "ip6" && what.text == "multicast":
		return both{p.link.carries(etherIP6), test{p.link.header(24, sizeByte), opEqual, 255}}, nil
	case proto == "ip":
		return nil, p.fail(what, "the network's mask is not known here: name the broadcast address with dst host")
	}
	return nil, p.fail(what, "%s %s does not exist", proto, what.text)
}

func (p *parser) length(what word) (node, error) {
	w := p.peek(0)
	n, ok := number(w.text)
	if w.symbol || !ok {
		return nil, p.unexpected("a number of bytes")
	}
	p.next++
	length := []Instruction{{Op: opLoadLen}}
	if what.text == "less" {
		return inverse{test{length, opGreater, n}}, nil
	}
	return test{length, opGreaterEq, n}, nil
}

func (p *parser) bound(what word) (node, error) {
	if len(p.link.dir) == 0 {
		return nil, p.fail(what, "the direction of a packet is not known here")
	}
	out := node(test{p.link.dir, opEqual, packetOutgoing})
	if what.text == "inbound" {
		return inverse{out}, nil
	}
	return out, nil
}

func (p *parser) inside(what word) (node, error) {
	if !p.link.ethernet || p.link.kind != byEtherType {
		return nil, p.fail(what, "this link carries no %s", what.text)
	}
	id, limit := -1, uint32(0xfff)
	if what.text == "pppoes" {
		limit = 0xffff
	}
	if w := p.peek(0); w.value() {
		n, ok := number(w.text)
		if !ok || n > limit {
			return nil, p.unexpected("an identifier of 0 to " + strconv.Itoa(int(limit)))
		}
		p.next++
		id = int(n)
	}
	if what.text == "vlan" {
		return p.link.vlan(id), nil
	}
	return p.link.pppoes(id), nil
}
