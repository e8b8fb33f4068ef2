package detect

import "netifyd/core/proto"

var stompCard = Protocol{ID: proto.STOMP, Over: TCP, Ports: []uint16{61613}, Limit: 512, Inspect: inspectSTOMP}

// inspectSTOMP recognises the frame that opens a session
// (https://stomp.github.io/stomp-specification-1.2.html#Connecting): the
// command alone on its line, then a header or the end of the frame.
func inspectSTOMP(in *Input, _ *Result) Verdict {
	client := max(stompFrame(in.ToServer, "STOMP"), stompFrame(in.ToServer, "CONNECT"))
	if client == Match {
		return Match
	}
	if len(in.ToServer) > 0 {
		return client
	}
	return stompFrame(in.ToClient, "CONNECTED")
}

func stompFrame(b []byte, command string) Verdict {
	if v := begins(b, command); v != Match {
		return v
	}
	b = b[len(command):]
	if len(b) > 0 && b[0] == '\r' {
		b = b[1:]
	}
	if v := begins(b, "\n"); v != Match {
		return v
	}
	line, _, found := cutLine(b[1:])
	for i, ch := range line {
		if ch == ':' && i > 0 {
			return Match
		}
		if (upper(ch) < 'A' || upper(ch) > 'Z') && ch != '-' || i > 40 {
			return No
		}
	}
	if found {
		return No
	}
	return NeedMore
}
