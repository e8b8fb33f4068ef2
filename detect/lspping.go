package detect

import "netifyd/core/proto"

const lspPingPort = 3503

// Ping of label switched paths (RFC 8029, section 3): version 1, a request or a
// reply, how to reply, times, and elements of type, length and value behind them.
var lspPingCard = Protocol{ID: proto.LSPPing, Over: UDP, Ports: []uint16{lspPingPort}, First: "\x00", Inspect: inspectLSPPing}

func inspectLSPPing(in *Input, _ *Result) Verdict {
	const header, lastFlag, lastMode = 32, 15, 5
	d := in.Newest()
	if !in.HasPort(lspPingPort) || len(d) < header || be16(d) != 1 || d[2] != 0 || d[3] > lastFlag {
		return No
	}
	if d[4] < 1 || d[4] > 4 || d[5] < 1 || d[5] > lastMode {
		return No
	}
	for b := d[header:]; len(b) > 0; {
		if len(b) < 4 {
			return No
		}
		size := (4 + be16(b[2:]) + 3) &^ 3 // filled to words (RFC 8029, section 3)
		if size > len(b) {
			return No
		}
		b = b[size:]
	}
	return Match
}
