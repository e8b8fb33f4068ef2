package detect

import "netifyd/core/proto"

// Tuya's protocol on the local network, as the makers of open clients describe
// it. Up to version 3.4: mark 0x000055aa, sequence, command, length of the
// rest (4 each), checksum or HMAC, mark 0x0000aa55. From 3.5 on: 0x00006699,
// two bytes, sequence, command, length (4 each), body with its tag, 0x00009966.
var tuyaCard = Protocol{ID: proto.TuyaLP, Over: TCP | UDP, Ports: []uint16{6667, 6668, 6666, 7000}, First: "\x00", Limit: 2048, Inspect: inspectTuya}

func inspectTuya(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		return tuyaMessage(in.Newest())
	}
	return eitherWay(in, tuyaMessage)
}

// tuyaMessage wants the first message whole, up to the mark at its end.
func tuyaMessage(b []byte) Verdict {
	const maxCommand, maxLength = 0x100, 1500
	header, end := 16, uint32(0xaa55)
	v := begins(b, "\x00\x00\x55\xaa")
	if v == No {
		v = begins(b, "\x00\x00\x66\x99")
		header, end = 18, 0x9966
	}
	if v != Match {
		return v
	}
	if len(b) < header {
		return NeedMore
	}
	command, length := be32(b[header-8:]), int(be32(b[header-4:]))
	if header == 18 {
		length += 4 // its mark at the end is not counted
	}
	if command >= maxCommand || length < 8 || length > maxLength {
		return No
	}
	if len(b) < header+length {
		return NeedMore
	}
	if be32(b[header+length-4:]) != end {
		return No
	}
	return Match
}
