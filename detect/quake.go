package detect

import "netifyd/core/proto"

// Quake III and the engines descended from it: text behind four bytes of ones
// (https://ftp.gwdg.de/pub/misc/ftp.idsoftware.com/idstuff/quake3/docs/server.txt;
// ioquake3's q3a network protocol notes).
var quakeCard = Protocol{ID: proto.Quake, Over: UDP, Ports: []uint16{27960}, First: "\xff", Inspect: inspectQuake}

func inspectQuake(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 11 || string(d[:4]) != connectionless {
		return No
	}
	switch b := d[4:]; {
	case begins(b, "getinfo") == Match, begins(b, "getstatus") == Match, begins(b, "getservers") == Match, begins(b, "getchallenge") == Match,
		begins(b, "statusResponse\n\\") == Match, begins(b, "infoResponse\n\\") == Match, begins(b, "challengeResponse ") == Match,
		begins(b, "connectResponse") == Match, begins(b, "getserversResponse") == Match, begins(b, "connect \"") == Match, begins(b, "heartbeat ") == Match:
		return Match
	}
	return No
}
