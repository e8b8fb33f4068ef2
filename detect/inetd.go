package detect

import "netifyd/core/proto"

// The simple services of old (RFC 862, 864, 867): nothing but their port and
// what comes back tells them. Discard (RFC 863) says nothing, so it is no more than its port.
var inetdCard = Protocol{ID: proto.Echo, Over: TCP | UDP, Ports: []uint16{7}, Limit: 512, Inspect: inspectEcho}

var inetdChargenCard = Protocol{ID: proto.Chargen, Over: TCP | UDP, Ports: []uint16{19}, Limit: 256, Inspect: inspectChargen}

var inetdDaytimeCard = Protocol{ID: proto.Daytime, Over: TCP | UDP, Ports: []uint16{13}, Limit: 128, Inspect: inspectDaytime}

// inspectEcho wants the server of port 7 to send back what it got, four bytes at least.
func inspectEcho(in *Input, _ *Result) Verdict {
	const port, enough = 7, 4
	if in.ServerPort != port {
		return No
	}
	n := min(len(in.ToServer), len(in.ToClient))
	if !same(in.ToServer[:n], in.ToClient[:n]) || len(in.ToClient) > len(in.ToServer) {
		return No
	}
	if n >= enough {
		return Match
	}
	return NeedMore
}

// inspectChargen wants a run of the printable characters in their order from port 19.
func inspectChargen(in *Input, _ *Result) Verdict {
	const port, enough = 19, 16
	if in.ServerPort != port {
		return No
	}
	b := in.ToClient
	for i := 1; i < min(len(b), enough); i++ {
		if b[i] != b[i-1]+1 && (b[i] != ' ' || b[i-1] != '~') || b[i] > '~' {
			return No
		}
	}
	if len(b) >= enough {
		return Match
	}
	return NeedMore
}

// inspectDaytime wants one line of text that tells a time, from port 13.
func inspectDaytime(in *Input, _ *Result) Verdict {
	const port, maxLine = 13, 100
	if in.ServerPort != port {
		return No
	}
	line, rest, ended := cutLine(in.ToClient)
	if len(line) > maxLine || len(rest) > 0 && rest[0] != '\n' || !isText(line) {
		return No
	}
	if !ended {
		return NeedMore
	}
	for i := 0; i+6 <= len(line); i++ { // HH:MM:
		if line[i+2] == ':' && line[i+5] == ':' && '0' <= line[i] && line[i] <= '2' && '0' <= line[i+3] && line[i+3] <= '5' {
			return Match
		}
	}
	return No
}
