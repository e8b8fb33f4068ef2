package packet

// PPP protocol numbers (https://www.iana.org/assignments/ppp-numbers).
const (
	pppIPv4      = 0x0021
	pppIPv6      = 0x0057
	pppMPLS      = 0x0281
	pppMPLSMulti = 0x0283
)

// ppp reads a PPP header, with or without the address and control bytes FF 03
// (RFC 1661, section 6.6), with the protocol in two bytes or compressed into
// one (section 6.5). Everything but IP and MPLS is negotiation, or compressed
// or encrypted.
func (d *Decoder) ppp(b []byte, n int, v *View) Verdict {
	if len(b) >= 2 && b[0] == 0xff && b[1] == 0x03 {
		b, n = b[2:], n-2
	}
	if len(b) < 2 {
		return Malformed
	}
	protocol, size := be16(b), 2
	if b[0]&1 != 0 { // the first of two bytes is even (RFC 1661, section 2)
		protocol, size = uint16(b[0]), 1
	}
	b, n = b[size:], n-size
	switch protocol {
	case pppIPv4:
		return d.ipv4(b, n, v)
	case pppIPv6:
		return d.ipv6(b, n, v)
	case pppMPLS, pppMPLSMulti:
		return d.network(typeMPLS, b, n, v)
	}
	return NotIP
}

// serial reads a captured PPP link, where Cisco's HDLC may stand in for PPP
// (LINKTYPE_PPP and LINKTYPE_PPP_HDLC of https://www.tcpdump.org/linktypes.html).
func (d *Decoder) serial(b []byte, n int, v *View) Verdict {
	if len(b) > 1 && b[1] == 0 && (b[0] == chdlcUnicast || b[0] == chdlcMulticast) {
		return d.chdlc(b, n, v)
	}
	return d.ppp(b, n, v)
}
