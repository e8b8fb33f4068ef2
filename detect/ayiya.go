package detect

import "netifyd/core/proto"

const ayiyaPort = 5072

// Anything In Anything (draft-massar-v6ops-ayiya-02, section 3) that carries no
// packet: heartbeats and echoes. Operation, next header, an identity of sixteen
// bytes, a number or a text, and a signature as long as its hash makes it.
var ayiyaCard = Protocol{ID: proto.Ayiya, Over: UDP, Ports: []uint16{ayiyaPort}, Inspect: inspectAYIYA}

func inspectAYIYA(in *Input, _ *Result) Verdict {
	const header, lastOp, lastAuth, none = 8, 4, 2, 59
	d := in.Newest()
	if !in.HasPort(ayiyaPort) || len(d) < header || d[0] != 0x41 && d[0] != 0x42 || d[2]&15 > lastOp || d[2]>>4 > lastAuth {
		return No
	}
	if d[1] != 0x00 && d[1] != 0x41 && d[1] != 0x52 { // no hash, MD5, SHA-1: words, number
		return No
	}
	size := header + 16 + 4*int(d[1]>>4)
	if d[3] != none && d[3] != 41 && d[3] != 4 && d[3] != 58 || len(d) < size || d[3] == none && d[2]&15 == 0 && len(d) != size {
		return No
	}
	return Match
}
