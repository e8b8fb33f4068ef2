package detect

import "netifyd/core/proto"

// JSON-RPC 2.0 without a transport of its own: an object, or a list of them,
// with the member "jsonrpc" and, of a request, "method".
var jsonrpcCard = Protocol{ID: proto.JSONRPC, Over: TCP, Limit: 1024, Inspect: inspectJSONRPC}

// inspectJSONRPC leaves the methods of mining pools to the cards of those.
func inspectJSONRPC(in *Input, _ *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
	}
	if b[0] == '[' {
		b = b[1:]
	}
	for len(b) > 0 && (b[0] <= ' ') {
		b = b[1:]
	}
	if len(b) > 0 && b[0] != '{' {
		return No
	}
	for _, ch := range b[:min(len(b), 16)] {
		if ch < ' ' && ch != '\n' && ch != '\r' && ch != '\t' {
			return No
		}
	}
	if following(b, `"jsonrpc"`) == nil {
		return NeedMore
	}
	method := following(b, `"method"`)
	for len(method) > 0 && (method[0] == ' ' || method[0] == ':') {
		method = method[1:]
	}
	for i := 1; i < len(method); i++ {
		if method[i] == '"' {
			if isMining(method[1:i]) {
				return No
			}
			return Match
		}
	}
	return NeedMore
}

func isMining(method []byte) bool {
	switch string(method) {
	case "login", "submit", "getwork", "getjob", "keepalived":
		return true
	}
	return begins(method, "mining.") == Match || begins(method, "eth_submit") == Match || begins(method, "eth_getWork") == Match
}
