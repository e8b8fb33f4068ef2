package packet

const (
	greEoIP   = 0x6400 // protocol type
	eoipFlags = 0x2001 // first word of GRE: a key, version 1
	eoipLen   = 8
)

// eoip reads Ethernet over IP of MikroTik's routers: GRE like PPTP's, with the
// length of the frame and the number of the tunnel, little endian, as its key
// (https://github.com/Nat-Lab/eoip). An empty one keeps the tunnel alive.
func (d *Decoder) eoip(b []byte, n int, v *View) Verdict {
	if len(b) <= eoipLen || be16(b) != eoipFlags {
		return OK
	}
	length, id := int(be16(b[4:])), uint32(b[6])|uint32(b[7])<<8
	b, n = b[eoipLen:], n-eoipLen
	if length == 0 || length > n {
		return OK
	}
	return d.carry(TunnelGRE, id, typeTEB, cut(b, length), length, v)
}
