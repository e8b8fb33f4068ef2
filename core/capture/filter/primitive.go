package filter

import (
	"encoding/binary"
	"net/netip"
)

// IP protocol numbers (IANA, protocol-numbers).
const (
	protoICMP  = 1
	protoTCP   = 6
	protoUDP   = 17
	protoFrag6 = 44
	protoICMP6 = 58
	protoSCTP  = 132
)

// family says which IP versions a protocol keyword stands for.
type family byte

const (
	inIP family = 1 << iota
	inIP6
)

// protocols are the keywords that stand for an IP protocol.
var protocols = map[string]struct {
	number uint32
	in     family
}{
	"tcp": {protoTCP, inIP | inIP6}, "udp": {protoUDP, inIP | inIP6}, "sctp": {protoSCTP, inIP | inIP6},
	"icmp": {protoICMP, inIP}, "icmp6": {protoICMP6, inIP6}, "igmp": {2, inIP}, "igrp": {9, inIP},
	"pim": {103, inIP | inIP6}, "ah": {51, inIP | inIP6}, "esp": {50, inIP | inIP6}, "vrrp": {112, inIP}, "carp": {112, inIP},
}

// protocolNames are further names that may follow "proto".
var protocolNames = map[string]uint32{"gre": 47, "ospf": 89, "ipip": 4, "ipv6": 41, "l2tp": 115, "ipv6-icmp": protoICMP6, "udplite": 136, "dccp": 33}

// etherTypes are the keywords that stand for an Ethernet type.
var etherTypes = map[string]uint32{"ip": etherIP, "ip6": etherIP6, "arp": etherARP, "rarp": etherRARP, "pppoed": etherPPPoED,
	"atalk": 0x809b, "aarp": 0x80f3, "decnet": 0x6003, "lat": 0x6004, "moprc": 0x6002, "mopdl": 0x6001}

// services are the port names that need no file (IANA, service-names-port-numbers).
var services = map[string]uint32{"ftp-data": 20, "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69,
	"http": 80, "kerberos": 88, "pop3": 110, "sunrpc": 111, "ntp": 123, "netbios-ns": 137, "netbios-dgm": 138, "netbios-ssn": 139,
	"imap2": 143, "imap": 143, "snmp": 161, "snmp-trap": 162, "bgp": 179, "ldap": 389, "https": 443, "microsoft-ds": 445, "isakmp": 500,
	"syslog": 514, "dhcpv6-client": 546, "dhcpv6-server": 547, "rtsp": 554, "ldaps": 636, "imaps": 993, "pop3s": 995,
	"openvpn": 1194, "radius": 1812, "radius-acct": 1813, "mysql": 3306, "rdp": 3389, "sip": 5060, "mdns": 5353, "postgresql": 5432}

// sides joins tests of the source and of the destination.
func (d direction) sides(src, dst node) node {
	switch d {
	case fromSrc:
		return src
	case toDst:
		return dst
	case srcAndDst:
		return both{src, dst}
	}
	return either{src, dst}
}

// ipProtocol tests the protocol of either IP version. In IPv6 a fragment
// header may stand before it; no other extension header is looked through.
func (l *link) ipProtocol(number uint32, in family) node {
	v4 := both{l.carries(etherIP), test{l.header(9, sizeByte), opEqual, number}}
	v6 := both{l.carries(etherIP6), either{
		test{l.header(6, sizeByte), opEqual, number},
		both{test{l.header(6, sizeByte), opEqual, protoFrag6}, test{l.header(40, sizeByte), opEqual, number}},
	}}
	switch in {
	case inIP:
		return v4
	case inIP6:
		return v6
	}
	return either{v4, v6}
}

// firstFragment tests that an IPv4 packet holds the start of its datagram.
func (l *link) firstFragment() node {
	return inverse{test{l.header(6, sizeHalf), opSet, 0x1fff}}
}

// network tests an IPv4 or IPv6 prefix; with v4 also the addresses in ARP.
func (l *link) network(p netip.Prefix, d direction, proto string) node {
	p = p.Masked()
	if p.Addr().Is6() {
		return both{l.carries(etherIP6), d.sides(l.prefix6(8, p), l.prefix6(24, p))}
	}
	where := []struct {
		name     string
		src, dst int
	}{{"ip", 12, 16}, {"arp", 14, 24}, {"rarp", 14, 24}}
	n := node(always(false))
	for _, w := range where {
		if proto == "" || proto == w.name {
			n = either{n, both{l.carries(etherTypes[w.name]), d.sides(l.prefix4(w.src, p), l.prefix4(w.dst, p))}}
		}
	}
	return n
}

func (l *link) prefix4(offset int, p netip.Prefix) node {
	a := p.Addr().As4()
	return l.masked(offset, binary.BigEndian.Uint32(a[:]), p.Bits())
}

func (l *link) prefix6(offset int, p netip.Prefix) node {
	a := p.Addr().As16()
	n := node(always(true))
	for i := 0; i < 16; i += 4 {
		n = both{n, l.masked(offset+i, binary.BigEndian.Uint32(a[i:]), p.Bits()-8*i)}
	}
	return n
}

// masked compares the first bits of a word with those of want.
func (l *link) masked(offset int, want uint32, bits int) node {
	if bits <= 0 {
		return always(true)
	}
	load := l.header(offset, sizeWord)
	if bits < 32 {
		load = append(load, Instruction{Op: opAnd, K: ^uint32(0) << (32 - bits)})
	}
	return test{load, opEqual, want}
}

// ports tests a range of ports of a transport; 0 is TCP, UDP and SCTP.
func (l *link) ports(low, high uint32, d direction, proto uint32) node {
	which := func(offset int) node {
		is := func(p uint32) node { return test{l.header(offset, sizeByte), opEqual, p} }
		if proto != 0 {
			return is(proto)
		}
		return anyOf(is(protoSCTP), is(protoUDP), is(protoTCP))
	}
	v4 := allOf(l.carries(etherIP), which(9), l.firstFragment(),
		d.sides(between(l.transport(0, sizeHalf), low, high), between(l.transport(2, sizeHalf), low, high)))
	v6 := allOf(l.carries(etherIP6), which(6),
		d.sides(between(l.header(40, sizeHalf), low, high), between(l.header(42, sizeHalf), low, high)))
	return either{v4, v6}
}

func between(load []Instruction, low, high uint32) node {
	if low == high {
		return test{load, opEqual, low}
	}
	return both{test{load, opGreaterEq, low}, inverse{test{load, opGreater, high}}}
}

// mac tests an Ethernet address. Tags never shift these.
func mac(a [6]byte, d direction) node {
	at := func(offset uint32) node {
		return both{
			test{[]Instruction{{Op: opLoadWord, K: offset + 2}}, opEqual, binary.BigEndian.Uint32(a[2:])},
			test{[]Instruction{{Op: opLoadHalf, K: offset}}, opEqual, uint32(binary.BigEndian.Uint16(a[:]))},
		}
	}
	return d.sides(at(6), at(0))
}
