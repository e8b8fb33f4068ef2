package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/cotp"
)

// Siemens' S7 communication and its successor, on OSI transport (RFC 1006).
// Siemens has published neither; the headers are as descriptions of captures
// give them: protocol 0x32 with kind, two zero bytes, reference and the lengths
// of parameters and data; protocol 0x72 with version and length.
var s7commCard = Protocol{ID: proto.S7comm, Over: TCP, Ports: []uint16{102}, Limit: 1024, Inspect: inspectS7comm}

var s7commPlusCard = Protocol{ID: proto.S7CommPlus, Over: TCP, Ports: []uint16{102}, Limit: 1024, Inspect: inspectS7CommPlus}

func inspectS7comm(in *Input, _ *Result) Verdict { return eitherWay(in, s7Message) }

func inspectS7CommPlus(in *Input, _ *Result) Verdict { return eitherWay(in, s7PlusMessage) }

func s7Message(b []byte) Verdict {
	user, whole, state := cotp.Data(b)
	if state != cotp.OK {
		return cotpVerdict(state)
	}
	const job, answer, user7 = 1, 3, 7 // 2 acknowledges without data
	for i, c := range user[:min(len(user), 4)] {
		if i == 0 && c != 0x32 || i == 1 && (c < job || c > answer) && c != user7 || i > 1 && c != 0 {
			return No
		}
	}
	if len(user) < 10 {
		return openCOTP(whole)
	}
	header := 10
	if user[1] == 2 || user[1] == answer {
		header = 12 // class and code of an error
	}
	sum := header + be16(user[6:]) + be16(user[8:])
	if whole && sum != len(user) || sum < len(user) {
		return No
	}
	if !whole {
		return NeedMore
	}
	return Match
}

func s7PlusMessage(b []byte) Verdict {
	user, whole, state := cotp.Data(b)
	if state != cotp.OK {
		return cotpVerdict(state)
	}
	const trailer = 4
	if user[0] != 0x72 {
		return No
	}
	if len(user) < 4 {
		return openCOTP(whole)
	}
	if v := user[1]; v == 0 || v > 3 && v < 0xfe {
		return No
	}
	// A fragment that others follow has no trailer.
	n := 4 + be16(user[2:])
	if whole && n != len(user) && n+trailer != len(user) || n < 4 && whole {
		return No
	}
	if !whole {
		return NeedMore
	}
	return Match
}

func cotpVerdict(s cotp.State) Verdict {
	if s == cotp.Bad {
		return No
	}
	return NeedMore
}

// openCOTP judges user data that ends before a header does.
func openCOTP(whole bool) Verdict {
	if whole {
		return No
	}
	return NeedMore
}
