package packet

// Of the MAC header of cable modems (CableLabs, DOCSIS 3.1 MAC and Upper Layer
// Protocols Interface, section 6.2).
const (
	docsisLen      = 6    // control, parameter, length, check sequence behind the extended header
	docsisKind     = 0xfe // control without the bit of an extended header
	docsisPacket   = 0x00 // an Ethernet frame; others are the modems' own
	docsisIsolated = 0x80
	docsisMore     = 0x01 // an extended header is there
	docsisUp       = 3    // its elements that tell of encryption, upstream and downstream
	docsisDown     = 4
	docsisSecret   = 0x80 // second byte of their value
)

// docsis reads the header of a cable modem's frame, and the Ethernet frame
// behind it, where it is not encrypted.
func (d *Decoder) docsis(b []byte, n int, v *View) Verdict {
	if len(b) < docsisLen {
		return Malformed
	}
	if kind := b[0] & docsisKind; kind != docsisPacket && kind != docsisIsolated {
		return NotIP
	}
	size := docsisLen
	if b[0]&docsisMore != 0 {
		size += int(b[1])
		if len(b) < size {
			return Malformed
		}
		if isSecret(b[4 : size-2]) {
			return NotIP
		}
	}
	return d.carriedFrame(size, b, n, v)
}

// isSecret walks the elements of an extended header: type and length share a byte.
func isSecret(b []byte) bool {
	for len(b) > 0 {
		kind, size := b[0]>>4, int(b[0]&15)
		if kind == docsisUp || kind == docsisDown {
			return size >= 2 && len(b) > 2 && b[2]&docsisSecret != 0
		}
		b = rest(b, 1+size)
	}
	return false
}
