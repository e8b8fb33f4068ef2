package detect

import "netifyd/core/proto"

// Real-Time Publish-Subscribe, which carries DDS (OMG DDSI-RTPS 2.5, sections
// 8.3 and 9.4.4): name, version 1 or 2, vendor, participant, submessages.
var rtpsCard = Protocol{ID: proto.RTPS, Over: TCP | UDP, Ports: []uint16{7400, 7410, 7411}, First: "R", Limit: 64, Inspect: inspectRTPS}

func inspectRTPS(in *Input, _ *Result) Verdict {
	if in.Over == TCP {
		return eitherWay(in, rtpsMessage)
	}
	if rtpsMessage(in.Newest()) == Match {
		return Match
	}
	return No
}

func rtpsMessage(b []byte) Verdict {
	if v := begins(b, "RTPS"); v != Match {
		return v
	}
	if len(b) > 4 && b[4] != 1 && b[4] != 2 || len(b) > 5 && b[5] > 9 {
		return No
	}
	if len(b) < 16 { // a ping of RTI has eight letters in place of the participant
		return NeedMore
	}
	return Match
}
