package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/ber"
)

// Z39.50 (ANSI/NISO Z39.50-2003, 4.1) begins with an InitializeRequest, [20],
// that has perhaps a reference, [2], the protocol's version, [3], options, [4],
// and the preferred size of a message, [5]; the answer is [21].
var z3950Card = Protocol{ID: proto.Z3950, Over: TCP, Ports: []uint16{210}, Limit: 256, Inspect: inspectZ3950}

func inspectZ3950(in *Input, _ *Result) Verdict {
	const request, response = 0xb4, 0xb5
	up, down := z3950Init(in.ToServer, request), z3950Init(in.ToClient, response)
	return together(up, down)
}

func z3950Init(b []byte, kind byte) Verdict {
	const context, reference, size = 0x80, 2, 5
	tag, n, length, state := ber.Header(b)
	switch {
	case len(b) > 0 && tag != kind, state == ber.Bad, state == ber.OK && length > 4096:
		return No
	case state == ber.Short:
		return NeedMore
	}
	b = b[n:]
	for next := byte(reference); next <= size; next++ {
		tag, n, length, state = ber.Header(b)
		if next == reference && len(b) > 0 && tag == context|reference+1 {
			next++
		}
		switch {
		case len(b) > 0 && tag != context|next, state == ber.Bad, state == ber.OK && (length == 0 || length > 5 && next > reference || length > 64):
			return No
		case state == ber.Short || len(b) < n+length:
			return NeedMore
		}
		b = b[n+length:]
	}
	return Match
}
