package detect

import "netifyd/core/proto"

// StealthNet and its elder RShare: every message, from either side, begins
// with the name of the protocol, its version in a digit, a dot and a digit,
// and the kind of encryption: none, RSA, Rijndael (program of the same name,
// https://github.com/suiryc/StealthNet).
var stealthnetCard = Protocol{ID: proto.Stealthnet, Over: TCP, Limit: 64, Inspect: inspectStealthnet}

func inspectStealthnet(in *Input, _ *Result) Verdict {
	const name = "LARS REGENSBURGER'S FILE SHARING PROTOCOL 0."
	return eitherWay(in, func(b []byte) Verdict {
		switch v := begins(b, name); {
		case v != Match:
			return v
		case len(b) < len(name)+2:
			return NeedMore
		case b[len(name)+1] > 2:
			return No
		}
		return Match
	})
}
