package detect

import "netifyd/core/proto"

// TeamViewer's own framing (TCP and UDP port 5938): 0x17 0x24, command, length
// (2, least significant first), body. (Read off its traffic.) Over UDP eleven
// bytes of a header stand before it.
const (
	teamMark       = "\x17\x24"
	teamHeader     = 5
	teamMinCommand = 0x0a
	teamMaxCommand = 0x70
)

var teamviewerCard = Protocol{ID: proto.TeamViewer, Over: TCP | UDP, Ports: []uint16{5938}, First: "\x00", Limit: 2048, Inspect: inspectTeamViewer}

func inspectTeamViewer(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		return teamDatagram(in)
	}
	up, upMore := teamStream(in.ToServer)
	down, downMore := teamStream(in.ToClient)
	switch {
	case up == No || down == No:
		return No
	case up == Match && down == Match, upMore, downMore, in.HasPort(5938) && (up == Match || down == Match):
		return Match
	}
	return NeedMore
}

// teamStream judges the first header, and says whether another follows its body.
func teamStream(b []byte) (v Verdict, more bool) {
	if v := begins(b, teamMark); v != Match {
		return v, false
	}
	if len(b) > 2 && (b[2] < teamMinCommand || b[2] > teamMaxCommand) || len(b) > 4 && b[4] > 0x20 {
		return No, false
	}
	if len(b) < teamHeader {
		return NeedMore, false
	}
	rest := b[min(len(b), teamHeader+le16(b[3:])):]
	if len(rest) < teamHeader {
		return Match, false
	}
	return Match, begins(rest, teamMark) == Match && rest[2] >= teamMinCommand && rest[2] <= teamMaxCommand
}

// teamDatagram wants the mark at its place in two datagrams at the usual port.
func teamDatagram(in *Input) Verdict {
	const at = 11
	marks := 0
	for next := 0; ; {
		var d []byte
		if d, _, next = in.Datagram(next); d == nil {
			break
		}
		if len(d) < at+4 || d[0] != 0 || begins(d[at:], teamMark) != Match {
			return No
		}
		marks++
	}
	if marks > 1 && in.HasPort(5938) {
		return Match
	}
	return NeedMore
}
