package detect

import "netifyd/core/proto"

// OICQ, the transport of QQ over UDP, as the public notes on it describe it:
// 0x02, version (2), command (2), sequence (2), number of the account (4),
// a body that TEA enciphered in blocks of eight, 0x03.
const (
	oicqHeader     = 11
	oicqMinAccount = 10000 // the first numbers were given out from here
)

var oicqCard = Protocol{ID: proto.OICQ, Over: UDP, Ports: []uint16{8000}, First: "\x02", Limit: 2048, Inspect: inspectOICQ}

// inspectOICQ believes one datagram at the usual port where its body is whole
// blocks, elsewhere two that agree on command, sequence and account.
func inspectOICQ(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if !isOICQ(d) {
		return No
	}
	if in.HasPort(8000) && (len(d)-oicqHeader-1)%8 == 0 && be16(d[3:]) < 0x0400 {
		return Match
	}
	if other := otherSide(in); len(other) > 0 {
		if isOICQ(other) && same(other[3:7], d[3:7]) {
			return Match
		}
		return No
	}
	return NeedMore
}

func isOICQ(d []byte) bool {
	return len(d) > oicqHeader+8 && d[0] == 0x02 && d[len(d)-1] == 0x03 &&
		be16(d[1:]) >= 0x0100 && be16(d[3:]) <= 0x0800 && be32(d[7:]) >= oicqMinAccount
}

// otherSide is the kept datagram of the direction that did not speak last; nil where none is.
func otherSide(in *Input) []byte {
	if in.FromServer {
		return in.ToServer
	}
	return in.ToClient
}
