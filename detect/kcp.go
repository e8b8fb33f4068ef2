package detect

import "netifyd/core/proto"

// KCP (https://github.com/skywind3000/kcp/blob/master/protocol.txt): segments
// of a conversation, numbers in little-endian order, that fill the datagram.
var kcpCard = Protocol{ID: proto.KCP, Over: UDP, Limit: 4096, Inspect: inspectKCP}

const (
	kcpHeader = 24
	kcpPush   = 81 // also 82 acknowledge, 83 ask for the window, 84 tell the window
)

// inspectKCP takes data whose length is told exactly, or acknowledgements of one
// conversation from both sides or thrice.
func inspectKCP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if !isKCP(d) {
		return No
	}
	if d[4] == kcpPush {
		return Match
	}
	seen, ways := 0, [2]bool{}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if len(b) < kcpHeader || le32(b) != le32(d) {
			continue
		}
		seen++
		if fromServer {
			ways[1] = true
		} else {
			ways[0] = true
		}
	}
	if ways[0] && ways[1] || seen >= 3 {
		return Match
	}
	return NeedMore
}

// isKCP says that d is segments of one conversation to its very end.
func isKCP(d []byte) bool {
	if len(d) < kcpHeader || isZero(d[:4]) {
		return false
	}
	conversation := le32(d)
	for left := d; len(left) > 0; {
		if len(left) < kcpHeader || le32(left) != conversation || left[4] < kcpPush || left[4] > kcpPush+3 {
			return false
		}
		kind, fragment, window, n := left[4], left[5], le16(left[6:]), le32(left[20:])
		switch {
		case uint64(n) > uint64(len(left)-kcpHeader), kind == kcpPush && n == 0, kind != kcpPush && (n != 0 || fragment != 0), window == 0 && kind == kcpPush:
			return false
		}
		left = left[kcpHeader+n:]
	}
	return true
}
