package detect

import "netifyd/core/proto"

// Roughtime (draft-ietf-ntp-roughtime, section 5; Google's "Roughtime
// protocol"): a map of tags, little-endian: how many, rising offsets in whole
// words, and the tags, each of them known. The IETF's form has a header before it.
// The IETF's header, or the number of tags.
var roughtimeCard = Protocol{ID: proto.Roughtime, Over: UDP, Ports: []uint16{2002}, First: "R" + bytesBetween(2, 16), Inspect: inspectRoughtime}

func inspectRoughtime(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) > 12 && string(d[:8]) == "ROUGHTIM" {
		if int64(le32(d[8:])) != int64(len(d)-12) {
			return No
		}
		d = d[12:]
	}
	const least, most = 2, 16
	if len(d) < 16 || d[1]|d[2]|d[3] != 0 || d[0] < least || d[0] > most || len(d) < 8*int(d[0]) {
		return No
	}
	n := int(d[0])
	offsets, tags := d[4:4*n], d[4*n:8*n]
	last := uint32(0)
	for i := range n - 1 {
		at := le32(offsets[4*i:])
		if at%4 != 0 || at < last || at > uint32(len(d)-8*n) {
			return No
		}
		last = at
	}
	for i := range n {
		if !isRoughtimeTag(tags[4*i : 4*i+4]) {
			return No
		}
	}
	return Match
}

func isRoughtimeTag(t []byte) bool {
	switch string(t) {
	case "NONC", "PAD\xff", "ZZZZ", "SIG\x00", "SREP", "CERT", "INDX", "PATH", "VER\x00", "VERS", "SRV\x00", "TYPE", "ROOT", "MIDP", "RADI", "DELE", "MINT", "MAXT", "PUBK":
		return true
	}
	return false
}
