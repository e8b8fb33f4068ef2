package packet

const (
	ethernetLen = 14
	minType     = 0x0600 // smaller values are lengths (IEEE 802.3, clause 3.2.6)
	llcLen      = 3
	snapLen     = 8 // LLC and SNAP together
)

// ethernet reads an Ethernet II or IEEE 802.3 header. The MAC addresses of the
// innermost Ethernet header stay in v.
func (d *Decoder) ethernet(b []byte, n int, v *View) Verdict {
	if len(b) < ethernetLen {
		return Malformed
	}
	v.Seen |= SeenEthernet
	v.DstMAC = [6]byte(b[0:6])
	v.SrcMAC = [6]byte(b[6:12])
	t := be16(b[12:14])
	b, n = b[ethernetLen:], n-ethernetLen
	if t == typeIPv4 {
		return d.ipv4(b, n, v)
	}
	if t < minType {
		return d.llc(b, n, v)
	}
	return d.network(t, b, n, v)
}

// llc reads an IEEE 802.2 header: SNAP with an EtherType (RFC 1042), or the
// rare SAP of IP itself.
func (d *Decoder) llc(b []byte, n int, v *View) Verdict {
	switch {
	case len(b) >= snapLen && b[0] == 0xaa && b[1] == 0xaa && b[2] == 3 && b[3] == 0 && b[4] == 0:
		return d.network(be16(b[6:8]), b[snapLen:], n-snapLen, v)
	case len(b) >= llcLen && b[0] == 6 && b[1] == 6 && b[2] == 3:
		return d.ipv4(b[llcLen:], n-llcLen, v)
	}
	return NotIP
}

// typed reads an EtherType, or an IEEE 802.3 length, and what it announces.
func (d *Decoder) typed(b []byte, n int, v *View) Verdict {
	if len(b) < 2 {
		return Malformed
	}
	t := be16(b)
	if t < minType {
		return d.llc(b[2:], n-2, v)
	}
	return d.network(t, b[2:], n-2, v)
}
