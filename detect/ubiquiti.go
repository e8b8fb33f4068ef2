package detect

import "netifyd/core/proto"

// Discovery of Ubiquiti's devices on UDP port 10001, as its tools show it:
// version (1 or 2), command, length of the rest (2), then fields of type,
// length (2) and value that fill the rest exactly. A question has no fields.
// Devices listen nowhere else, so the port is asked for too.
var ubiquitiCard = Protocol{ID: proto.UBNTAC2, Over: UDP, Ports: []uint16{10001}, First: "\x01\x02", Inspect: inspectUbiquiti}

func inspectUbiquiti(in *Input, _ *Result) Verdict {
	const fieldMAC, fieldAddress, maxField = 0x01, 0x02, 0x40
	d := in.Newest()
	if !in.HasPort(10001) || len(d) < 4 || d[0] != 1 && d[0] != 2 || d[1] > 11 || be16(d[2:]) != len(d)-4 {
		return No
	}
	d = d[4:]
	if len(d) == 0 && in.ServerPort == 10001 {
		return Match // a question
	}
	evidence := 0
	for len(d) >= 3 {
		kind, n := d[0], be16(d[1:])
		if kind == 0 || kind > maxField || n > len(d)-3 {
			return No
		}
		if kind == fieldMAC && n == 6 || kind == fieldAddress && n == 10 {
			evidence++
		}
		d = d[3+n:]
	}
	if len(d) > 0 || evidence == 0 {
		return No
	}
	return Match
}
