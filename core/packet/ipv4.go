package packet

import (
	"encoding/binary"
	"math/bits"
)

const (
	ipv4Len       = 20
	moreFragments = 0x2000
	offsetMask    = 0x1fff // in units of eight bytes
)

// putIPv4 writes an address to the start of a, which is zero: half of it at
// once, where flow.MakeKey reads halves.
func putIPv4(a *[16]byte, b []byte) {
	if bits.UintSize == 64 {
		binary.LittleEndian.PutUint64(a[:], uint64(binary.LittleEndian.Uint32(b)))
	} else {
		*(*[4]byte)(a[:]) = [4]byte(b)
	}
}

// ipv4 reads an IPv4 header (RFC 791, section 3.1). Its total length rules:
// what lies behind is padding. A total length of 0 comes from a sending host
// whose card cuts the packet later; the frame's length stands in. A total
// length beyond the frame's is taken for a capture that was cut without saying
// so, except inside a tunnel, where it proves that this is no IP packet.
func (d *Decoder) ipv4(b []byte, n int, v *View) Verdict {
	if len(b) < ipv4Len || b[0]>>4 != 4 || d.depth >= maxNesting {
		return Malformed
	}
	h := (*[ipv4Len]byte)(b)
	size := int(h[0]&15) * 4
	total := int(be16(h[2:4]))
	if total == 0 && d.depth == 0 {
		total = n
	}
	if size < ipv4Len || total < size || size > len(b) || d.depth > 0 && total > n {
		return Malformed
	}
	d.depth++
	b = cut(b, total)
	v.Version = 4
	v.IPLen = total
	v.Protocol = h[9]
	v.DSCP = h[1] >> 2
	v.Hops = h[8]
	putIPv4(&v.Src, h[12:])
	putIPv4(&v.Dst, h[16:])
	if part := be16(h[6:8]); part&(moreFragments|offsetMask) != 0 {
		return d.join(fragment{
			id:       uint32(be16(h[4:6])),
			protocol: h[9],
			offset:   int(part&offsetMask) * 8,
			more:     part&moreFragments != 0,
			data:     b[size:],
			length:   total - size,
		}, v)
	}
	return d.transport(v.Protocol, b[size:], total-size, v)
}
