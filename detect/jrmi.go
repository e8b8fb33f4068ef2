package detect

import "netifyd/core/proto"

// Java RMI (Oracle, "Java Remote Method Invocation Specification", section
// 10.2): name, version 1 or 2, and one of three ways to speak.
var jrmiCard = Protocol{ID: proto.JRMI, Over: TCP, Ports: []uint16{1099}, Limit: 16, Inspect: inspectJRMI}

func inspectJRMI(in *Input, _ *Result) Verdict { return eitherWay(in, jrmiHeader) }

func jrmiHeader(b []byte) Verdict {
	const stream, multiplex, acknowledge = 0x4b, 0x4d, 0x4e
	if len(b) > 0 && b[0] == acknowledge {
		// What the server says; it does not prove, and does not refute.
		return NeedMore
	}
	if v := begins(b, "JRMI\x00"); v != Match {
		return v
	}
	if len(b) > 5 && b[5] != 1 && b[5] != 2 || len(b) > 6 && (b[6] < stream || b[6] > multiplex) {
		return No
	}
	if len(b) < 7 {
		return NeedMore
	}
	return Match
}
