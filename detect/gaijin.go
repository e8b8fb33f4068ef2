package detect

import "netifyd/core/proto"

// Gaijin's launcher and games count what happens with StatsD lines that name the project.
var gaijinCard = Protocol{ID: proto.GaijinEntertainment, Over: UDP, Ports: []uint16{20011}, First: bytesBetween('a', 'z'), Inspect: inspectGaijin}

func inspectGaijin(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 32 || d[0] < 'a' || d[0] > 'z' || !isText(d[:16]) {
		return No
	}
	if following(d, ",env=") == nil {
		return No
	}
	project := following(d, ",project=")
	for _, name := range [...]string{"warthunder", "enlisted", "crossout", "cuisine_royale", "gaijin"} {
		if begins(project, name) == Match {
			return Match
		}
	}
	return No
}
