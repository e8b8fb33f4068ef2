package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var rdpCard = Protocol{ID: proto.RDP, Over: TCP, Ports: []uint16{3389}, Limit: tlsLimit, Inspect: inspectRDP}

// tpkt reads the header of RFC 1006, section 6, and of an X.224 TPDU behind
// it. Match: body begins at the TPDU's code; it may be cut short, whole says that it is not.
func tpkt(b []byte) (code byte, body []byte, whole bool, v Verdict) {
	if v := begins(b, "\x03\x00"); v != Match {
		return 0, nil, false, v
	}
	if len(b) < 6 {
		return 0, nil, false, NeedMore
	}
	length, indicator := be16(b[2:]), int(b[4])
	if length < 7 || indicator < 2 || 5+indicator > length {
		return 0, nil, false, No
	}
	body = b[5:min(len(b), 5+indicator)]
	return b[5], body, len(body) == indicator, Match
}

// inspectRDP recognises the connection request with the cookie, routing token
// or negotiation that only RDP puts into it, or the confirm that answers one
// ([MS-RDPBCGR] 2.2.1.1 and 2.2.1.2).
func inspectRDP(in *Input, res *Result) Verdict {
	ask, v := behindPreconnection(in.ToServer)
	if v != Match {
		return v
	}
	client, done := rdpRequest(ask, res)
	server := rdpConfirm(in.ToClient)
	if client == NeedMore && done && server == NeedMore && isConfirmed(in.ToClient) && rdpHasToken(ask) {
		client = Match // an old client asks for nothing more than its token
	}
	switch {
	case client == Match:
		res.More = !done || len(in.ToClient) == 0
		if done && server == Match {
			insideTLS(behindTPKT(ask), behindTPKT(in.ToClient), res)
		}
		return Match
	case client == NeedMore && len(in.ToServer) > 0 && !done:
		return NeedMore
	case client == NeedMore && server != No:
		if server == Match && (len(in.ToServer) > 0 || in.HasPort(3389)) {
			return Match
		}
		return NeedMore
	}
	return No
}

// behindPreconnection is what follows the message that some clients send first,
// to say which of many machines they mean ([MS-RDPEPS] 2.2.1): size, flags 0,
// version 1 or 2, a number, and in version 2 a text in UTF-16.
func behindPreconnection(b []byte) (rest []byte, v Verdict) {
	const head, longest = 16, 1024
	if len(b) == 0 || b[0] == 3 {
		return b, Match
	}
	if len(b) < head {
		for i, c := range b[min(len(b), 2):] {
			if want := i == 6 && (c == 1 || c == 2); c != 0 && !want && i < 10 {
				return nil, No
			}
		}
		return nil, NeedMore
	}
	size, version := int(le32(b)), le32(b[8:])
	switch {
	case le32(b[4:]) != 0 || size > longest:
		return nil, No
	case version == 1 && size == head:
	case version == 2 && size >= head+4 && size&1 == 0:
		if len(b) >= head+2 && le16(b[head:]) != (size-head-2)/2 {
			return nil, No
		}
	default:
		return nil, No
	}
	if len(b) <= size {
		return nil, NeedMore
	}
	if b[size] != 3 {
		return nil, No
	}
	return b[size:], Match
}

// rdpRequest is NeedMore with done for a whole request without anything of RDP in it.
func rdpRequest(b []byte, res *Result) (v Verdict, done bool) {
	const connectionRequest = 0xe0
	if len(b) == 0 {
		return NeedMore, true
	}
	code, body, whole, v := tpkt(b)
	if v != Match {
		return v, false
	}
	if code != connectionRequest {
		return No, false
	}
	if len(body) < 6 {
		return NeedMore, false
	}
	if body[1]|body[2] != 0 || body[5] != 0 {
		return No, false // destination reference, class 0
	}
	rest := body[6:]
	switch v := begins(rest, "Cookie: m"); {
	case v == Match:
		if line, _, found := cutLine(rest); found {
			if at := following(line, "mstshash="); at != nil {
				res.Put(attr.RDPCookie, at)
			} else {
				res.Put(attr.RDPCookie, line[8:])
			}
			return Match, true
		}
		return Match, whole
	case v == NeedMore && !whole:
		return NeedMore, false
	}
	// The token of a farm's broker is a line of any text before the negotiation.
	if line, after, found := cutLine(rest); len(line) > 0 && line[0] >= ' ' && isText(line) {
		if !found {
			if whole {
				return No, false
			}
			return NeedMore, false
		}
		v := rdpNegotiation(after, 1, whole)
		if v != No {
			res.Put(attr.RDPCookie, line)
		}
		return v, whole
	}
	return rdpNegotiation(rest, 1, whole), whole
}

// rdpHasToken says that a whole request ends behind a line of text.
func rdpHasToken(b []byte) bool {
	const head = 11
	return len(b) > head && len(b) >= be16(b[2:]) && b[be16(b[2:])-1] == '\n'
}

// isConfirmed says that a request was answered by a connection confirm without anything else.
func isConfirmed(b []byte) bool {
	code, body, whole, v := tpkt(b)
	return v == Match && whole && code == connectionConfirm && len(body) == 6
}

// connectionConfirm is the code of the answer to a connection request (X.224, section 13.4).
const connectionConfirm = 0xd0

// rdpConfirm wants a connection confirm with a negotiation response or failure.
func rdpConfirm(b []byte) Verdict {
	if len(b) == 0 {
		return NeedMore
	}
	code, body, whole, v := tpkt(b)
	if v != Match {
		return v
	}
	if code != connectionConfirm || len(body) >= 3 && body[1]|body[2] != 0 {
		return No
	}
	if len(body) < 6 {
		return NeedMore
	}
	v = rdpNegotiation(body[6:], 2, whole)
	if v == No {
		v = rdpNegotiation(body[6:], 3, whole)
	}
	return v
}

// rdpNegotiation reads RDP_NEG_REQ (1), RDP_NEG_RSP (2) or RDP_NEG_FAILURE
// (3): kind, flags, length 8, protocols. NeedMore for nothing at all: old
// clients send none, and then only the answer can tell.
func rdpNegotiation(b []byte, kind byte, whole bool) Verdict {
	if len(b) > 0 && b[0] != kind || len(b) > 2 && b[2] != 8 || len(b) > 3 && b[3] != 0 {
		return No
	}
	if len(b) >= 8 {
		if le32(b[4:]) > 0x1f {
			return No
		}
		return Match
	}
	if whole && len(b) > 0 {
		return No
	}
	return NeedMore
}

// behindTPKT is what follows a first TPKT: TLS, where the answer chose it
// ([MS-RDPBCGR] 5.4.5.1).
func behindTPKT(b []byte) []byte {
	if len(b) < 4 || be16(b[2:]) > len(b) {
		return nil
	}
	return b[be16(b[2:]):]
}
