package detect

import "netifyd/core/proto"

// Small services of one line whose bytes are plain text: the port is part of
// the evidence, beside the shape of the line and of its answer.
var fingerCard = Protocol{ID: proto.Finger, Over: TCP, Ports: []uint16{79}, Limit: 2048, Inspect: inspectFinger}

// inspectFinger recognises RFC 1288: an optional "/W", a name or nothing and CR
// LF on port 79, answered by text.
func inspectFinger(in *Input, _ *Result) Verdict {
	const port, maxQuery = 79, 256
	return oneLine(in, port, maxQuery)
}

// oneLine judges a service where the client sends one line of text, and the
// server then text.
func oneLine(in *Input, port uint16, longest int) Verdict {
	if in.ServerPort != port {
		return No
	}
	line, rest, ended := cutLine(in.ToServer)
	if len(line) > longest || len(rest) > 0 || !isText(line) || !ended && len(in.ToClient) > 0 {
		return No
	}
	if !ended || len(in.ToClient) == 0 {
		return NeedMore
	}
	answer, _, _ := cutLine(in.ToClient)
	if !isText(answer) {
		return No
	}
	if len(answer) < len(in.ToClient) {
		return Match
	}
	return NeedMore
}
