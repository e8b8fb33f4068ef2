package detect

import "netifyd/core/proto"

// Health Level 7, version 2, in the minimal lower layer protocol (HL7
// "Transport Specification: MLLP, Release 1"): VT, then a header segment that
// names its own separators, which are mostly |^~\&.
var hl7Card = Protocol{ID: proto.HL7, Over: TCP, Ports: []uint16{2575}, Limit: 64, Inspect: inspectHL7}

func inspectHL7(in *Input, _ *Result) Verdict { return eitherWay(in, hl7Block) }

func hl7Block(b []byte) Verdict {
	best := No
	for _, segment := range [...]string{"\x0bMSH", "\x0bFHS", "\x0bBHS"} {
		if v := begins(b, segment); v > best {
			best = v
		}
	}
	if best != Match {
		return best
	}
	b = b[4:]
	// Field separator, four more, and the field separator again; version 2.7 adds a fifth.
	const least = 6
	for i, c := range b[:min(len(b), least)] {
		if c <= ' ' || c >= 0x7f || hexDigit(c) >= 0 || i > 0 && i < 5 && c == b[0] {
			return No
		}
	}
	if len(b) < least+1 {
		return NeedMore
	}
	if b[5] != b[0] && b[6] != b[0] {
		return No
	}
	return Match
}
