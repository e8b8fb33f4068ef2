package detect

import "netifyd/core/proto"

// BJNP, Canon's protocol for printers and scanners on the network (UDP and TCP
// ports 8611 to 8614; as the back ends of CUPS and SANE speak it): "BJNP",
// "MFNP" or "BJNB", kind (1 to 3, with 0x80 in answers), command, four bytes
// of error or number, session (2), length of the rest (4).
var bjnpCard = Protocol{ID: proto.BJNP, Over: TCP | UDP, Ports: []uint16{8611, 8612, 8613, 8614, 8610}, First: "BM", Limit: 64, Inspect: inspectBJNP}

func inspectBJNP(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		if bjnpHead(in.Newest()) == Match && int(be32(in.Newest()[12:])) == len(in.Newest())-16 {
			return Match
		}
		return No
	}
	return eitherWay(in, bjnpHead)
}

var bjnpMarks = [...]string{"BJNP", "MFNP", "BJNB"}

func bjnpHead(b []byte) Verdict {
	const header, answer, kinds = 16, 0x80, 3
	v := No
	for _, mark := range bjnpMarks {
		v = max(v, begins(b, mark))
	}
	if v != Match {
		return v
	}
	if len(b) > 4 && (b[4]&^answer == 0 || b[4]&^answer > kinds) {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if be32(b[12:]) >= 1<<24 {
		return No
	}
	return Match
}
