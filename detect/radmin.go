package detect

import "netifyd/core/proto"

// Radmin 3 (TCP port 4899): every message is 1, its length (4), a sum (4) and
// so many bytes; the sum is that of the message in words of four bytes, least
// significant first. (Read off its traffic; there is no public description.)
var radminCard = Protocol{ID: proto.Radmin, Over: TCP, Ports: []uint16{4899}, Limit: 512, Inspect: inspectRadmin}

func inspectRadmin(in *Input, _ *Result) Verdict {
	if len(in.ToServer) == 0 && len(in.ToClient) > 0 {
		return No
	}
	return bothWays(in, radminMessage)
}

func radminMessage(b []byte) Verdict {
	const header, maxLength = 9, 256
	if v := begins(b, "\x01\x00\x00"); v != Match {
		return v
	}
	if len(b) < header {
		return NeedMore
	}
	n := int(be32(b[1:]))
	if n == 0 || n > maxLength {
		return No
	}
	want := be32(b[5:])
	if b = b[header:]; len(b) < n {
		return NeedMore
	}
	sum := uint32(0)
	for i, c := range b[:n] {
		sum += uint32(c) << (8 * (i % 4))
	}
	if sum != want || sum == 0 {
		return No
	}
	return Match
}
