package packet

// Of the TaZmen Sniffer Protocol, by which access points and MikroTik's routers
// send what they see (https://en.wikipedia.org/wiki/TZSP).
const (
	tzspLen      = 4 // version, type, protocol of two bytes; tags follow
	tzspVersion  = 1
	tzspSent     = 1 // type; 0 is received, others carry nothing
	tzspEthernet = 1
	tzspRaw      = 7
	tzspDot11    = 18
	tzspPrism    = 119
	tzspAVS      = 127

	// Tags without a length; the others have it behind their kind.
	tzspPad = 0
	tzspEnd = 1
)

// tzsp reads a TZSP header, its tags, and the frame behind them.
func (d *Decoder) tzsp(b []byte, n int, v *View) Verdict {
	if len(b) < tzspLen {
		return Malformed
	}
	if b[0] != tzspVersion || b[1] > tzspSent {
		return NotIP
	}
	protocol := be16(b[2:])
	for at := tzspLen; at < len(b); {
		switch b[at] {
		case tzspPad:
			at++
		case tzspEnd:
			return d.tzspFrame(protocol, b[at+1:], n-at-1, v)
		default:
			if at+1 >= len(b) {
				return Malformed
			}
			at += 2 + int(b[at+1])
		}
	}
	return Malformed
}

func (d *Decoder) tzspFrame(protocol uint16, b []byte, n int, v *View) Verdict {
	switch protocol {
	case tzspEthernet:
		return d.network(typeTEB, b, n, v)
	case tzspRaw:
		return d.raw(b, n, v)
	case tzspDot11:
		return d.dot11(b, n, v)
	case tzspPrism, tzspAVS:
		return d.prism(b, n, v)
	}
	return NotIP
}

// tzspUDP is the same as what a datagram carries.
func (d *Decoder) tzspUDP(b []byte, n int, v *View) Verdict {
	carrier := *v
	v.enter(TunnelTZSP, 0)
	if verdict := d.tzsp(b, n, v); verdict == OK || verdict == Held {
		return verdict
	}
	*v = carrier
	return OK
}
