package detect

import "netifyd/core/proto"

// Among Us uses Hazel (https://github.com/willardf/Hazel-Networking): hello is
// kind 8, a number, Hazel's version; then the game's own: its version as a
// number made of the date, and the player's name.
var amongusCard = Protocol{ID: proto.AmongUs, Over: UDP, Ports: []uint16{22023, 22123, 22223, 22323}, First: "\x08", Inspect: inspectAmongUs}

func inspectAmongUs(in *Input, _ *Result) Verdict {
	const hello, fixed, longestName = 8, 9, 40
	d := in.Newest()
	if len(d) <= fixed || d[0] != hello || d[1] != 0 || d[2] == 0 || d[2] > 16 || d[3] > 1 {
		return No
	}
	// year*25000 + month*1800 + day*50 + revision, from 2018 to 2049
	version, name := le32(d[4:]), int(d[8])
	if version < 2018*25000 || version > 2050*25000 || name == 0 || name > longestName || len(d) < fixed+name {
		return No
	}
	for _, c := range d[fixed : fixed+name] {
		if c < ' ' {
			return No
		}
	}
	return Match
}
