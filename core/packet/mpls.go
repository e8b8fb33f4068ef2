package packet

const (
	labelLen     = 4
	bottom       = 0x100 // S bit of a label (RFC 3032, section 2.1)
	controlWord  = 4     // RFC 4385, section 3
	maxLabels    = 16
	nibbleIPv4   = 4
	nibbleIPv6   = 6
	nibbleWord   = 0 // pseudowire control word
	nibbleACH    = 1 // associated channel: operation and maintenance
	minPseudoLen = ethernetLen
)

// mpls reads a label stack. What it carries is not written in it, so the first
// nibble tells, as routers do (RFC 4928, section 2): an IP version, a
// pseudowire's control word, or else an Ethernet frame without one.
func (d *Decoder) mpls(b []byte, n int, v *View) Verdict {
	v.Seen |= SeenMPLS
	for i := 0; ; i++ {
		if len(b) < labelLen || i == maxLabels {
			return Malformed
		}
		label := be32(b)
		b, n = b[labelLen:], n-labelLen
		if label&bottom != 0 {
			break
		}
	}
	if len(b) == 0 {
		return Malformed
	}
	switch b[0] >> 4 {
	case nibbleIPv4:
		return d.network(typeIPv4, b, n, v)
	case nibbleIPv6:
		return d.network(typeIPv6, b, n, v)
	case nibbleACH:
		return NotIP
	case nibbleWord:
		b, n = rest(b, controlWord), n-controlWord
	}
	return d.pseudowire(b, n, v)
}

// pseudowire reads a frame that is only guessed to be Ethernet: what does not
// turn out to be IP is not a malformed packet but another kind of pseudowire.
func (d *Decoder) pseudowire(b []byte, n int, v *View) Verdict {
	if len(b) < minPseudoLen {
		return NotIP
	}
	if verdict := d.network(typeTEB, b, n, v); verdict != Malformed {
		return verdict
	}
	return NotIP
}
