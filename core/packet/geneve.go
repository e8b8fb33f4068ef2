package packet

const (
	geneveLen     = 8
	geneveOptions = 0x3f // first byte: words of four bytes; the two bits before them are version 0 (RFC 8926, section 3.4)
	geneveUnused  = 0x3f // second byte
)

// geneve reads a GENEVE header and what its protocol type says is behind it.
// Options are passed over. What the endpoints send each other (bit O) is opened
// too where it is a packet, such as BFD in IP.
func (d *Decoder) geneve(b []byte, n int, v *View) Verdict {
	if len(b) < geneveLen || b[0]&^geneveOptions != 0 || b[1]&geneveUnused != 0 || b[7] != 0 {
		return OK
	}
	size := geneveLen + int(b[0]&geneveOptions)*4
	if len(b) <= size {
		return OK
	}
	return d.carry(TunnelGENEVE, be32(b[4:])>>8, be16(b[2:]), b[size:], n-size, v)
}
