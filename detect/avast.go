package detect

import "netifyd/core/proto"

// The connection of Avast's products to their cloud, which uses port 80
// without being HTTP: "NOSA", length of the whole message (2), version 1, kind.
var avastCard = Protocol{ID: proto.AVAST, Over: TCP, Limit: 512, Inspect: inspectAvast}

func inspectAvast(in *Input, _ *Result) Verdict {
	return eitherWay(in, avastMessage)
}

func avastMessage(b []byte) Verdict {
	const header, maxLength = 8, 4096
	if v := begins(b, "NOSA"); v != Match {
		return v
	}
	if len(b) < header {
		return NeedMore
	}
	if n := be16(b[4:]); n < header || n > maxLength || b[6] != 1 {
		return No
	}
	return Match
}
