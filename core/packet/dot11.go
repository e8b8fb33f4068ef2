package packet

const (
	dot11Len   = 24
	dot11Addr4 = 6
	dot11QoS   = 2
	dot11HT    = 4

	// Frame control, first byte (IEEE 802.11-2020, 9.2.4.1).
	dot11Kind    = 0x0c // type
	dot11Data    = 0x08
	dot11NoData  = 0x40 // subtype bit: Null frames
	dot11QoSData = 0x80 // subtype bit
	// Second byte.
	dot11ToDS      = 0x01
	dot11FromDS    = 0x02
	dot11More      = 0x04
	dot11Protected = 0x40
	dot11Order     = 0x80
	amsduPresent   = 0x80 // first byte of QoS control
	meshPresent    = 0x01 // second byte of QoS control: frames of a mesh alone (9.2.4.5.7)
	meshLen        = 6    // mesh control (9.2.4.7.3)
	meshAddresses  = 0x03 // first byte of it: more addresses
)

// dot11 reads an IEEE 802.11 data frame. Encrypted and fragmented frames are
// not read.
func (d *Decoder) dot11(b []byte, n int, v *View) Verdict {
	if len(b) < 2 {
		return Malformed
	}
	return d.dot11Control(b[0], b[1], b, n, v)
}

// dot11Control reads a frame of which the frame control is known.
func (d *Decoder) dot11Control(kind, flags byte, b []byte, n int, v *View) Verdict {
	if kind&3 != 0 || kind&dot11Kind != dot11Data || kind&dot11NoData != 0 ||
		flags&(dot11Protected|dot11More) != 0 {
		return NotIP
	}
	size, several, mesh := dot11Len, false, false
	if flags&(dot11ToDS|dot11FromDS) == dot11ToDS|dot11FromDS {
		size += dot11Addr4
	}
	if kind&dot11QoSData != 0 {
		if len(b) < size+dot11QoS {
			return Malformed
		}
		several = b[size]&amsduPresent != 0
		mesh = b[size+1]&meshPresent != 0 && flags&dot11ToDS != 0 && flags&dot11FromDS != 0
		size += dot11QoS
		if flags&dot11Order != 0 {
			size += dot11HT
		}
	}
	if d.padded {
		size = (size + 3) &^ 3
	}
	if len(b) < size+meshLen {
		return Malformed
	}
	v.DstMAC, v.SrcMAC = dot11Ends(b, flags)
	b, n = b[size:], n-size
	if several {
		return d.amsdu(b, n, v)
	}
	if mesh {
		size = meshLen + int(b[0]&meshAddresses)*macLen
		b, n = rest(b, size), n-size
	}
	return d.llc(b, n, v)
}

// dot11Ends picks destination and source among the addresses (table 9-30).
func dot11Ends(b []byte, flags byte) (dst, src [6]byte) {
	first, second, third := [6]byte(b[4:10]), [6]byte(b[10:16]), [6]byte(b[16:22])
	switch flags & (dot11ToDS | dot11FromDS) {
	case dot11ToDS:
		return third, second
	case dot11FromDS:
		return first, third
	case dot11ToDS | dot11FromDS:
		return third, [6]byte(b[24:30])
	}
	return first, second
}
