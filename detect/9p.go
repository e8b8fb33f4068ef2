package detect

import "netifyd/core/proto"

// 9P begins with a Tversion to the server and its Rversion back
// (intro(5) of Plan 9): size (4), 100 or 101, tag 0xffff (2), the largest
// message (4), a string with its length (2), all least significant first.
var ninePCard = Protocol{ID: proto.NineP, Over: TCP, Ports: []uint16{564}, Limit: 64, Inspect: inspect9P}

func inspect9P(in *Input, _ *Result) Verdict {
	const askVersion, answerVersion = 100, 101
	up, down := nineVersion(in.ToServer, askVersion), nineVersion(in.ToClient, answerVersion)
	return together(up, down)
}

func nineVersion(b []byte, kind byte) Verdict {
	const header, maxSize = 13, 64
	if len(b) > 0 && (b[0] < header || b[0] > maxSize) || len(b) > 1 && !isZero(b[1:min(len(b), 4)]) {
		return No
	}
	if len(b) > 4 && b[4] != kind || len(b) > 5 && b[5] != 0xff || len(b) > 6 && b[6] != 0xff {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if le16(b[11:]) != int(b[0])-header {
		return No
	}
	return begins(b[header:], "9P")
}
