package detect

import "netifyd/core/proto"

// SSTP begins with an HTTP request of its own method for its own target and a
// body without end ([MS-SSTP] 4.1). It runs over TLS, where it is not to be
// told from HTTPS; behind an edge device that ends TLS it is in the clear.
var sstpCard = Protocol{ID: proto.SSTP, Over: TCP, Limit: 128, Inspect: inspectSSTP}

func inspectSSTP(in *Input, _ *Result) Verdict {
	return begins(in.ToServer, "SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.")
}
