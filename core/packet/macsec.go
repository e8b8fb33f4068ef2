package packet

// SecTAG (IEEE 802.1AE-2018, clause 9.3), behind the EtherType.
const (
	macsecLen     = 6  // control and association number, short length, packet number
	macsecSCI     = 8  // channel identifier, where it is written
	macsecICV     = 16 // of the default cipher suites, behind the data
	macsecVersion = 0x80
	macsecHasSCI  = 0x20
	macsecSecret  = 0x0c // E, encrypted, and C, changed
)

// macsec reads a frame that MACsec protects and does not encrypt: its data
// begin with the EtherType that they had.
func (d *Decoder) macsec(b []byte, n int, v *View) Verdict {
	if len(b) < macsecLen || b[0]&(macsecVersion|macsecSecret) != 0 {
		return NotIP
	}
	size, short := macsecLen, int(b[1]&63)
	if b[0]&macsecHasSCI != 0 {
		size += macsecSCI
	}
	if len(b) < size+2 {
		return Malformed
	}
	b, n = b[size:], n-size
	if short != 0 && short < n { // the data are fewer than 48 bytes; padding may follow the check value
		n = short
	} else if n -= macsecICV; n < 2 {
		return Malformed
	}
	return d.typed(cut(b, n), n, v)
}
