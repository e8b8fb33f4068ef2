package detect

import "netifyd/core/proto"

// tinc's meta protocol (https://www.tinc-vpn.org/documentation/): each side
// begins with a line of request 0, its name, and version 17 of the protocol;
// then in version 1.0 a line with its key. Packets go over UDP between the same ports.
var tincCard = Protocol{ID: proto.TINC, Over: TCP, Ports: []uint16{655}, Limit: 2048, Inspect: inspectTINC}

func inspectTINC(in *Input, res *Result) Verdict {
	v := bothWays(in, tincID)
	if v == Match {
		res.Expect = Expectation{Protocol: proto.TINC, Port: in.ServerPort}
	}
	return v
}

// tincID judges "0 name 17" or "0 name 17.7".
func tincID(b []byte) Verdict {
	const longest = 80
	line, _, found := cutLine(b)
	if v := begins(line, "0 "); v != Match {
		if found {
			return No
		}
		return v
	}
	name := 2
	for name < len(line) && isTincName(line[name]) {
		name++
	}
	switch {
	case name == len(line) && !found && len(line) < longest:
		return NeedMore
	case name == len(line), name == 2, line[name] != ' ':
		return No
	}
	version := line[name+1:]
	if v := begins(version, "17"); v != Match {
		if found {
			return No
		}
		return v
	}
	for i, c := range version[2:] {
		if i == 0 && c != '.' || i > 0 && (c < '0' || c > '9') || i > 3 {
			return No
		}
	}
	if !found {
		return NeedMore
	}
	return Match
}

func isTincName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '^'
}
