package packet

const (
	pppoeLen     = 6
	pppoeVersion = 0x11 // version 1, type 1 (RFC 2516, section 4)
	pppoeSession = 0    // code of session data
)

// pppoe reads the PPPoE header of the session stage. Its length field ends the
// packet where Ethernet padded it.
func (d *Decoder) pppoe(b []byte, n int, v *View) Verdict {
	if len(b) < pppoeLen {
		return Malformed
	}
	if b[0] != pppoeVersion || b[1] != pppoeSession {
		return NotIP
	}
	v.Seen |= SeenPPPoE
	length := int(be16(b[4:]))
	b, n = b[pppoeLen:], n-pppoeLen
	if length < n {
		n = length
		b = cut(b, n)
	}
	return d.ppp(b, n, v)
}
