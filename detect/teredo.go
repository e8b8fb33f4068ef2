package detect

import "netifyd/core/proto"

// Teredo (RFC 4380): an IPv6 packet that fills the datagram, behind an
// authentication and an origin indication (section 5.1.1). One of its
// addresses is of 2001::/32 or, while the client looks for a server, link-local.
var teredoCard = Protocol{ID: proto.Teredo, Over: UDP, Ports: []uint16{3544}, First: "\x00" + bytesBetween(0x60, 0x6f), Inspect: inspectTeredo}

func inspectTeredo(in *Input, _ *Result) Verdict {
	const ipv6Header = 40
	d := in.Newest()
	indicated := false
	if len(d) >= 13 && d[0] == 0 && d[1] == 1 { // lengths of client identifier and of authentication, nonce, confirmation
		n := 13 + int(d[2]) + int(d[3])
		if n > len(d) {
			return No
		}
		d, indicated = d[n:], true
	}
	if len(d) >= 8 && d[0] == 0 && d[1] == 0 {
		d, indicated = d[8:], true
	}
	if len(d) < ipv6Header || d[0]>>4 != 6 || ipv6Header+int(uint16(d[4])<<8|uint16(d[5])) != len(d) {
		return No
	}
	src, dst := d[8:24], d[24:40]
	switch {
	case isTeredoAddress(src), isTeredoAddress(dst):
		return Match
	case indicated && src[0] == 0xfe && src[1]&0xc0 == 0x80 && (dst[0] == 0xff || dst[0] == 0xfe) && isRouterMessage(d[6:]):
		return Match
	}
	return No
}

func isTeredoAddress(a []byte) bool { return a[0] == 0x20 && a[1] == 1 && a[2] == 0 && a[3] == 0 }

// isRouterMessage says that what follows from the next header on is a
// solicitation or an advertisement of routers (RFC 4380, section 5.2.1), behind
// link-local addresses.
func isRouterMessage(b []byte) bool {
	const icmpv6, solicitation, advertisement = 58, 133, 134
	return b[0] == icmpv6 && len(b) > 34 && (b[34] == solicitation || b[34] == advertisement)
}
