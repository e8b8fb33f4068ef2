package detect

import "netifyd/core/proto"

// Gopher (RFC 1436): a selector and CR LF to port 70; the answer is a menu,
// lines of a kind, a title, selector, host and port with tabs between them, or a text.
var gopherCard = Protocol{ID: proto.Gopher, Over: TCP, Ports: []uint16{70}, Limit: 2048, Inspect: inspectGopher}

func inspectGopher(in *Input, _ *Result) Verdict {
	const port, maxSelector = 70, 255
	return oneLine(in, port, maxSelector)
}
