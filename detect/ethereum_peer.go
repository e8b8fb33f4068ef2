package detect

import "netifyd/core/proto"

// Ethereum's nodes greet each other over TCP with sealed messages (RLPx,
// https://github.com/ethereum/devp2p/blob/master/rlpx.md, EIP-8): a length, and
// a public key in the form that begins with 4. The client then waits, so that
// its length is told exactly. The port adds what such bytes do not prove.
var ethereumPeerCard = Protocol{ID: proto.Ethereum, Over: TCP, Ports: []uint16{30303}, Limit: 1024, Inspect: inspectEthereumPeer}

func inspectEthereumPeer(in *Input, _ *Result) Verdict {
	const first, last = 30300, 30399
	if in.ServerPort < first || in.ServerPort > last {
		return No
	}
	if len(in.ToServer) == 0 && len(in.ToClient) > 0 {
		return No
	}
	ask, answer := rlpxSealed(in.ToServer), rlpxSealed(in.ToClient)
	if ask == Match && len(in.ToServer) != 2+be16(in.ToServer) && answer != Match {
		if len(in.ToServer) > 2+be16(in.ToServer) {
			return No
		}
		return NeedMore
	}
	return min(ask, answer)
}

// rlpxSealed judges the length of a sealed message and the key's first byte.
func rlpxSealed(b []byte) Verdict {
	const shortest, longest = 180, 800
	if len(b) < 3 {
		return NeedMore
	}
	if n := be16(b); n < shortest || n > longest || b[2] != 4 {
		return No
	}
	return Match
}
