package packet

const (
	greERSPAN2 = 0x88be // draft-foschiano-erspan-03, section 4
	greERSPAN3 = 0x22eb

	erspan2Len   = 8
	erspan3Len   = 12
	erspanSubLen = 8
	erspanID     = 0x03ff // session, in the second word of two bytes

	// Last two bytes of type III's header.
	erspanSub   = 0x0001 // O: a platform specific subheader follows
	erspanFrame = 10     // shift of the frame type, five bits: 0 Ethernet, 2 an IP packet
)

// erspan reads the header that a switch puts in front of a mirrored frame:
// type I has none, and no sequence number in GRE; types II and III have one.
func (d *Decoder) erspan(t, flags uint16, b []byte, n int, v *View) Verdict {
	if t == greERSPAN2 && flags&greSequence == 0 {
		return d.carry(TunnelERSPAN, 0, typeTEB, b, n, v)
	}
	size, inner := erspan2Len, uint16(typeTEB)
	if t == greERSPAN3 {
		if size = erspan3Len; len(b) < size {
			return OK
		}
		last := be16(b[10:])
		if last&erspanSub != 0 {
			size += erspanSubLen
		}
		if last>>erspanFrame&31 == 2 {
			inner, _ = ipType(rest(b, size), n-size)
		}
	}
	if len(b) <= size {
		return OK
	}
	return d.carry(TunnelERSPAN, uint32(be16(b[2:])&erspanID), inner, b[size:], n-size, v)
}
