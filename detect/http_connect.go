package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// CONNECT asks a proxy for a tunnel to a host and port (RFC 9110, section 9.3.6).
var httpConnectCard = Protocol{
	ID: proto.HTTPConnect, Over: TCP, Limit: httpLimit,
	Inspect: func(in *Input, res *Result) Verdict {
		return inspectHTTPAs(in, res, proto.HTTPConnect)
	},
}

func isConnect(method []byte) bool { return string(method) == "CONNECT" }

// behindHead is what follows a head: the bytes of the tunnel.
func behindHead(b []byte) []byte {
	if at := bytes.Index(b, []byte("\r\n\r\n")); at >= 0 {
		return b[at+4:]
	}
	return nil
}
