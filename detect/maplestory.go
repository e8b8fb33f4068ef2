package detect

import "netifyd/core/proto"

// MapleStory's servers speak first, the only message in the clear: the length
// of the rest, the client's version, the patch as text, two vectors of four
// bytes for the cipher, and the locale.
var maplestoryCard = Protocol{ID: proto.MapleStory, Over: TCP, Ports: []uint16{8484, 8585, 8586}, Limit: 64, Inspect: inspectMapleStory}

func inspectMapleStory(in *Input, _ *Result) Verdict {
	const fixed, newest = 15, 300 // length, version, a patch of one digit, vectors, locale
	b := in.ToClient
	if len(in.ToServer) > 0 || len(b) > 0 && b[0] != fixed-2 && b[0] != fixed-1 || len(b) > 1 && b[1] != 0 {
		return No
	}
	if len(b) < 6 {
		return NeedMore
	}
	version, patch := le16(b[2:]), le16(b[4:])
	if version == 0 || version > newest || patch+14-2+1 != int(b[0]) {
		return No
	}
	if len(b) < int(b[0])+2 {
		return NeedMore
	}
	for _, c := range b[6 : 6+patch] {
		if c < '0' || c > '9' {
			return No
		}
	}
	if locale := b[int(b[0])+1]; len(b) != int(b[0])+2 || locale == 0 || locale > 9 {
		return No
	}
	return Match
}
