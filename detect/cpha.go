package detect

import "netifyd/core/proto"

// Check Point's cluster control protocol, between the members of a cluster on
// UDP port 8116 both ways: mark 0x1a90, version (2), number of the cluster (2),
// kind of packet (2).
var cphaCard = Protocol{ID: proto.CheckPointHA, Over: UDP, Ports: []uint16{8116}, First: "\x1a", Inspect: inspectCheckPointHA}

// inspectCheckPointHA takes the port of both sides for part of the evidence: it never is another.
func inspectCheckPointHA(in *Input, _ *Result) Verdict {
	const port = 8116
	d := in.Newest()
	if len(d) < 24 || in.ServerPort != port || in.ClientPort != port || be16(d) != 0x1a90 {
		return No
	}
	return Match
}
