package packet

const (
	l2tp3SessionLen = 4
	l2tp3UDPLen     = 4      // flags and reserved bytes in front of the session (RFC 3931, section 4.1.2.1)
	l2tp3Data       = 0x0003 // no control message, reserved bits zero, version 3
)

// l2tp3Fronts are the bytes that may stand between session and frame: no
// cookie, or one of four or eight bytes, and then the sublayer of four bytes or
// none (RFC 3931, sections 4.1 and 4.6). No packet says which.
var l2tp3Fronts = [...]int{0, 4, 8, 12}

// l2tp3 reads an L2TP version 3 data message over IP (RFC 3931, section
// 4.1.1). Session 0 is the control channel.
func (d *Decoder) l2tp3(b []byte, n int, v *View) Verdict {
	if len(b) < l2tp3SessionLen || be32(b) == 0 {
		return OK
	}
	session := be32(b)
	b, n = b[l2tp3SessionLen:], n-l2tp3SessionLen
	carrier, depth := *v, d.depth
	for _, t := range [...]uint16{typeTEB, typePPP} {
		for _, front := range l2tp3Fronts {
			if len(b) <= front+ethernetLen {
				break
			}
			v.enter(TunnelL2TP, session)
			if d.layers++; d.layers > maxLayers {
				break
			}
			if verdict := d.network(t, b[front:], n-front, v); verdict == OK || verdict == Held {
				return verdict
			}
			*v, d.depth = carrier, depth
		}
	}
	*v, d.depth = carrier, depth
	return OK
}

// l2tp3UDP is the same over UDP, where a word stands in front.
func (d *Decoder) l2tp3UDP(b []byte, n int, v *View) Verdict {
	if len(b) < l2tp3UDPLen || be32(b) != l2tp3Data<<16 {
		return OK
	}
	return d.l2tp3(b[l2tp3UDPLen:], n-l2tp3UDPLen, v)
}
