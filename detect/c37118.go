package detect

import "netifyd/core/proto"

// Synchrophasors (IEEE C37.118.2-2011, clause 6.2): a sync word with kind and
// version, the size of the frame, and at its end a checksum over all of it.
var c37118Card = Protocol{ID: proto.C37118, Over: TCP | UDP, Ports: []uint16{4712, 4713}, First: "\xaa", Limit: 4096, Inspect: inspectC37118}

func inspectC37118(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		if d := in.Newest(); len(d) >= 4 && be16(d[2:]) == len(d) && c37Frame(d) == Match {
			return Match
		}
		return No
	}
	return eitherWay(in, c37Frame)
}

func c37Frame(b []byte) Verdict {
	const sync, maxKind, maxVersion = 0xaa, 5, 2
	const least, command = 16, 4
	if len(b) > 0 && b[0] != sync || len(b) > 1 && (b[1]>>4 > maxKind || b[1]&15 == 0 || b[1]&15 > maxVersion) {
		return No
	}
	if len(b) < 4 {
		return NeedMore
	}
	n := be16(b[2:])
	if n < least || b[1]>>4 == command && n < 18 {
		return No
	}
	if n > 4096 { // longer than is ever kept; configurations of many channels
		return No
	}
	if len(b) < n {
		return NeedMore
	}
	if crcCCITT(0xffff, b[:n-2]) != uint16(be16(b[n-2:])) {
		return No
	}
	return Match
}
