package detect

import "netifyd/core/proto"

// The Binary Floor Control Protocol (RFC 8855, section 5.1): version in the
// highest three bits (1 over TCP, 2 over UDP), primitive, length in words (2),
// conference (4), transaction (2), user (2).
var bfcpCard = Protocol{ID: proto.BFCP, Over: TCP | UDP, First: "\x20\x28\x30\x38\x40\x48\x50\x58", Limit: 512, Inspect: inspectBFCP}

// inspectBFCP wants an answer to a question: same conference, transaction and
// user, and a primitive that answers the other.
func inspectBFCP(in *Input, _ *Result) Verdict {
	up, down := in.ToServer, in.ToClient
	if in.Over == UDP && bfcpHead(in.Newest()) != Match {
		return No
	}
	a, b := bfcpHead(up), bfcpHead(down)
	if a == No || b == No {
		return No
	}
	if a == NeedMore || b == NeedMore {
		return NeedMore
	}
	if same(up[4:12], down[4:12]) && be16(up[8:]) != 0 && (bfcpAnswers(up[1], down[1]) || bfcpAnswers(down[1], up[1])) {
		return Match
	}
	if in.Over == UDP {
		return NeedMore // an older datagram may have been about something else
	}
	return No
}

func bfcpHead(b []byte) Verdict {
	const header, primitives, maxWords = 12, 18, 512
	if len(b) > 0 && b[0]&0xe0 != 0x20 && b[0]&0xe0 != 0x40 || len(b) > 0 && b[0]&0x07 != 0 {
		return No
	}
	if len(b) > 1 && (b[1] == 0 || b[1] > primitives) || len(b) > 3 && be16(b[2:]) > maxWords {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	return Match
}

// bfcpAnswers says that a primitive answers another (RFC 8855, section 5.1, table 1).
func bfcpAnswers(ask, answer byte) bool {
	const floorRequest, floorRelease, floorRequestQuery, floorRequestStatus, userQuery, userStatus = 1, 2, 3, 4, 5, 6
	const floorQuery, floorStatus, chairAction, chairActionAck, hello, helloAck, failure = 7, 8, 9, 10, 11, 12, 13
	const floorRequestStatusAck, floorStatusAck, goodbye, goodbyeAck = 14, 16, 17, 18
	switch ask {
	case floorRequest, floorRelease, floorRequestQuery:
		return answer == floorRequestStatus || answer == failure
	case userQuery:
		return answer == userStatus || answer == failure
	case floorQuery:
		return answer == floorStatus || answer == failure
	case chairAction:
		return answer == chairActionAck || answer == failure
	case hello:
		return answer == helloAck || answer == failure
	case floorRequestStatus:
		return answer == floorRequestStatusAck
	case floorStatus:
		return answer == floorStatusAck
	case goodbye:
		return answer == goodbyeAck
	}
	return false
}
