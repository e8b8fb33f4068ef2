package packet

const (
	labelLen    = 4
	bottom      = 0x100 // S bit of a label (RFC 3032, section 2.1)
	controlWord = 4     // RFC 4385, section 3
	maxLabels   = 16
	nibbleIPv4  = 4
	nibbleIPv6  = 6
	nibbleWord  = 0 // pseudowire control word
	nibbleACH   = 1 // associated channel: operation and maintenance
)

// mpls reads a label stack. What it carries is not written in it, so the first
// nibble tells, as in routers (RFC 4928, section 2): an IP version, a
// pseudowire's control word, or else an Ethernet frame without one. A MAC
// address may begin with any nibble, so Ethernet is the second guess too.
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
	frame := attempt{typeTEB, b, n}
	switch b[0] >> 4 {
	case nibbleIPv4:
		return d.guess(v, attempt{typeIPv4, b, n}, frame)
	case nibbleIPv6:
		return d.guess(v, attempt{typeIPv6, b, n}, frame)
	case nibbleWord: // or the beginning of a MAC address: a tagged frame would be read behind a word, too
		return d.guess(v, frame, attempt{typeTEB, rest(b, controlWord), n - controlWord})
	case nibbleACH:
		return NotIP
	}
	return d.guess(v, frame)
}

// attempt is one reading of what a label stack carries, as an EtherType.
type attempt struct {
	t uint16
	b []byte
	n int
}

// guess takes the first attempt that finds a packet. What none of them reads is
// not malformed but another kind of pseudowire. The layers of failed attempts
// count, so that guesses within guesses end soon.
func (d *Decoder) guess(v *View, attempts ...attempt) Verdict {
	before, depth := *v, d.depth
	for _, a := range attempts {
		if d.layers++; d.layers > maxLayers {
			return Malformed
		}
		if verdict := d.network(a.t, a.b, a.n, v); verdict == OK || verdict == Held {
			return verdict
		}
		*v, d.depth = before, depth
	}
	return NotIP
}
