package detect

import "netifyd/core/proto"

var hartPorts = []uint16{5094, 20004}

// HART-IP (FieldComm Group, HART Network Management Specification, HCF_SPEC-85):
// version, kind, identifier, status, sequence number and the bytes of the
// message. A HART frame in it ends with the exclusive or of its bytes.
var hartipCard = Protocol{ID: proto.HARTIP, Over: TCP | UDP, Ports: hartPorts, First: "\x01\x02", Limit: 256, Inspect: inspectHARTIP}

func inspectHARTIP(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if len(d) >= hartHeader && be16(d[6:]) == len(d) && hartMessage(d, in.HasPort(hartPorts[0])) == Match {
			return Match
		}
		return hartEcho(in)
	}
	usual := in.HasPort(hartPorts[0])
	up, down := hartMessage(in.ToServer, usual), hartMessage(in.ToClient, usual)
	switch {
	case up == No || down == No:
		return No
	case usual && (up == Match || down == Match), up == Match && down == Match:
		return Match
	}
	return NeedMore
}

const hartHeader = 8

func hartMessage(b []byte, usualPort bool) Verdict {
	const maxKind, nak, initiate, closing, keepAlive, frame = 2, 15, 0, 1, 2, 3
	if len(b) > 0 && (b[0] == 0 || b[0] > 2) || len(b) > 1 && b[1] > maxKind && b[1] != nak || len(b) > 2 && b[2] > 5 {
		return No
	}
	if len(b) < hartHeader {
		return NeedMore
	}
	n := be16(b[6:])
	if n < hartHeader || n > 1500 {
		return No
	}
	if len(b) < n {
		return NeedMore
	}
	body := b[hartHeader:n]
	switch b[2] {
	case initiate: // kind of master, timeout in milliseconds
		if len(body) != 5 || body[0] > 1 || body[1] != 0 || be32(body[1:]) < 256 || b[1] == 0 && b[3] != 0 {
			return No
		}
		return Match
	case frame:
		if isHARTFrame(body) {
			return Match
		}
		return No
	case closing, keepAlive:
		if len(body) != 0 || !usualPort {
			return No
		}
		return Match
	}
	if !usualPort {
		return No
	}
	return Match
}

// isHARTFrame checks delimiter (long or short address; back, start or
// acknowledgement), count of bytes and checksum (HCF_SPEC-81).
func isHARTFrame(f []byte) bool {
	if len(f) < 5 {
		return false
	}
	address := 1
	if f[0]&0x80 != 0 {
		address = 5
	}
	at := 1 + address + 1 + int(f[0]>>5&3) // expansion bytes stand between address and command
	if kind := f[0] & 7; kind != 1 && kind != 2 && kind != 6 || at+2 > len(f) || at+2+int(f[at]) > len(f) {
		return false
	}
	var sum byte
	for _, c := range f {
		sum ^= c
	}
	return sum == 0
}

// hartEcho recognises the keeping alive and the end of a session where its
// beginning was not seen: eight bytes, answered with the same number. A server
// may answer from another port than the session was asked for at.
func hartEcho(in *Input) Verdict {
	const response, closing, keepAlive = 1, 1, 2
	d := in.Newest()
	if len(d) != hartHeader || d[0] != 1 || d[1] > response || d[2] != closing && d[2] != keepAlive || d[3] != 0 || be16(d[6:]) != hartHeader {
		return No
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer && len(b) == hartHeader && b[1] == d[1]^response && b[0] == d[0] && same(b[2:], d[2:]) {
			return Match
		}
	}
	return NeedMore
}
