package packet

// raw reads a packet without a link header: the first nibble is the IP version.
func (d *Decoder) raw(b []byte, n int, v *View) Verdict {
	if len(b) == 0 {
		return Malformed
	}
	switch b[0] >> 4 {
	case 4:
		return d.ipv4(b, n, v)
	case 6:
		return d.ipv6(b, n, v)
	}
	return NotIP
}
