package detect

import "netifyd/core/proto"

const gearmanPort = 4730

// Gearman (gearman.org/protocol, "Binary Packet" and "Administrative
// Protocol"): magic for request or response, kind, size; or the word "status",
// answered with lines of a name and three numbers.
var gearmanCard = Protocol{ID: proto.Gearman, Over: TCP, Ports: []uint16{gearmanPort}, Limit: 128, Inspect: inspectGearman}

func inspectGearman(in *Input, _ *Result) Verdict {
	return max(eitherWay(in, gearmanPacket), gearmanStatus(in))
}

// gearmanStatus reads one line each way. Without functions the answer is a dot, which proves nothing away from the port.
func gearmanStatus(in *Input) Verdict {
	if v := begins(in.ToServer, "status"); v != Match {
		return v
	}
	if len(in.ToServer) > 6 && in.ToServer[6] != '\r' && in.ToServer[6] != '\n' {
		return No
	}
	line, _, found := cutLine(in.ToClient)
	if !found {
		return NeedMore
	}
	if len(line) == 1 && line[0] == '.' && in.HasPort(gearmanPort) {
		return Match
	}
	tabs := 0
	for i, c := range line {
		switch {
		case c == '\t' && i > 0:
			tabs++
		case tabs > 0 && (c < '0' || c > '9'):
			return No
		}
	}
	if tabs != 3 {
		return No
	}
	return Match
}

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
