package detect

import "netifyd/core/proto"

// Gearman (gearman.org/protocol, "Binary Packet"): magic for request or
// response, kind, size.
func init() {
	register(Protocol{ID: proto.Gearman, Over: TCP, Ports: []uint16{4730}, Limit: 32, Inspect: inspectGearman})
}

func inspectGearman(in *Input, _ *Result) Verdict { return eitherWay(in, gearmanPacket) }

func gearmanPacket(b []byte) Verdict {
	const maxKind, largest = 42, 1 << 28
	if v := max(begins(b, "\x00REQ\x00\x00\x00"), begins(b, "\x00RES\x00\x00\x00")); v != Match {
		return v
	}
	if len(b) > 7 && (b[7] == 0 || b[7] > maxKind) {
		return No
	}
	if len(b) < 12 {
		return NeedMore
	}
	if be32(b[8:]) > largest {
		return No
	}
	return Match
}
