package packet

const udpLen = 8

// udp reads a UDP header (RFC 768) and looks into the tunnels that run over
// it. A length field of 0 is a jumbogram (RFC 2675, section 4) or left to the
// card; one beyond the packet's end is a capture that was cut.
func (d *Decoder) udp(b []byte, n int, v *View) Verdict {
	if len(b) < udpLen {
		return Malformed
	}
	length := int(be16(b[4:6]))
	switch {
	case length == 0 || length > n:
		length = n
	case length < udpLen:
		return Malformed
	}
	src, dst := be16(b[0:2]), be16(b[2:4])
	v.SrcPort, v.DstPort = src, dst
	v.PayLen = length - udpLen
	v.Payload = cut(b, length)[udpLen:]
	if mayBeTunnel(dst) || mayBeTunnel(src) {
		return d.udpTunnel(v)
	}
	if b = v.Payload; mayBeTeredo(b) {
		return d.teredoPeer(b, v.PayLen, v)
	}
	return OK
}

// udpLite reads a UDP-Lite header (RFC 3828, section 3.1), where the length
// field is the checksum's coverage.
func udpLite(b []byte, n int, v *View) Verdict {
	if len(b) < udpLen {
		return Malformed
	}
	v.SrcPort, v.DstPort = be16(b[0:2]), be16(b[2:4])
	v.PayLen = n - udpLen
	v.Payload = b[udpLen:]
	return OK
}
