package detect

import "netifyd/core/proto"

// Secure Reliable Transport opens with handshakes of its control packets
// (draft-sharabayko-srt-01, section 3.2.1): control type 0 and zeros (8), time,
// destination (4 each), version 4 or 5 (4), encryption (2), extensions (2),
// sequence, largest packet, window, kind, socket, cookie (4 each), address (16).
var srtCard = Protocol{ID: proto.SRT, Over: UDP, Ports: []uint16{9000}, First: "\x80", Inspect: inspectSRT}

func inspectSRT(in *Input, _ *Result) Verdict {
	const size, minPacket, maxPacket = 64, 76, 65536
	d := in.Newest()
	if len(d) < size || be32(d) != 0x80000000 || be32(d[4:]) != 0 {
		return No
	}
	if v := be32(d[16:]); v != 4 && v != 5 {
		return No
	}
	if mss := be32(d[28:]); mss < minPacket || mss > maxPacket {
		return No
	}
	return Match
}
