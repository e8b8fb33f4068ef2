package detect

import "netifyd/core/proto"

var dcerpcCard = Protocol{ID: proto.RPC, Over: TCP, Ports: []uint16{135, 111}, Limit: 256, Inspect: inspectDCERPC}

var dcerpcDatagramCard = Protocol{ID: proto.RPC, Over: UDP, First: "\x04", Inspect: inspectDCERPCDatagram}

// inspectDCERPC recognises connection-oriented DCE RPC (C706, chapter 12.6):
// version 5, type, flags, the data representation with its reserved bytes
// zero, and lengths that hold the header. What opens a connection (bind) has
// sizes of fragments and names a syntax; of any other message the answer, with
// the same number of the call, or the port must agree.
func inspectDCERPC(in *Input, _ *Result) Verdict {
	client, server := dcerpcHeader(in.ToServer), dcerpcHeader(in.ToClient)
	switch {
	case client == No || server == No:
		return No
	case dcerpcOpens(in.ToServer) || dcerpcOpens(in.ToClient):
		return Match
	case client == Match && in.HasPort(135), server == Match && in.HasPort(135) && len(in.ToServer) == 0:
		return Match
	case client != Match || server != Match:
		return NeedMore
	case in.ToServer[2] == 0 && in.ToClient[2] == 2 && same(in.ToServer[12:16], in.ToClient[12:16]) && !isZero(in.ToServer[12:16]) && in.ToServer[3]&in.ToClient[3]&1 != 0:
		return Match // request and response
	}
	return No
}

// dcerpcOpens says that a message binds, or answers that: whole in one
// fragment, fragments of half a kilobyte and more, and of a bind at least one
// context with reserved bytes of zero.
func dcerpcOpens(b []byte) bool {
	const bind, answer, alter, alterAnswer, firstAndLast, least = 11, 12, 14, 15, 3, 512
	if len(b) < 28 || b[3]&firstAndLast != firstAndLast || !isZero(b[12:16]) && rpc32(b, 12) > 1<<24 || rpc16(b, 16) < least || rpc16(b, 18) < least {
		return false
	}
	switch b[2] {
	case bind, alter:
		return b[24] > 0 && b[24] <= 64 && isZero(b[25:28])
	case answer, alterAnswer:
		return rpc16(b, 24) <= 256
	}
	return false
}

func dcerpcHeader(b []byte) Verdict {
	const maxType, bind, alter, request = 19, 11, 14, 0
	for i, ch := range b[:min(len(b), 8)] {
		switch {
		case i == 0 && ch != 5, i == 1 && ch > 1, i == 2 && ch > maxType,
			i == 4 && ch != 0x10 && ch != 0, i >= 5 && ch != 0:
			return No
		}
	}
	if len(b) < 16 {
		return NeedMore
	}
	length, auth := le16(b[8:]), le16(b[10:])
	if b[4] == 0 {
		length, auth = be16(b[8:]), be16(b[10:])
	}
	least := 16
	switch b[2] {
	case bind, alter:
		least = 28
	case request:
		least = 24
	}
	if length < least || auth > length-least {
		return No
	}
	return Match
}

// inspectDCERPCDatagram recognises the connectionless protocol (C706, chapter
// 12.5): version 4, an interface and an activity, and a body of the length that
// byte 74 gives. PROFINET IO
// speaks it with interfaces of its own.
func inspectDCERPCDatagram(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, maxType = 80, 10
	if len(d) < header || d[0] != 4 || d[1] > maxType || d[4] != 0x10 && d[4] != 0 || d[5]|d[6] != 0 || !isUUID(d, 24) || !isUUID(d, 40) {
		return No
	}
	length, first := le16(d[74:]), le32(d[24:])
	if d[4] == 0 {
		length, first = be16(d[74:]), be32(d[24:])
	}
	if header+length != len(d) && d[78] == 0 || header+length > len(d) {
		return No
	}
	const profinetFirst, profinetLast = 0xdea00001, 0xdea00004
	if first >= profinetFirst && first <= profinetLast {
		return No
	}
	return Match
}

// isUUID says that an identifier has a variant and a version that are in use
// (C706, appendix A; RFC 9562, section 4), in the order that the header gives.
func isUUID(d []byte, at int) bool {
	version := rpc16(d, at+6) >> 12
	return version >= 1 && version <= 8 && d[at+8]&0xc0 == 0x80
}
