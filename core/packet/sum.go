package packet

import "encoding/binary"

// SumFits says whether the checksum of a TCP segment (RFC 9293, section 3.1) is
// right. A segment that is not whole here cannot be judged and is taken for
// right; so is one whose checksum the sending card fills in only later, and one
// that a receiving card has put together: both have the sum of the pseudo
// header in its place.
func (v *View) SumFits() bool {
	const at = 16 // of the checksum
	b := v.Segment
	if len(b) < tcpLen || len(b) != int(b[12]>>4)*4+v.PayLen {
		return true
	}
	pseudo := uint64(v.Protocol) + uint64(len(b))
	for i := 0; i < 16; i += 4 {
		pseudo += uint64(be32(v.Src[i:])) + uint64(be32(v.Dst[i:]))
	}
	if be16(b[at:]) == fold(pseudo) {
		return true
	}
	sum := pseudo
	for ; len(b) >= 4; b = b[4:] {
		sum += uint64(binary.BigEndian.Uint32(b))
	}
	for i, c := range b {
		sum += uint64(c) << (24 - 8*i)
	}
	return fold(sum) == 0xffff
}

// fold adds up the 16-bit words of a sum (RFC 1071).
func fold(sum uint64) uint16 {
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return uint16(sum)
}
