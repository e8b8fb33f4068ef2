package packet

const tcpLen = 20

// tcp reads a TCP header (RFC 9293, section 3.1). Where the snap length cut
// through the options the payload is empty, and PayLen is still right.
func tcp(b []byte, n int, v *View) Verdict {
	if len(b) < tcpLen {
		return Malformed
	}
	size := int(b[12]>>4) * 4
	if size < tcpLen || size > n {
		return Malformed
	}
	v.SrcPort = be16(b[0:2])
	v.DstPort = be16(b[2:4])
	v.Seq = be32(b[4:8])
	v.Ack = be32(b[8:12])
	v.TCPFlags = b[13]
	v.PayLen = n - size
	v.Payload = rest(b, size)
	v.Segment = b
	return OK
}
