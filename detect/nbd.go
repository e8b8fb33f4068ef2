package detect

import "netifyd/core/proto"

// Network Block Device (doc/proto.md of nbd): the server opens with "NBDMAGIC"
// and, since the fixed newstyle, "IHAVEOPT"; in the old style a mark of eight bytes.
var nbdCard = Protocol{ID: proto.NBD, Over: TCP, Ports: []uint16{10809}, Limit: 64, Inspect: inspectNBD}

func inspectNBD(in *Input, _ *Result) Verdict {
	if len(in.ToClient) == 0 && len(in.ToServer) > 0 {
		return No
	}
	return begins(in.ToClient, "NBDMAGIC")
}
