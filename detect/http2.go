package detect

import "netifyd/core/proto"

// http2Preface begins every connection of HTTP/2 (RFC 9113, section 3.4).
const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// HTTP/2 without TLS and with prior knowledge. Its preface was chosen so that no other protocol begins so.
var http2Card = Protocol{ID: proto.HTTP2, Over: TCP, Limit: 64, Inspect: inspectHTTP2}

func inspectHTTP2(in *Input, _ *Result) Verdict {
	n := min(len(in.ToServer), len(http2Preface))
	switch {
	case string(in.ToServer[:n]) != http2Preface[:n]:
		return No
	case n == len(http2Preface):
		return Match
	case n == 0 && len(in.ToClient) > 0 && !isHTTP2Settings(in.ToClient):
		return No
	}
	return NeedMore
}

// isHTTP2Settings says that b can begin with a SETTINGS frame of stream 0,
// which a server may send before it heard the client (section 3.4).
func isHTTP2Settings(b []byte) bool {
	const header = 9
	for i, c := range b[:min(len(b), header)] {
		if i != 2 && (i == 3 && c != 4 || i != 3 && c != 0) {
			return false
		}
	}
	return len(b) < 3 || b[2]%6 == 0
}
