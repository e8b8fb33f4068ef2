package detect

import "netifyd/core/proto"

// Raw printing (TCP port 9100, "JetDirect") with HP's Printer Job Language
// (PJL Technical Reference Manual, chapter 2): a job opens with the Universal
// Exit Language "\x1b%-12345X" and "@PJL"; on that port PostScript and PCL tell it too.
var jetdirectCard = Protocol{ID: proto.JetDirect, Over: TCP, Ports: []uint16{9100}, Limit: 64, Inspect: inspectJetDirect}

func inspectJetDirect(in *Input, _ *Result) Verdict {
	const port, exit = 9100, "\x1b%-12345X"
	b := in.ToServer
	if len(b) == 0 && len(in.ToClient) > 0 {
		return No
	}
	if v := begins(b, exit); v != No {
		if v == NeedMore || in.ServerPort == port {
			return v
		}
		rest := b[len(exit):]
		for len(rest) > 0 && (rest[0] == '\r' || rest[0] == '\n') {
			rest = rest[1:]
		}
		return begins(rest, "@PJL")
	}
	if in.ServerPort == port {
		return max(begins(b, "@PJL "), begins(b, "%!PS-Adobe"), begins(b, "\x1bE\x1b&"))
	}
	return No
}
