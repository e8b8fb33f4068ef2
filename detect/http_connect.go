package detect

import "netifyd/core/proto"

// CONNECT asks a proxy for a tunnel to a host and port (RFC 9110, section 9.3.6).
var httpConnectCard = Protocol{
	ID: proto.HTTPConnect, Over: TCP, Limit: httpLimit,
	Inspect: func(in *Input, res *Result) Verdict {
		return inspectHTTPAs(in, res, proto.HTTPConnect)
	},
}

func isConnect(method []byte) bool { return string(method) == "CONNECT" }
