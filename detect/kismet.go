package detect

import "netifyd/core/proto"

// Kismet's server (TCP port 2501, up to 2011) greets with "*KISMET: " and its
// versions.
var kismetCard = Protocol{ID: proto.KISMET, Over: TCP, Ports: []uint16{2501}, Limit: 64, Inspect: inspectKismet}

func inspectKismet(in *Input, _ *Result) Verdict {
	if len(in.ToClient) == 0 && len(in.ToServer) > 0 {
		return No
	}
	return begins(in.ToClient, "*KISMET: ")
}
