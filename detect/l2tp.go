package detect

import "netifyd/core/proto"

var l2tpCard = Protocol{ID: proto.L2TP, Over: UDP, Ports: []uint16{1701}, First: "\xc8", Inspect: inspectL2TP}

// inspectL2TP recognises a control message of version 2 or 3 (RFC 2661,
// section 3.1; RFC 3931, section 4.1.2.1): type, length and sequence bits set,
// reserved bits zero, the datagram's length, and no attributes or first the
// Message Type, mandatory, of eight bytes.
func inspectL2TP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header = 12
	if len(d) < header || d[0] != 0xc8 || d[1] != 2 && d[1] != 3 || be16(d[2:]) != in.size(d) {
		return No
	}
	if len(d) == header {
		// An acknowledgement (ZLB) shows too little without the port that the standard gives it.
		if in.HasPort(1701) {
			return Match
		}
		return No
	}
	const messageType = "\x80\x08\x00\x00\x00\x00\x00"
	if begins(d[header:], messageType) != Match || len(d) < header+8 || d[header+7] == 0 || d[header+7] > 28 {
		return No
	}
	return Match
}
