package packet

// Fields of the CAPWAP header, in its first word (RFC 5415, section 4.3).
const (
	capwapMin      = 8
	capwapHLEN     = 19 // shift of the header length, in words of four bytes
	capwapWBID     = 9  // shift of the wireless binding
	capwapNative   = 0x100
	capwapFragment = 0x080
	capwapLast     = 0x040
	capwapKeep     = 0x008
	capwapReserved = 0x007
	bindingDot11   = 1
)

// capwap reads the header of a CAPWAP data packet in the clear and the IEEE
// 802.3 or 802.11 frame behind it. Packets under DTLS, keep-alives and
// fragments stay the carrier's.
func (d *Decoder) capwap(b []byte, n int, v *View) Verdict {
	if len(b) < capwapMin || b[0] != 0 { // version 0, type 0: no DTLS
		return OK
	}
	word := be32(b)
	size := int(word>>capwapHLEN&31) * 4
	if size < capwapMin || size >= len(b) || word&(capwapFragment|capwapLast|capwapKeep|capwapReserved) != 0 {
		return OK
	}
	b, n = b[size:], n-size
	if word&capwapNative == 0 {
		return d.carry(TunnelCAPWAP, 0, typeTEB, b, n, v)
	}
	if word>>capwapWBID&31 != bindingDot11 {
		return OK
	}
	carrier := *v
	v.enter(TunnelCAPWAP, 0)
	if verdict := d.dot11Carried(b, n, v); verdict == OK || verdict == Held {
		return verdict
	}
	*v = carrier
	return OK
}

// dot11Carried reads an 802.11 frame whose frame control may stand in the wrong
// byte order, as Cisco's controllers send it.
func (d *Decoder) dot11Carried(b []byte, n int, v *View) Verdict {
	if len(b) >= dot11Len && b[0]&3 == 0 && b[0]&dot11Kind == dot11Data {
		return d.dot11(b, n, v)
	}
	if len(b) < dot11Len || b[1]&3 != 0 || b[1]&dot11Kind != dot11Data {
		return NotIP
	}
	return d.dot11Control(b[1], b[0], b, n, v)
}
