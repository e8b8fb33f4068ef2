package detect

import "netifyd/core/proto"

// The Train Real-time Data Protocol (IEC 61375-2-3, annex A): sequence number,
// version 1, kind in two letters, and the length of the data, which ends the
// datagram after padding to four bytes.
var trdpCard = Protocol{ID: proto.TRDP, Over: TCP | UDP, Ports: []uint16{17224, 17225}, Limit: 64, Inspect: inspectTRDP}

func inspectTRDP(in *Input, _ *Result) Verdict {
	if in.Over == TCP {
		return eitherWay(in, trdpMessage)
	}
	d := in.Newest()
	if trdpMessage(d) != Match {
		return No
	}
	const processHeader, messageHeader = 40, 116
	header := messageHeader
	if d[6] == 'P' {
		header = processHeader
	}
	if end := header + int(be32(d[20:])); end != len(d) && (end+3)&^3 != len(d) {
		return No
	}
	return Match
}

func trdpMessage(b []byte) Verdict {
	const maxProcess, maxData = 1432, 65388
	if len(b) > 4 && b[4] != 1 || len(b) > 6 && b[6] != 'P' && b[6] != 'M' {
		return No
	}
	if len(b) < 24 {
		return NeedMore
	}
	n := be32(b[20:])
	switch b[6] {
	case 'P': // data, request, pull, error
		if k := b[7]; k != 'd' && k != 'r' && k != 'p' && k != 'e' || n > maxProcess {
			return No
		}
	case 'M': // notification, request, reply, reply with query, confirmation, error
		if k := b[7]; k != 'n' && k != 'r' && k != 'p' && k != 'q' && k != 'c' && k != 'e' || n > maxData {
			return No
		}
	}
	return Match
}
