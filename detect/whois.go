package detect

import (
	"bytes"
	"unicode/utf8"

	"netifyd/core/proto"
)

const whoisPort = 43

// WHOIS (RFC 3912): the client sends one line, the server text until it
// closes. That is no more than a form, so the port must agree.
var whoisCard = Protocol{ID: proto.WhoisDAS, Over: TCP, Ports: []uint16{whoisPort}, Limit: 512, Inspect: inspectWhois}

func inspectWhois(in *Input, res *Result) Verdict {
	if !in.HasPort(whoisPort) || !isLines(in.ToServer) || !isLines(in.ToClient) || !utf8.Valid(in.ToServer) {
		return No
	}
	if len(in.ToServer) == 0 { // the question was not seen
		if bytes.Contains(in.ToClient, []byte(": ")) || bytes.HasPrefix(in.ToClient, []byte("% ")) {
			return Match
		}
		return NeedMore
	}
	end := bytes.IndexByte(in.ToServer, '\n')
	switch {
	case end >= 0 && end != len(in.ToServer)-1, end < 0 && len(in.ToServer) > 256:
		return No
	case end >= 1 && len(in.ToClient) > 0:
		putWhoisName(res, in.ToServer[:end])
		return Match
	}
	return NeedMore
}

// putWhoisName puts the name asked for: the last word, behind what a server may be told, as in "domain =example.org".
func putWhoisName(res *Result, line []byte) {
	line = bytes.TrimRight(line, " \r")
	name := bytes.TrimLeft(line[bytes.LastIndexByte(line, ' ')+1:], "=")
	if bytes.IndexByte(name, '.') > 0 {
		putHost(res, name)
	}
}

// isLines refuses control characters but for those that end or indent a line.
func isLines(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
			return false
		}
	}
	return true
}
