package detect

import "netifyd/core/proto"

// A node of Munin (guide.munin-monitoring.org, "Data exchange between master
// and node") greets with its name.
var muninCard = Protocol{ID: proto.Munin, Over: TCP, Ports: []uint16{4949}, Limit: 32, Inspect: inspectMunin}

func inspectMunin(in *Input, _ *Result) Verdict {
	if len(in.ToClient) > 0 {
		return begins(in.ToClient, "# munin node at ")
	}
	return begins(in.ToServer, "# munin node at ")
}
