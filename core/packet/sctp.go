package packet

const (
	sctpLen = 12
	dccpLen = 12
)

// sctp reads the common header (RFC 9260, section 3.1); the payload begins with
// the first chunk.
func sctp(b []byte, n int, v *View) Verdict {
	if len(b) < sctpLen {
		return Malformed
	}
	v.SrcPort, v.DstPort = be16(b[0:2]), be16(b[2:4])
	v.PayLen = n - sctpLen
	v.Payload = b[sctpLen:]
	return OK
}

// dccp reads the generic header (RFC 4340, section 5.1); the payload begins
// behind the options.
func dccp(b []byte, n int, v *View) Verdict {
	if len(b) < dccpLen {
		return Malformed
	}
	size := int(b[4]) * 4
	if size < dccpLen || size > n {
		return Malformed
	}
	v.SrcPort, v.DstPort = be16(b[0:2]), be16(b[2:4])
	v.PayLen = n - size
	v.Payload = rest(b, size)
	return OK
}
