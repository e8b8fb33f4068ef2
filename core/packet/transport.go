package packet

// IP protocol numbers (https://www.iana.org/assignments/protocol-numbers).
const (
	protoICMP    = 1
	protoIPv4    = 4
	protoTCP     = 6
	protoUDP     = 17
	protoDCCP    = 33
	protoIPv6    = 41
	protoGRE     = 47
	protoAH      = 51
	protoEIGRP   = 88
	protoOSPF    = 89
	protoEtherIP = 97
	protoPIM     = 103
	protoVRRP    = 112
	protoL2TP    = 115
	protoSCTP    = 132
	protoUDPLite = 136
	protoMPLS    = 137
)

// transport reads b, of n bytes on the wire, as IP protocol p. The payload of a
// protocol without ports (ICMP, IGMP, ESP, AH, OSPF, …) is the whole of it,
// with its header.
func (d *Decoder) transport(p uint8, b []byte, n int, v *View) Verdict {
	switch p {
	case protoTCP:
		return tcp(b, n, v)
	case protoUDP:
		return d.udp(b, n, v)
	}
	switch p {
	case protoUDPLite:
		return udpLite(b, n, v)
	case protoSCTP:
		return sctp(b, n, v)
	case protoDCCP:
		return dccp(b, n, v)
	}
	v.Payload, v.PayLen = b, n
	switch p {
	case protoIPv4:
		return d.carry(TunnelIPIP, 0, typeIPv4, b, n, v)
	case protoIPv6:
		return d.ipv6Inside(b, n, v)
	case protoGRE:
		return d.gre(b, n, v)
	case protoAH:
		return d.ah(b, n, v)
	case protoEtherIP:
		return d.etherIP(b, n, v)
	case protoL2TP:
		return d.l2tp3(b, n, v)
	case protoMPLS: // RFC 4023
		return d.carry(TunnelMPLS, 0, typeMPLS, b, n, v)
	}
	return OK
}
