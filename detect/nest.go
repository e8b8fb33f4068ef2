package detect

import "netifyd/core/proto"

// Weave over TCP, by which Nest's devices send their logs (OpenWeave,
// WeaveMessageLayer): length of the message (2), header field (2; version in
// the highest four bits, 0x0200 and 0x0100 say that both nodes are named),
// message (4), source and destination node (8 each); all least significant first.
const (
	weaveHeader = 24
	weaveNodes  = 0x0300
)

var nestCard = Protocol{ID: proto.NestLog, Over: TCP, Ports: []uint16{11095}, Limit: 64, Inspect: inspectNestLog}

func inspectNestLog(in *Input, _ *Result) Verdict {
	return eitherWay(in, weaveMessage)
}

// weaveMessage wants one of the nodes to be a service of Nest
// (18-B4-30-02-00-00-00-XX): those have the numbers that the specification gives.
func weaveMessage(b []byte) Verdict {
	if len(b) >= 2 && le16(b) < weaveHeader-2 {
		return No
	}
	if len(b) >= 4 {
		if field := le16(b[2:]); field>>12 != 1 || field&weaveNodes != weaveNodes {
			return No
		}
	}
	if len(b) < weaveHeader {
		return NeedMore
	}
	for _, node := range [][]byte{b[8:16], b[16:24]} {
		if same(node[1:], []byte("\x00\x00\x00\x02\x30\xb4\x18")) {
			return Match
		}
	}
	return No
}
