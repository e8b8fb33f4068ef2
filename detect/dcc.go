package detect

import "netifyd/core/proto"

const dccPort = 6277

// The Distributed Checksum Clearinghouses (https://www.dcc-servers.net, the
// packet's description in its documents): the datagram's length, version, operation, the
// sender's identifier and numbers of the operation, and a signature at the end.
var dccCard = Protocol{ID: proto.DCC, Over: UDP, Ports: []uint16{dccPort}, First: "\x00\x01\x02\x03\x04\x05", Inspect: inspectDCC}

func inspectDCC(in *Input, _ *Result) Verdict {
	const header, oldest, newest, lastOp = 24, 4, 10, 9
	d := in.Newest()
	if !in.HasPort(dccPort) || len(d) < header || be16(d) != len(d) || d[2] < oldest || d[2] > newest || d[3] == 0 || d[3] > lastOp {
		return No
	}
	return Match
}
