package detect

import "netifyd/core/proto"

// Genshin Impact opens KCP conversations with a handshake of twenty bytes: a
// kind, conversation, token, a constant, and the kind's counterpart. After it
// KCP's header is four bytes longer by the token.
var genshinCard = Protocol{ID: proto.GenshinImpact, Over: UDP, Ports: []uint16{22101, 22102}, Limit: 4096, Inspect: inspectGenshin}

func inspectGenshin(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const handshake, header = 20, 28
	if len(d) == handshake {
		switch head, tail := be32(d), be32(d[16:]); {
		case head == 0xff && tail == 0xffffffff, head == 0x145 && tail == 0x14514545, head == 0x194 && tail == 0x19419494:
			return Match
		}
		return No
	}
	if len(d) < header || isZero(d[:8]) || !isGenshin(d) {
		return No
	}
	// Two datagrams of one conversation and token, whose segments add up.
	for b, _, at := in.Datagram(0); b != nil; b, _, at = in.Datagram(at) {
		if !isGenshin(b) {
			return No
		}
		if &b[0] != &d[0] && same(b[:8], d[:8]) {
			return Match
		}
	}
	return NeedMore
}

func isGenshin(d []byte) bool {
	const header = 28
	if len(d) < header {
		return false
	}
	id := d[:8]
	for len(d) > 0 {
		if len(d) < header || !same(d[:8], id) || d[8] < kcpPush || d[8] > kcpPush+3 {
			return false
		}
		n := le32(d[24:])
		if uint64(n) > uint64(len(d)-header) || n != 0 && d[8] != kcpPush {
			return false
		}
		d = d[header+n:]
	}
	return true
}
