package detect

import "netifyd/core/proto"

// Heroes of the Storm, as its traffic shows: a head of twenty bytes. Clients
// put an identity of four bytes and a hash of ten before a flag, servers put
// zeros; then come a count of the bytes sent before and one of those received.
// The counts of three datagrams must go on from each other.
var heroesCard = Protocol{ID: proto.HerosOfTheStorm, Over: UDP, Ports: []uint16{3724, 1119}, Limit: 2048, Inspect: inspectHeroes}

func inspectHeroes(in *Input, _ *Result) Verdict {
	const enough = 3
	var last [2][]byte
	var follow [2]int
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if !isHeroes(b) {
			return No
		}
		d := 0
		if fromServer {
			d = 1
		}
		if p := last[d]; p != nil {
			const head, sent = 20, 16
			if !same(p[:4], b[:4]) {
				return No
			}
			switch step := uint16(be16(b[sent:]) - be16(p[sent:])); {
			case step == uint16(len(p)-head):
				if step != 0 {
					follow[d]++
				}
			case step == 0 && len(p) == len(b): // sent again
			case step > 4096: // out of order, or another protocol
				return No
			}
		}
		last[d] = b
		if follow[d] >= enough {
			return Match
		}
	}
	return NeedMore
}

func isHeroes(b []byte) bool {
	const head, flag = 20, 14
	return len(b) >= head && b[flag] == 0x40 && b[flag+1]&^0x10 == 0 && isZero(b[:4]) == isZero(b[4:flag])
}
