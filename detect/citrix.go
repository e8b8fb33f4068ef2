package detect

import "netifyd/core/proto"

// Citrix: ICA on TCP port 1494 begins with "\x7f\x7fICA\0" from the server,
// which the client repeats; with session reliability (port 2598) the client
// opens with the Common Gateway Protocol's 0x1a and "CGP/01".
var citrixCard = Protocol{ID: proto.Citrix, Over: TCP, Ports: []uint16{1494, 2598}, Limit: 64, Inspect: inspectCitrix}

func inspectCitrix(in *Input, _ *Result) Verdict {
	const ica, cgp = "\x7f\x7fICA\x00", "\x1aCGP/0"
	down := begins(in.ToClient, ica)
	up := max(begins(in.ToServer, ica), begins(in.ToServer, cgp))
	switch {
	case up == Match, down == Match:
		return Match
	case up == No || down == No && len(in.ToServer) == 0:
		return No
	}
	return NeedMore
}
