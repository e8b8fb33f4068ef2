package packet

import "encoding/binary"

// Of the header (https://www.radiotap.org), little endian.
const (
	radiotapLen    = 8
	radiotapMore   = 1 << 31 // another word of bits follows
	radiotapTSFT   = 1 << 0
	radiotapFlags  = 1 << 1
	radiotapTime   = 8    // bytes of the TSFT, at a multiple of them
	radiotapFCS    = 0x10 // flag: a check sequence ends the frame
	radiotapPadded = 0x20 // flag: the 802.11 header is filled to words of four bytes
	fcsLen         = 4
)

// radiotap reads a radiotap header and the IEEE 802.11 frame behind it.
func (d *Decoder) radiotap(b []byte, n int, v *View) Verdict {
	if len(b) < radiotapLen || b[0] != 0 {
		return Malformed
	}
	size := int(binary.LittleEndian.Uint16(b[2:]))
	if size < radiotapLen || size > len(b) {
		return Malformed
	}
	flags := radiotapFlag(b[:size])
	b, n = b[size:], n-size
	if flags&radiotapFCS != 0 {
		if n -= fcsLen; n <= 0 {
			return Malformed
		}
		b = cut(b, n)
	}
	d.padded = flags&radiotapPadded != 0
	verdict := d.dot11(b, n, v)
	d.padded = false
	return verdict
}

// radiotapFlag is the byte of flags; 0 where there is none.
func radiotapFlag(b []byte) byte {
	present := binary.LittleEndian.Uint32(b[4:])
	at := radiotapLen
	for word := present; word&radiotapMore != 0; at += 4 {
		if len(b) < at+4 {
			return 0
		}
		word = binary.LittleEndian.Uint32(b[at:])
	}
	if present&radiotapFlags == 0 {
		return 0
	}
	if present&radiotapTSFT != 0 {
		at = (at+radiotapTime-1)&^(radiotapTime-1) + radiotapTime
	}
	if at >= len(b) {
		return 0
	}
	return b[at]
}
