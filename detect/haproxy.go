package detect

import "netifyd/core/proto"

// The PROXY protocol (haproxy.org, "The PROXY protocol Versions 1 & 2",
// section 2): what a proxy says of a connection before it hands it on.
var haproxyCard = Protocol{ID: proto.HAProxy, Over: TCP, Limit: 128, Inspect: inspectHAProxy}

func inspectHAProxy(in *Input, _ *Result) Verdict {
	if len(in.ToServer) == 0 && len(in.ToClient) > 0 {
		return No
	}
	return max(proxyVersion1(in.ToServer), proxyVersion2(in.ToServer))
}

func proxyVersion1(b []byte) Verdict {
	if v := begins(b, "PROXY UNKNOWN"); v != No {
		return v
	}
	if v := max(begins(b, "PROXY TCP4 "), begins(b, "PROXY TCP6 ")); v != Match {
		return v
	}
	const longest = 107 // section 2.1
	for i, c := range b[11:] {
		switch {
		case c == '\r':
			return Match
		case i > longest, c != ' ' && c != '.' && c != ':' && hexDigit(c) < 0:
			return No
		}
	}
	return NeedMore
}

func proxyVersion2(b []byte) Verdict {
	if v := begins(b, "\r\n\r\n\x00\r\nQUIT\n"); v != Match {
		return v
	}
	if len(b) > 12 && b[12] != 0x20 && b[12] != 0x21 {
		return No
	}
	if len(b) < 16 {
		return NeedMore
	}
	return Match
}
