package packet

const (
	ipv6Len       = 40
	extensionUnit = 8
	fragmentLen   = 8
)

// Next header values that are extension headers in front of the payload
// (RFC 8200, section 4). AH, ESP and the mobility headers are what the flow
// speaks, so they stay its protocol.
const (
	nextHopByHop = 0
	nextRouting  = 43
	nextFragment = 44
	nextNone     = 59
	nextOptions  = 60
)

// ipv6 reads an IPv6 header (RFC 8200, section 3). A payload length of 0 is a
// jumbogram, or a packet that the sending card cuts later, unless nothing
// follows.
func (d *Decoder) ipv6(b []byte, n int, v *View) Verdict {
	if len(b) < ipv6Len || b[0]>>4 != 6 || d.depth >= maxNesting {
		return Malformed
	}
	total := int(be16(b[4:6])) + ipv6Len
	next := b[6]
	if total == ipv6Len && next != nextNone && d.depth == 0 {
		total = n
	}
	if d.depth > 0 && total > n {
		return Malformed
	}
	d.depth++
	b = cut(b, total)
	v.Version = 6
	v.IPLen = total
	v.Protocol = next
	v.DSCP = (b[0]<<4 | b[1]>>4) >> 2
	v.Hops = b[7]
	v.Src = [16]byte(b[8:24])
	v.Dst = [16]byte(b[24:40])
	return d.extensions(next, b[ipv6Len:], total-ipv6Len, v)
}

// extensions walks the extension headers to the payload.
func (d *Decoder) extensions(next uint8, b []byte, n int, v *View) Verdict {
	for range maxExtensions {
		switch next {
		case nextHopByHop, nextRouting, nextOptions:
			if len(b) < extensionUnit {
				return Malformed
			}
			size := (int(b[1]) + 1) * extensionUnit
			if size > len(b) {
				return Malformed
			}
			next = b[0]
			b, n = b[size:], n-size
		case nextFragment:
			if len(b) < fragmentLen {
				return Malformed
			}
			part := be16(b[2:4])
			f := fragment{
				id:       be32(b[4:8]),
				protocol: b[0],
				offset:   int(part &^ 7),
				more:     part&1 != 0,
				data:     b[fragmentLen:],
				length:   n - fragmentLen,
			}
			if f.more || f.offset != 0 {
				v.Protocol = f.protocol
				return d.join(f, v)
			}
			next, b, n = f.protocol, f.data, f.length // atomic fragment (RFC 6946)
		default:
			v.Protocol = next
			return d.transport(next, b, n, v)
		}
	}
	return Malformed
}
