package packet

const (
	relayMinLen   = 2    // address of two to four bytes (ITU-T Q.922, section 3.2)
	relayMaxLen   = 4    //
	relayLast     = 0x01 // bit of the address's last byte
	relayControl  = 0x03 // unnumbered information
	relayPad      = 0x00 // may stand behind it (RFC 2427, section 3)
	relayIPv4     = 0xcc // network layer protocols (RFC 2427, section 9)
	relayIPv6     = 0x8e
	relayPPP      = 0xcf // RFC 1973
	relaySNAP     = 0x80
	snapOnlyLen   = 5        // organisation and type
	snapBridged   = 0x0080c2 // organisation: IEEE 802.1, frames of other networks
	bridgedFCS    = 1        // type: IEEE 802.3 with its check sequence
	bridgedNoFCS  = 7
	bridgedATMPad = 2 // RFC 2684, section 5.2
)

// frameRelay reads a Frame Relay header, in the form of RFC 2427 or in Cisco's,
// which has an EtherType behind the address.
func (d *Decoder) frameRelay(b []byte, n int, v *View) Verdict {
	size := 1
	for size <= len(b) && b[size-1]&relayLast == 0 {
		if size++; size > relayMaxLen {
			return NotIP
		}
	}
	if size < relayMinLen {
		return NotIP
	}
	if len(b) < size+2 {
		return Malformed
	}
	b, n = b[size:], n-size
	if b[0] != relayControl {
		return d.network(be16(b), b[2:], n-2, v)
	}
	b, n = b[1:], n-1
	if b[0] == relayPad {
		b, n = b[1:], n-1
	}
	if len(b) == 0 {
		return Malformed
	}
	protocol := b[0]
	b, n = b[1:], n-1
	switch protocol {
	case relayIPv4:
		return d.ipv4(b, n, v)
	case relayIPv6:
		return d.ipv6(b, n, v)
	case relayPPP:
		return d.ppp(b, n, v)
	case relaySNAP:
		return d.snap(b, n, 0, v)
	}
	return NotIP
}

// snap reads an organisation and its type: an EtherType, or a bridged frame
// behind pad bytes.
func (d *Decoder) snap(b []byte, n, pad int, v *View) Verdict {
	if len(b) < snapOnlyLen {
		return Malformed
	}
	owner, t := be32(b)>>8, be16(b[3:])
	b, n = b[snapOnlyLen:], n-snapOnlyLen
	switch {
	case owner == 0:
		return d.network(t, b, n, v)
	case owner == snapBridged && (t == bridgedNoFCS || t == bridgedFCS):
		return d.network(typeTEB, rest(b, pad), n-pad, v)
	}
	return NotIP
}
