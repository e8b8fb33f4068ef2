package packet

const (
	chdlcLen       = 4
	chdlcUnicast   = 0x0f
	chdlcMulticast = 0x8f
)

// chdlc reads a Cisco HDLC header: address, control, EtherType (RFC 1547,
// section 4.3.1). SLARP and CDP are not IP.
func (d *Decoder) chdlc(b []byte, n int, v *View) Verdict {
	if len(b) < chdlcLen {
		return Malformed
	}
	return d.network(be16(b[2:]), b[chdlcLen:], n-chdlcLen, v)
}
