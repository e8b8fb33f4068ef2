package packet

const (
	teredoAuthLen   = 13 // without identifier and authentication value (RFC 4380, section 5.1.1)
	teredoOriginLen = 8
	protoICMPv6     = 58
	routerSolicit   = 133
	routerAdvert    = 134
)

// mayBeTeredo says that b begins as IPv6 does, or what stands in front of it.
func mayBeTeredo(b []byte) bool { return len(b) > 0 && (b[0]>>4 == 6 || b[0] == 0) }

// teredoPeer reads a datagram between two hosts that Teredo has put in touch, or
// of a server or relay, at ports of their own (RFC 4380, section 5.2.4): an IPv6
// packet of an address of Teredo's, 2001::/32.
func (d *Decoder) teredoPeer(b []byte, n int, v *View) Verdict {
	const prefix = 0x20010000
	b, n = teredoInside(b, n)
	if len(b) <= ipv6Len || b[0]>>4 != 6 || be32(b[8:]) != prefix && be32(b[24:]) != prefix {
		return OK
	}
	return d.teredo(b, n, v)
}

// teredoInside is b without what RFC 4380 puts in front of an IPv6 packet: an
// authentication, then where the packet comes from.
func teredoInside(b []byte, n int) ([]byte, int) {
	if len(b) >= 4 && b[0] == 0 && b[1] == 1 {
		size := teredoAuthLen + int(b[2]) + int(b[3])
		b, n = rest(b, size), n-size
	}
	if len(b) >= 2 && b[0] == 0 && b[1] == 0 {
		b, n = rest(b, teredoOriginLen), n-teredoOriginLen
	}
	return b, n
}

// teredo reads an IPv6 packet, behind those headers. Bubbles (section 2.8) and
// the qualification with the server (section 5.2.1) carry nobody's traffic: they
// are the carrier's own talk.
func (d *Decoder) teredo(b []byte, n int, v *View) Verdict {
	b, n = teredoInside(b, n)
	if t, sound := ipType(b, n); !sound || t != typeIPv6 {
		return OK
	}
	next, inner := b[6], b[ipv6Len:]
	if next == nextNone {
		return OK
	}
	if next == protoICMPv6 && len(inner) > 0 && (inner[0] == routerSolicit || inner[0] == routerAdvert) {
		return OK
	}
	return d.carry(TunnelTeredo, 0, typeIPv6, b, n, v)
}
