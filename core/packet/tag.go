package packet

// Tags that stand between the addresses of a frame and its true EtherType, by
// the EtherType in front.
const (
	typeVNTag   = 0x8926 // Cisco's VN-Tag
	typeETag    = 0x893f // IEEE 802.1BR, clause 7.5
	typeHSR     = 0x892f // redundant rings (IEC 62439-3)
	typePBB     = 0x88e7 // service instance tag of provider backbones (IEEE 802.1Q, clause 9.7)
	typeFabric  = 0x8903 // Cisco's FabricPath
	typeTRILL   = 0x22f3
	typeRealtek = 0x8899 // switches of Realtek

	vnTagLen   = 4
	eTagLen    = 6
	hsrLen     = 4
	serviceLen = 4 // priority and service; the customer's frame follows
	fabricLen  = 2 // tree and hops; a frame follows
	trillLen   = 6
	trillUnits = 4 // bytes for each unit of options

	realtekShort = 2 // first byte 0xa0 to 0xaf
	realtekLong  = 6 // first byte 4
)

// tagged reads b behind a tag of size bytes.
func (d *Decoder) tagged(size int, b []byte, n int, v *View) Verdict {
	if len(b) < size {
		return Malformed
	}
	return d.typed(b[size:], n-size, v)
}

// carriedFrame reads the Ethernet frame behind a tag of size bytes.
func (d *Decoder) carriedFrame(size int, b []byte, n int, v *View) Verdict {
	if len(b) < size {
		return Malformed
	}
	return d.network(typeTEB, b[size:], n-size, v)
}

// trill reads a TRILL header (RFC 6325, section 3.2): version 0, length of the
// options, hops, two bridges. The frame that it brings follows.
func (d *Decoder) trill(b []byte, n int, v *View) Verdict {
	if len(b) < trillLen {
		return Malformed
	}
	head := be16(b)
	if head>>14 != 0 {
		return NotIP
	}
	return d.carriedFrame(trillLen+int(head>>6&31)*trillUnits, b, n, v)
}

// realtek reads the tag of a switch by its form (Linux, net/dsa/tag_rtl4_a.c
// and tag_rtl8_4.c). Other protocols use the EtherType, too.
func (d *Decoder) realtek(b []byte, n int, v *View) Verdict {
	switch {
	case len(b) == 0:
		return Malformed
	case b[0]>>4 == 0xa:
		return d.tagged(realtekShort, b, n, v)
	case b[0] == 4:
		return d.tagged(realtekLong, b, n, v)
	}
	return NotIP
}
