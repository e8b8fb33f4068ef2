package packet

// Bits of the first byte; the version is 0 (draft-ietf-nvo3-vxlan-gpe-13, section 3).
const (
	gpeOAM  = 0x01 // O: the endpoints' own
	gpeVNI  = 0x08
	gpeNext = 0x04 // P: the fourth byte says what follows
)

// nextTypes are the EtherTypes of what the next protocol fields of VXLAN-GPE
// (section 3.2) and NSH (RFC 8300, section 2.2) name.
var nextTypes = [...]uint16{1: typeIPv4, 2: typeIPv6, 3: typeTEB, 4: typeNSH, 5: typeMPLS}

// nextType is the EtherType of a next protocol; 0: there is none.
func nextType(next byte) uint16 {
	if int(next) < len(nextTypes) {
		return nextTypes[next]
	}
	return 0
}

// vxlanGPE reads VXLAN's header with the Generic Protocol Extension, whose
// reserved bits must be zero, and what its next protocol names: Ethernet where
// it has none.
func (d *Decoder) vxlanGPE(b []byte, n int, v *View) Verdict {
	if len(b) <= vxlanLen || b[0]&^(gpeNext|gpeOAM) != gpeVNI || b[1] != 0 || b[2] != 0 || b[7] != 0 {
		return OK
	}
	t := uint16(typeTEB)
	if b[0]&gpeNext != 0 {
		t = nextType(b[3])
	} else if b[3] != 0 {
		return OK
	}
	return d.carry(TunnelVXLANGPE, be32(b[4:])>>8, t, b[vxlanLen:], n-vxlanLen, v)
}
