package detect

import "netifyd/core/proto"

// CORBA's GIOP (OMG, "CORBA Part 2: Interoperability", section 9.4.1): name,
// version 1.0 to 1.3, flags, kind of message, size in the order that the flags give.
var giopCard = Protocol{ID: proto.Corba, Over: TCP | UDP, Ports: []uint16{2809, 683}, First: "GM", Limit: 32, Inspect: inspectGIOP}

func inspectGIOP(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		// Multicast's own header (OMG, "MIOP", section 8.3): version 1.0, flags.
		d := in.Newest()
		multicast := len(d) >= 16 && begins(d, "MIOP\x10") == Match && d[5] <= 3
		if multicast || giopHeader(d) == Match {
			return Match
		}
		return No
	}
	return eitherWay(in, giopHeader)
}

func giopHeader(b []byte) Verdict {
	const maxMinor, maxFlags, maxKind, little, largest = 3, 7, 7, 1, 1 << 27
	if v := begins(b, "GIOP\x01"); v != Match {
		return v
	}
	if len(b) > 5 && b[5] > maxMinor || len(b) > 6 && b[6] > maxFlags || len(b) > 7 && b[7] > maxKind {
		return No
	}
	if len(b) < 12 {
		return NeedMore
	}
	n := be32(b[8:])
	if b[6]&little != 0 {
		n = le32(b[8:])
	}
	if n > largest {
		return No
	}
	return Match
}
