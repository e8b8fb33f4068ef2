package detect

import "netifyd/core/proto"

// Beckhoff's ADS (Beckhoff Information System, "ADS/AMS specification"): over
// TCP two zero bytes and the length of what follows; then the AMS header of 32
// bytes with two addresses, command, state and the length of the data, which
// must agree with the first. Little-endian.
var adsCard = Protocol{ID: proto.BeckhoffADS, Over: UDP, Ports: []uint16{48899}, First: "\x03", Inspect: inspectADSDiscovery}

var adsTCPCard = Protocol{ID: proto.BeckhoffADS, Over: TCP, Ports: []uint16{48898}, Limit: 64, Inspect: inspectADS}

// inspectADSDiscovery recognises the search for routers: a cookie, a number,
// the service with a bit for answers, and the sender's address and port.
func inspectADSDiscovery(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, cookie, answer, maxService = 24, 0x71146603, 0x80000000, 16
	if len(d) < header || le32(d) != cookie {
		return No
	}
	if service := le32(d[8:]) &^ answer; service == 0 || service > maxService {
		return No
	}
	return Match
}

func inspectADS(in *Input, _ *Result) Verdict { return eitherWay(in, adsMessage) }

func adsMessage(b []byte) Verdict {
	const tcp, ams = 6, 32
	if v := begins(b, "\x00\x00"); v != Match {
		return v
	}
	if len(b) < tcp+ams {
		return NeedMore
	}
	length, h := le32(b[2:]), b[tcp:]
	const maxCommand, response, command = 9, 0x0001, 0x0004
	if length != ams+le32(h[20:]) || le16(h[16:]) == 0 || le16(h[16:]) > maxCommand {
		return No
	}
	if state := le16(h[18:]); state&command == 0 || state&^(0x01ff) != 0 {
		return No
	}
	if le16(h[18:])&response == 0 && le32(h[24:]) != 0 { // a request has no error
		return No
	}
	if isZero(h[:6]) || isZero(h[8:14]) {
		return No
	}
	return Match
}
