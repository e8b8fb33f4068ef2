package detect

import "netifyd/core/proto"

// The agent of Checkmk (docs.checkmk.com, "Monitoring agents"): it speaks
// first, and its first section has the product's name.
var checkmkCard = Protocol{ID: proto.CHECKMK, Over: TCP, Ports: []uint16{6556}, Limit: 32, Inspect: inspectCheckmk}

func inspectCheckmk(in *Input, _ *Result) Verdict {
	if len(in.ToClient) > 0 {
		return begins(in.ToClient, "<<<check_mk>>>")
	}
	return begins(in.ToServer, "<<<check_mk>>>")
}
