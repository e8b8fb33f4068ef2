package detect

import "netifyd/core/proto"

// Lustre's network over TCP (Lustre source, lnet/include/uapi, "lnet-types.h"
// and "socklnd.h"), little-endian. A connection begins with the acceptor's
// magic and version and goes on with the socket driver's hello; a message of
// an open one names two nodes, the process 12345 that servers have, and a
// kind.
var lustreCard = Protocol{ID: proto.Lustre, Over: TCP, Ports: []uint16{988}, Limit: 128, Inspect: inspectLustre}

func inspectLustre(in *Input, _ *Result) Verdict { return eitherWay(in, lustreStart) }

func lustreStart(b []byte) Verdict {
	return max(lustreAcceptor(b), lustreHello(b), lustreMessage(b))
}

// lustreAcceptor wants magic 0xacce7100, version 1 and a node: address, network kind 2 (tcp).
func lustreAcceptor(b []byte) Verdict {
	v := begins(b, "\x00\x71\xce\xac\x01\x00\x00\x00")
	if v == Match && len(b) < 16 {
		return NeedMore
	}
	return v
}

// lustreHello wants magic 0x45726963 and version 1 to 4.
func lustreHello(b []byte) Verdict {
	v := begins(b, "cirE")
	if v != Match {
		return v
	}
	if len(b) < 8 {
		return NeedMore
	}
	if n := le32(b[4:]); n == 0 || n > 4 {
		return No
	}
	return Match
}

// lustreMessage wants the driver's kind (0xc0 nothing, 0xc1 message), checksum,
// two cookies, and the header of a message: nodes, processes, kind, size.
func lustreMessage(b []byte) Verdict {
	const server, maxKind = 12345, 4
	if len(b) > 0 && b[0] != 0xc1 || len(b) > 1 && !isZero(b[1:min(len(b), 4)]) {
		return No
	}
	if len(b) < 56 {
		return NeedMore
	}
	if le32(b[40:]) != server && le32(b[44:]) != server || le32(b[48:]) > maxKind || le32(b[52:]) > 1<<24 {
		return No
	}
	return Match
}
