package detect

import "netifyd/core/proto"

// QQ's messages over TCP, as open clients speak them: length of the whole (4),
// 0x0a to 0x0d (4), how it is enciphered (0 to 2), then a token with its length
// (4, counting itself; 0x0a, 0x0c) or a number (4; 0x0b, 0x0d), a zero, and the
// account in digits with its length (4, counting itself).
var qqCard = Protocol{ID: proto.QQ, Over: TCP, Ports: []uint16{14000}, Limit: 512, Inspect: inspectQQ}

func inspectQQ(in *Input, _ *Result) Verdict {
	if len(in.ToServer) == 0 && len(in.ToClient) > 0 {
		return No
	}
	const header, maxLength, maxToken = 9, 1 << 16, 256
	b := in.ToServer
	if len(b) > 1 && be16(b) != 0 || len(b) > 4 && !isZero(b[4:min(len(b), 7)]) || len(b) > 7 && (b[7] < 0x0a || b[7] > 0x0d) || len(b) > 8 && b[8] > 2 {
		return No
	}
	if len(b) < header+4 {
		return NeedMore
	}
	if be32(b) >= maxLength || be32(b) < 32 {
		return No
	}
	skip := 4
	if n := be32(b[header:]); b[7]&1 == 0 {
		if n < 4 || n > maxToken {
			return No
		}
		skip = int(n)
	}
	b = b[min(len(b), header+skip):]
	const minAccount, maxAccount = 5, 11
	if len(b) > 0 && !isZero(b[:min(len(b), 4)]) || len(b) > 4 && (b[4] < minAccount+4 || b[4] > maxAccount+4) {
		return No
	}
	if len(b) < 5+minAccount {
		return NeedMore
	}
	if _, digits := decimal(b[5:min(len(b), 1+int(b[4]))]); digits < minAccount {
		return No
	}
	return Match
}
