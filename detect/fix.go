package detect

import "netifyd/core/proto"

// Financial Information eXchange (FIX session protocol, tag=value encoding):
// every message begins with BeginString (8=FIX.4.2, 8=FIXT.1.1), BodyLength (9)
// and MsgType (35), each ended by SOH.
var fixCard = Protocol{ID: proto.FIX, Over: TCP, Limit: 128, Inspect: inspectFIX}

func inspectFIX(in *Input, _ *Result) Verdict {
	return eitherWay(in, fixMessage)
}

func fixMessage(b []byte) Verdict {
	const start, versions = "8=FIX", "8=FIXT.1.1\x01"
	v := begins(b, start)
	if v != Match {
		return v
	}
	n := len(start)
	for n < len(b) && n < len(versions) && b[n] != 1 {
		if c := b[n]; c != '.' && c != 'T' && (c < '0' || c > '9') {
			return No
		}
		n++
	}
	switch {
	case n == len(b):
		return NeedMore
	case b[n] != 1:
		return No
	}
	return begins(b[n:], "\x019=")
}
