package packet

// atm reads what stands in a cell stream: LLC (RFC 2684, section 5), with
// bridged frames too, or IP itself, as classical IP over ATM of Linux may have it.
func (d *Decoder) atm(b []byte, n int, v *View) Verdict {
	if len(b) < llcLen {
		return Malformed
	}
	switch {
	case b[0] == 0xaa && b[1] == 0xaa && b[2] == 3:
		return d.snap(b[llcLen:], n-llcLen, bridgedATMPad, v)
	case b[0] == 0xfe && b[1] == 0xfe && b[2] == 3: // network layer protocols of ISO, PPP among them (RFC 2364, section 4)
		if len(b) > llcLen && b[llcLen] == relayPPP {
			return d.ppp(b[llcLen+1:], n-llcLen-1, v)
		}
		return NotIP
	}
	return d.raw(b, n, v)
}
