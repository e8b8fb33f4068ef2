package detect

import "netifyd/core/proto"

var h323Card = Protocol{ID: proto.H323, Over: TCP, Ports: []uint16{1720}, Limit: 64, Inspect: inspectH323}

var h323RASCard = Protocol{ID: proto.H323, Over: UDP, Ports: []uint16{1719}, First: bytesBetween(0x00, 0x7f), Inspect: inspectRAS}

// inspectH323 recognises call signalling: a TPKT (RFC 1006) with a message of
// Q.931 (section 4.2): discriminator 8, a call reference of two bytes, and a type that H.225.0 uses.
func inspectH323(in *Input, _ *Result) Verdict {
	b := in.Newest()
	if len(in.ToServer) > 0 {
		b = in.ToServer
	}
	if v := begins(b, "\x03\x00"); v != Match {
		return v
	}
	if len(b) > 4 && b[4] == 2 {
		return h245Capabilities(b)
	}
	if len(b) > 4 && b[4] != 8 || len(b) > 5 && b[5] != 2 {
		return No
	}
	if len(b) < 9 {
		return NeedMore
	}
	if be16(b[2:]) < 9 {
		return No
	}
	switch b[8] { // alerting, proceeding, progress, setup, connect, setup ack, connect ack, release complete, facility, notify, status enquiry, information, status
	case 0x01, 0x02, 0x03, 0x05, 0x07, 0x0d, 0x0f, 0x5a, 0x62, 0x6e, 0x75, 0x7b, 0x7d:
		return Match
	}
	return No
}

// h245Capabilities recognises the message that opens the control channel
// (H.245, annex A: terminalCapabilitySet), which names its protocol:
// {itu-t recommendation h 245 0 version}.
func h245Capabilities(b []byte) Verdict {
	const identifier, at = "\x06\x00\x08\x81\x75\x00", 7
	if be16(b[2:]) < at+len(identifier) || len(b) > 5 && (b[5] < 0x30 || b[5] > 0x7f) {
		return No
	}
	return begins(b[min(len(b), at):], identifier)
}

// inspectRAS recognises a message to or from a gatekeeper (H.225.0, annex H)
// that names its protocol: the object identifier {itu-t recommendation h 2250 0 version}.
func inspectRAS(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const identifier = "\x06\x00\x08\x91\x4a\x00"
	if len(d) < 12 || d[0]&0x80 != 0 {
		return No
	}
	for at := 3; at <= 8; at++ {
		if begins(d[at:], identifier) == Match && len(d) > at+6 && d[at+6] <= 8 {
			return Match
		}
	}
	return No
}
