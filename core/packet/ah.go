package packet

const (
	ahLen  = 12
	ahUnit = 4 // of the length field, which leaves out two units (RFC 4302, section 2.2)
)

// ah reads an Authentication Header (RFC 4302, section 2), which hides nothing:
// behind it stands what the packet would begin with (transport mode) or an IP
// packet. What is neither, or not sound, leaves the packet AH's own.
func (d *Decoder) ah(b []byte, n int, v *View) Verdict {
	if len(b) < ahLen || be16(b[2:]) != 0 || be32(b[4:]) == 0 {
		return OK
	}
	size := (int(b[1]) + 2) * ahUnit
	if size < ahLen || len(b) <= size {
		return OK
	}
	next, spi := b[0], be32(b[4:])
	b, n = b[size:], n-size
	switch next {
	case protoIPv4:
		return d.carry(TunnelAH, spi, typeIPv4, b, n, v)
	case protoIPv6:
		return d.carry(TunnelAH, spi, typeIPv6, b, n, v)
	case protoTCP, protoSCTP, protoICMP, protoICMPv6, protoGRE, protoEIGRP, protoOSPF, protoPIM, protoVRRP:
	case nextOptions: // of IPv6, for the destination
		if v.Version != 6 {
			return OK
		}
	case protoUDP:
		if len(b) < udpLen || int(be16(b[4:])) != n {
			return OK
		}
	default:
		return OK
	}
	carrier := *v
	v.enter(TunnelAH, spi)
	v.Src, v.Dst, v.Protocol = carrier.Src, carrier.Dst, next
	if verdict := d.payload(next, b, n, v); verdict == OK {
		return OK
	}
	*v = carrier
	return OK
}
