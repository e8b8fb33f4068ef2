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
			Type: kind, Version: v.Version, DSCP: v.DSCP, ID: id,
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
	portL2TP     = 1701
	portGTP      = 2152
	portTeredo   = 3544
	portLISP     = 4341
	portGREUDP   = 4754
	portVXLAN    = 4789
	portVXLANGPE = 4790
	portAYIYA    = 5072
	portCAPWAP   = 5247
	portGENEVE   = 6081
	portMPLS     = 6635
	portVXLAN2   = 8472 // what Linux used before there was a number
	portTZSP     = 37008
)

// tunnelPorts says of the last byte of a port whether it may be one of those above.
var tunnelPorts = func() (t [256]bool) {
	for _, p := range [...]uint16{portL2TP, portGTP, portTeredo, portLISP, portGREUDP, portVXLAN, portVXLANGPE, portAYIYA, portCAPWAP, portGENEVE, portMPLS, portVXLAN2, portTZSP} {
		t[p&255] = true
	}
	return t
}()

// mayBeTunnel is false for most ports that are no tunnel's.
func mayBeTunnel(p uint16) bool { return tunnelPorts[p&255] }

// udpTunnel looks into a datagram whose port is a tunnel's. The port alone is
// never believed: each reader asks for a header that is right in every bit and
// for an inner packet whose lengths add up.
func (d *Decoder) udpTunnel(v *View) Verdict {
	b, n := v.Payload, v.PayLen
	switch v.DstPort { // the source port of most is a hash (RFC 7348, section 5)
	case portVXLAN, portVXLAN2:
		return d.vxlan(b, n, v)
	case portVXLANGPE:
		return d.vxlanGPE(b, n, v)
	case portGENEVE:
		return d.geneve(b, n, v)
	case portLISP:
		return d.lisp(b, n, v)
	case portTZSP:
		return d.tzspUDP(b, n, v)
	case portGREUDP:
		return d.greUDP(b, n, v)
	case portMPLS: // RFC 7510
		return d.carry(TunnelMPLS, 0, typeMPLS, b, n, v)
	}
	either := func(p uint16) bool { return v.DstPort == p || v.SrcPort == p }
	switch {
	case either(portGTP):
		return d.gtp(b, n, v)
	case either(portL2TP):
		return d.l2tp(b, n, v)
	case either(portTeredo):
		return d.teredo(b, n, v)
	case either(portCAPWAP):
		return d.capwap(b, n, v)
	case either(portAYIYA):
		return d.ayiya(b, n, v)
	}
	if mayBeTeredo(b) {
		return d.teredoPeer(b, n, v)
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
