package packet

// Bits of the first word (RFC 2784, 2890, 2637, 1701).
const (
	greChecksum = 0x8000
	greRouting  = 0x4000
	greKey      = 0x2000
	greSequence = 0x1000
	greAck      = 0x0080 // version 1 only
	greVersion  = 0x0007

	greWCCP = 0x883e
	wccpLen = 4
)

// gre reads a GRE header, version 0 or PPTP's version 1, and what it carries.
// Source routing is not read (RFC 2784, section 2.2: discard).
func (d *Decoder) gre(b []byte, n int, v *View) Verdict {
	if len(b) < 4 {
		return OK
	}
	flags, t := be16(b), be16(b[2:])
	size := 4
	var id uint32
	for _, field := range [...]uint16{greChecksum, greKey, greSequence} {
		if flags&field == 0 {
			continue
		}
		if len(b) < size+4 {
			return OK
		}
		if field == greKey {
			id = be32(b[size:])
		}
		size += 4
	}
	switch {
	case flags&greRouting != 0:
		return OK
	case flags&greVersion == 1 && t == greEoIP:
		return d.eoip(b, n, v)
	case flags&greVersion == 1:
		return d.pptp(b, n, size, v)
	case flags&greVersion != 0:
		return OK
	}
	b, n = rest(b, size), n-size
	if len(b) == 0 {
		return OK
	}
	switch {
	case t == greERSPAN2 || t == greERSPAN3:
		return d.erspan(t, flags, b, n, v)
	case t >= greAruba && t < greArubaEnd:
		return d.aruba(b, n, v)
	case t == greWCCP:
		t = typeIPv4
		if b[0]>>4 != 4 { // version 2 puts a redirect header in front, version 1 does not
			b, n = rest(b, wccpLen), n-wccpLen
		}
	}
	return d.carry(TunnelGRE, id, t, b, n, v)
}

// pptp reads an enhanced GRE header (RFC 2637, section 4.1), whose key is the
// length of the payload and the call of the receiver. It carries PPP; an
// acknowledgement alone carries nothing.
func (d *Decoder) pptp(b []byte, n, size int, v *View) Verdict {
	flags := be16(b)
	if be16(b[2:]) != typePPP || flags&greKey == 0 || flags&greChecksum != 0 || len(b) < 8 {
		return OK
	}
	if flags&greAck != 0 {
		size += 4
	}
	length, call := int(be16(b[4:])), uint32(be16(b[6:]))
	if flags&greSequence == 0 || length == 0 || length > n-size || len(b) <= size {
		return OK
	}
	return d.carry(TunnelGRE, call, typePPP, cut(b[size:], length), length, v)
}
