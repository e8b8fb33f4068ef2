package packet

const (
	vxlanLen = 8
	vxlanVNI = 0x08 // flag I (RFC 7348, section 5)
	vxlanGBP = 0x80 // flag G: the reserved bytes hold a group policy (draft-smith-vxlan-group-policy-05)
)

// vxlan reads a VXLAN header, whose reserved bits must be zero, and the
// Ethernet frame behind it.
func (d *Decoder) vxlan(b []byte, n int, v *View) Verdict {
	if len(b) < vxlanLen+ethernetLen || b[0]&^vxlanGBP != vxlanVNI || b[7] != 0 {
		return OK
	}
	if b[0]&vxlanGBP == 0 && (b[1] != 0 || b[2] != 0 || b[3] != 0) {
		return OK
	}
	return d.carry(TunnelVXLAN, be32(b[4:])>>8, typeTEB, b[vxlanLen:], n-vxlanLen, v)
}
