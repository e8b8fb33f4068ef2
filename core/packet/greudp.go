package packet

const greUDPLen = 4

// greUDP reads GRE in UDP (RFC 8086, section 3): a GRE header of version 0
// without routing, whose reserved bits are zero.
func (d *Decoder) greUDP(b []byte, n int, v *View) Verdict {
	const fields = greChecksum | greKey | greSequence
	if len(b) < greUDPLen || be16(b)&^fields != 0 {
		return OK
	}
	return d.gre(b, n, v)
}
