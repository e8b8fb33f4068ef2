package detect

import "netifyd/core/proto"

// AYIYA, anything in anything (draft-massar-v6ops-ayiya-02, section 4): lengths
// and kinds of identity and signature, the operation, the protocol inside and
// the time; then identity, signature and what is carried.
var ayiyaCard = Protocol{ID: proto.Ayiya, Over: UDP, Ports: []uint16{5072}, First: "\x21\x22\x31\x32\x41\x42\x51\x52\x61\x62", Inspect: inspectAyiya}

func inspectAyiya(in *Input, _ *Result) Verdict {
	const header, shared, ipv4, ipv6, nothing = 8, 1, 4, 41, 59
	d := in.Newest()
	if len(d) < header || d[0]&15 != 1 && d[0]&15 != 2 || d[0]>>4 < 2 || d[0]>>4 > 6 || // an integer or a text of 4 to 64 bytes
		d[1] != 0x41 && d[1] != 0x52 || // MD5, SHA-1: 16 and 20 bytes in words
		d[2]>>4 != shared && d[2]>>4 != shared+1 {
		return No
	}
	at := header + 1<<(d[0]>>4) + int(d[1]>>4)*4
	if len(d) < at {
		return No
	}
	inside := d[at:]
	sound := false
	switch operation := d[2] & 15; {
	case operation == 0: // a heartbeat
		sound = d[3] == nothing && len(inside) == 0
	case operation != 1 && operation != 3: // forward, with or without an echo
	case d[3] == ipv6:
		sound = len(inside) >= 40 && inside[0]>>4 == 6 && be16(inside[4:])+40 == len(inside)
	case d[3] == ipv4:
		sound = len(inside) >= 20 && inside[0]>>4 == 4 && be16(inside[2:]) == len(inside)
	}
	if !sound {
		return No
	}
	return Match
}
