package packet

// A switch on the board tags the frames that it exchanges with the processor,
// between the addresses and the EtherType, or before all of it
// (https://www.tcpdump.org/linktypes.html: 281, 282, 284, 285).
const (
	dsaLen     = 4
	edsaLen    = 8 // EtherType and two bytes of zero in front of the tag
	addresses  = 12
	dsaTagged  = 0x20 // first byte: the tag took the place of a VLAN tag
	dsaVLAN    = 0x0fff
	typeEDSA   = 0xdada // what Linux writes to Marvell's switches
	edsaBehind = edsaLen - 2
)

// brcm reads Ethernet with Broadcom's tag of four bytes behind the addresses.
func (d *Decoder) brcm(b []byte, n int, v *View) Verdict {
	if len(b) < ethernetLen+dsaLen {
		return Malformed
	}
	return d.behindTag(b, dsaLen, n, v)
}

// brcmPrepend reads Ethernet with that tag before it.
func (d *Decoder) brcmPrepend(b []byte, n int, v *View) Verdict {
	if len(b) < dsaLen {
		return Malformed
	}
	return d.ethernet(b[dsaLen:], n-dsaLen, v)
}

// dsa reads Ethernet with Marvell's tag.
func (d *Decoder) dsa(b []byte, n int, v *View) Verdict {
	if len(b) < ethernetLen+dsaLen {
		return Malformed
	}
	v.marvell(b[addresses:])
	return d.behindTag(b, dsaLen, n, v)
}

// edsa reads what follows the EtherType of Marvell's longer tag. Live captures
// of a switch's own interface have it in plain Ethernet.
func (d *Decoder) edsa(b []byte, n int, v *View) Verdict {
	if len(b) < edsaBehind+2 {
		return Malformed
	}
	v.marvell(b[2:])
	return d.typed(b[edsaBehind:], n-edsaBehind, v)
}

// marvell takes the VLAN out of Marvell's tag, where the frame had one.
func (v *View) marvell(tag []byte) {
	if tag[0]&dsaTagged != 0 {
		v.Seen |= SeenVLAN
		if id := be16(tag[2:]) & dsaVLAN; id != 0 {
			v.VLAN = id
		}
	}
}

// behindTag reads the Ethernet header that a tag of size bytes parts.
func (d *Decoder) behindTag(b []byte, size, n int, v *View) Verdict {
	v.Seen |= SeenEthernet
	v.DstMAC, v.SrcMAC = [6]byte(b[0:]), [6]byte(b[6:])
	return d.typed(b[addresses+size:], n-addresses-size, v)
}
