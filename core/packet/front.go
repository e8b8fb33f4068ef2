package packet

import "netifyd/core"

// Lengths of headers that say little of what follows
// (https://www.tcpdump.org/linktypes.html).
const (
	slipLen      = 16 // direction, and the header as it was compressed
	directionLen = 1
	pppdLen      = 2  // direction and control
	ipnetLen     = 24 // of Solaris: version, family, hook, length, interfaces, zones
	encLen       = 12 // of the BSDs: address family, SPI, flags
	fibreLen     = 16 // two addresses (RFC 4338, section 4); LLC follows
	fireWireLen  = 18 // two addresses of eight bytes and an EtherType
	infiniLen    = 4  // EtherType and two reserved bytes (RFC 4391, section 6)
	routeLen     = 40 // global route header
)

// front is the length of a header that can be passed over, and the link type of
// what follows; 0: there is none.
func front(t core.LinkType) (size int, inside core.LinkType) {
	switch t {
	case core.LinkSLIP:
		return slipLen, core.LinkRaw
	case core.LinkIPNET:
		return ipnetLen, core.LinkRaw
	case core.LinkEnc:
		return encLen, core.LinkRaw
	case core.LinkIPoverFC:
		return fibreLen, core.LinkATM
	case core.LinkPPPDir:
		return directionLen, core.LinkPPP
	case core.LinkCHDLCDir:
		return directionLen, core.LinkCHDLC
	case core.LinkFrameRelayDir:
		return directionLen, core.LinkFrameRelay
	}
	return 0, t
}

// fireWire reads the header that Apple puts in front of IP over IEEE 1394.
func (d *Decoder) fireWire(b []byte, n int, v *View) Verdict {
	if len(b) < fireWireLen {
		return Malformed
	}
	return d.typed(b[fireWireLen-2:], n-fireWireLen+2, v)
}

// infiniBand reads the header of IP over InfiniBand. Some programs give the
// global route header in front of it, which the description of the link type leaves out.
func (d *Decoder) infiniBand(b []byte, n int, v *View) Verdict {
	if len(b) < infiniLen {
		return Malformed
	}
	if t := be32(b) >> 16; be16(b[2:]) != 0 || t != typeIPv4 && t != typeIPv6 {
		if len(b) < routeLen+infiniLen {
			return NotIP
		}
		b, n = b[routeLen:], n-routeLen
	}
	return d.network(be16(b), b[infiniLen:], n-infiniLen, v)
}

// pppd reads PPP whose address says the direction.
func (d *Decoder) pppd(b []byte, n int, v *View) Verdict {
	if len(b) >= pppdLen && b[0] <= 1 && b[1] == 3 {
		b, n = b[pppdLen:], n-pppdLen
	}
	return d.ppp(b, n, v)
}
