package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// Direct Connect, in both of its languages: NMDC (https://nmdc.sourceforge.io/NMDC.html),
// commands from "$" to "|", where a hub opens with a lock and a peer with its
// nick; and ADC (https://adc.sourceforge.io/ADC.html, sections 3 and 5), lines
// of a letter for the kind and three for the command, where both sides open
// with the features they support. Over UDP come results of searches.
var dconnectCard = Protocol{ID: proto.DConnect, Over: TCP, Ports: []uint16{411, 412, 1511}, Limit: 64, Inspect: inspectDConnect}

var dconnectUDPCard = Protocol{ID: proto.DConnect, Over: UDP, Ports: []uint16{412}, First: "$U", Inspect: inspectDConnectUDP}

func inspectDConnect(in *Input, _ *Result) Verdict {
	return eitherWay(in, func(b []byte) Verdict {
		if len(b) > 0 && b[0] != '$' && b[0] != 'H' && b[0] != 'I' && b[0] != 'C' {
			return No
		}
		return max(begins(b, "$Lock "), begins(b, "$MyNick "), begins(b, "$Supports "),
			begins(b, "HSUP AD"), begins(b, "ISUP AD"), begins(b, "CSUP AD"))
	})
}

// inspectDConnectUDP knows "$SR nick path", with the byte 5 before the size
// and the hub; "URES" and its kin, with the sender's identifier, 192 bits in base 32.
func inspectDConnectUDP(in *Input, _ *Result) Verdict {
	const head, identifier = len("URES "), 39
	d := in.Newest()
	switch {
	case len(d) < head:
		return No
	case string(d[:4]) == "$SR ":
		if hub := bytes.LastIndexByte(d, 5); hub < 0 || !bytes.HasSuffix(bytes.TrimSuffix(d, []byte("|")), []byte(")")) {
			return No
		}
		return Match
	case len(d) <= head+identifier || d[0] != 'U' || d[4] != ' ' || d[head+identifier] != ' ':
		return No
	}
	for i, c := range d[1 : head+identifier] {
		if i != 3 && (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return No
		}
	}
	return Match
}
