package packet

// Bits of the first word (RFC 2661, section 3.1).
const (
	l2tpControl  = 0x8000
	l2tpLength   = 0x4000
	l2tpSequence = 0x0800
	l2tpOffset   = 0x0200
	l2tpReserved = 0x34f0
	l2tpVersion  = 0x000f
)

// l2tp reads the header of an L2TP version 2 data message and the PPP frame
// behind it. Control messages are a conversation of the carrier's own.
func (d *Decoder) l2tp(b []byte, n int, v *View) Verdict {
	if len(b) < 6 {
		return OK
	}
	flags := be16(b)
	if flags == l2tp3Data {
		return d.l2tp3UDP(b, n, v)
	}
	if flags&(l2tpControl|l2tpReserved) != 0 || flags&l2tpVersion != 2 {
		return OK
	}
	size := 2
	if flags&l2tpLength != 0 {
		length := int(be16(b[2:]))
		if length > n {
			return OK
		}
		b, n = cut(b, length), length
		size += 2
	}
	size += 4 // tunnel and session
	if len(b) < size {
		return OK
	}
	session := uint32(be16(b[size-2:]))
	if flags&l2tpSequence != 0 {
		size += 4
	}
	if flags&l2tpOffset != 0 {
		if len(b) < size+2 {
			return OK
		}
		size += 2 + int(be16(b[size:]))
	}
	b, n = rest(b, size), n-size
	if len(b) == 0 {
		return OK
	}
	return d.carry(TunnelL2TP, session, typePPP, b, n, v)
}
