package detect

import "netifyd/core/proto"

// The Identification Protocol (RFC 1413): two port numbers with a comma to the
// server, which repeats them and says ": USERID :" or ": ERROR :".
var identCard = Protocol{ID: proto.Ident, Over: TCP, Ports: []uint16{113}, Limit: 512, Inspect: inspectIdent}

func inspectIdent(in *Input, _ *Result) Verdict {
	_, v := identPorts(in.ToServer)
	if v == No || v == NeedMore && len(in.ToClient) > 0 {
		return No
	}
	if v != Match {
		return NeedMore
	}
	rest, w := identPorts(in.ToClient)
	if w != Match {
		return w
	}
	rest = trimSpace(rest)
	if len(rest) == 0 {
		return NeedMore
	}
	if rest[0] != ':' {
		return No
	}
	rest = trimSpace(rest[1:])
	return beginsAny(rest, identAnswers[:])
}

var identAnswers = [...]string{"USERID", "ERROR"}

// identPorts reads "PORT , PORT"; rest is what follows.
func identPorts(b []byte) (rest []byte, v Verdict) {
	const maxPort = 65535
	for i := range 2 {
		for len(b) > 0 && b[0] == ' ' {
			b = b[1:]
		}
		n, digits := decimal(b)
		if n > maxPort || len(b) > digits && (digits == 0 || n == 0) {
			return nil, No
		}
		b = b[digits:]
		if i == 1 {
			if len(b) == 0 {
				return b, NeedMore
			}
			return b, Match
		}
		for len(b) > 0 && b[0] == ' ' {
			b = b[1:]
		}
		if len(b) == 0 {
			return nil, NeedMore
		}
		if b[0] != ',' {
			return nil, No
		}
		b = b[1:]
	}
	return nil, NeedMore
}
