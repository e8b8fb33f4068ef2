package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var ikeCard = Protocol{ID: proto.IPSEC, Over: UDP, Ports: []uint16{500, 4500, 4501}, Limit: 8192, Inspect: inspectIKE}

var ikeStreamCard = Protocol{ID: proto.IPSEC, Over: TCP, Ports: []uint16{4500}, Limit: 64, Inspect: inspectIKEStream}

// inspectIKE recognises IKE (RFC 2408, section 3.1; RFC 7296, section 3.1),
// with or without the four zero bytes that mark it between ESP packets (RFC
// 3948, section 2.2), and ESP in UDP. ESP shows nothing but an index and a
// number that counts up, so three packets of a direction are asked for, on the
// port that the standard gives it or one of those that vendors do:
// GlobalProtect's 4501 and 10000 of Cisco's old client ("IPSec over UDP").
func inspectIKE(in *Input, res *Result) Verdict {
	d := in.Newest()
	if len(d) > 32 && be32(d) == 0 {
		if ikeMessage(d[4:], in.Lost, res) {
			return Match
		}
	} else if ikeMessage(d, in.Lost, res) {
		return Match
	}
	const natT, globalProtect, cisco, keepalive = 4500, 4501, 10000, 0xff
	if in.HasPort(cisco) {
		res.Protocol = proto.CiscoVPN
	} else if !in.HasPort(natT) && !in.HasPort(globalProtect) {
		return No
	}
	if len(d) == 0 {
		return No
	}
	steps := 0
	var spi, sequence uint32
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if len(b) == 1 && b[0] == keepalive {
			continue
		}
		if len(b) < 24 || be32(b) < 256 { // openconnect counts from 0
			return No
		}
		if fromServer != in.FromServer {
			continue
		}
		if spi == be32(b) && be32(b[4:])-sequence-1 < 64 {
			steps++
		} else {
			steps = 0
		}
		spi, sequence = be32(b), be32(b[4:])
	}
	if steps >= 2 {
		return Match
	}
	return NeedMore
}

// ikeMessage checks the header and the first payload's; lost bytes were cut off.
func ikeMessage(d []byte, lost int, res *Result) bool {
	const header = 28
	if len(d) < header || int(be32(d[24:])) != len(d)+lost || !looksRandom(d[:8]) {
		return false
	}
	next, version, exchange, flags := d[16], d[17], d[18], d[19]
	first := isZero(d[8:16])
	switch version {
	case 0x10:
		known := exchange >= 1 && exchange <= 6 || exchange >= 32 && exchange <= 35
		if !known || flags&^7 != 0 || next > 24 && next < 128 {
			return false
		}
		if flags&1 == 0 && !ikePayload(d[header:], lost, next) {
			return false
		}
		res.PutString(attr.IKEVersion, "1.0")
	case 0x20, 0x21:
		if exchange < 34 || exchange > 44 || flags&^0x38 != 0 || next != 0 && next < 33 || next > 54 {
			return false
		}
		if first && exchange != 34 || !ikePayload(d[header:], lost, next) {
			return false
		}
		res.PutString(attr.IKEVersion, "2.0")
	default:
		return false
	}
	return true
}

// ikePayload wants the generic header of the first payload: the next one's
// type, reserved (a critical bit in version 2), a length that fits.
func ikePayload(b []byte, lost int, kind byte) bool {
	if kind == 0 {
		return len(b) == 0
	}
	if len(b) < 4 || b[1]&0x7f != 0 {
		return false
	}
	n := be16(b[2:])
	return n >= 4 && n <= len(b)+lost
}

// inspectIKEStream recognises the prefix of RFC 8229, section 4, and the message behind it.
func inspectIKEStream(in *Input, _ *Result) Verdict {
	const prefix = "IKETCP"
	v := begins(in.ToServer, prefix)
	if v != Match || len(in.ToServer) < len(prefix)+2 {
		return min(v, NeedMore)
	}
	if be16(in.ToServer[len(prefix):]) < 2 {
		return No
	}
	return Match
}
