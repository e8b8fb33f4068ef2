package detect

import "netifyd/core/proto"

// SD-RTN of Agora: a hello over UDP that lists tags of four bytes, as the
// first QUIC did: flags and connection (4), zeros and packet type 0x21,
// zeros, number of tags (2), then "SNI\0" with its length (2, least
// significant first) and the name of the edge. The server answers with "EID" first.
const sdrtnTag = 13

var sdrtnCard = Protocol{ID: proto.SDRTN, Over: UDP, Ports: []uint16{8130}, First: "\x00\x01\x02\x03", Inspect: inspectSDRTN}

func inspectSDRTN(in *Input, res *Result) Verdict {
	d := in.Newest()
	if len(d) < sdrtnTag+8 || d[0] > 3 || d[4] != 0 || d[5] != 0 {
		return No
	}
	tag := d[sdrtnTag:]
	if d[6] == 0x23 && begins(tag[1:], "EID") == Match && be32(d[7:]) != 0 {
		return Match
	}
	if d[6] != 0x21 || begins(tag, "SNI\x00") != Match {
		return No
	}
	n := le16(tag[4:])
	if n == 0 || n > len(tag)-6 {
		return No
	}
	putHost(res, tag[6:6+n])
	return Match
}
