package packet

// carry decodes b, of EtherType t, as what v's packet carries through tunnel
// kind. v becomes the inner packet, with Tunnel telling of the outermost
// carrier. If there is no sound IP packet inside, v stays the carrier itself.
func (d *Decoder) carry(kind TunnelType, id uint32, t uint16, b []byte, n int, v *View) Verdict {
	carrier := *v
	v.enter(kind, id)
	if verdict := d.network(t, b, n, v); verdict == OK || verdict == Held {
		return verdict
	}
	*v = carrier
	return OK
}

// enter makes v ready for the packet inside.
func (v *View) enter(kind TunnelType, id uint32) {
	if v.Tunnel.Type == TunnelNone {
		v.Tunnel = Tunnel{
			Type: kind, Version: v.Version, ID: id,
			Src: v.Src, Dst: v.Dst, SrcPort: v.SrcPort, DstPort: v.DstPort,
		}
	}
	v.Src, v.Dst = [16]byte{}, [16]byte{}
	v.SrcPort, v.DstPort = 0, 0
	v.Payload, v.PayLen = nil, 0
}

// ipv6Inside reads IP protocol 41: 6in4 (RFC 4213), or IPv6 in IPv6 (RFC 2473).
func (d *Decoder) ipv6Inside(b []byte, n int, v *View) Verdict {
	kind := Tunnel6in4
	if v.Version == 6 {
		kind = TunnelIPIP
	}
	return d.carry(kind, 0, typeIPv6, b, n, v)
}

// Ports of tunnels over UDP.
const (
	portL2TP   = 1701
	portGTP    = 2152
	portTeredo = 3544
	portVXLAN  = 4789
	portVXLAN2 = 8472 // what Linux used before there was a number
	portCAPWAP = 5247
)

func tunnelPort(p uint16) bool {
	switch p {
	case portL2TP, portGTP, portTeredo, portVXLAN, portVXLAN2, portCAPWAP:
		return true
	}
	return false
}

// udpTunnel looks into a datagram whose port is a tunnel's. The port alone is
// never believed: each reader asks for a header that is right in every bit and
// for an inner packet whose lengths add up.
func (d *Decoder) udpTunnel(v *View) Verdict {
	either := func(p uint16) bool { return v.DstPort == p || v.SrcPort == p }
	b, n := v.Payload, v.PayLen
	switch {
	case either(portGTP):
		return d.gtp(b, n, v)
	case v.DstPort == portVXLAN || v.DstPort == portVXLAN2: // the source port is a hash (RFC 7348, section 5)
		return d.vxlan(b, n, v)
	case either(portL2TP):
		return d.l2tp(b, n, v)
	case either(portTeredo):
		return d.teredo(b, n, v)
	case either(portCAPWAP):
		return d.capwap(b, n, v)
	}
	return OK
}

// ipType is the EtherType of the IP packet that b begins with, if its length
// field says exactly n bytes.
func ipType(b []byte, n int) (t uint16, sound bool) {
	switch {
	case len(b) >= ipv4Len && b[0]>>4 == 4 && b[0]&15 >= 5 && int(be16(b[2:])) == n:
		return typeIPv4, true
	case len(b) >= ipv6Len && b[0]>>4 == 6 && int(be16(b[4:]))+ipv6Len == n:
		return typeIPv6, true
	}
	return 0, false
}
