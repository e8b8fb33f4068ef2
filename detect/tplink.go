package detect

import "netifyd/core/proto"

// TP-Link's Smart Home Protocol (as softScheck described it in 2016): JSON,
// each byte the exclusive or of the text with the byte sent before it, the
// first with 171. Over TCP the length (4) stands before it.
const (
	tplinkKey  = 171
	tplinkText = 16 // readable bytes that prove a TCP stream
)

var tplinkCard = Protocol{ID: proto.TPLINKSHP, Over: TCP | UDP, Ports: []uint16{9999}, First: "\xd0", Limit: 256, Inspect: inspectTPLink}

func inspectTPLink(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if len(d) < tplinkText || !tplinkReads(d) || d[len(d)-1]^d[len(d)-2] != '}' {
			return No
		}
		return Match
	}
	return eitherWay(in, tplinkStream)
}

func tplinkStream(b []byte) Verdict {
	const header, maxLength = 4, 1 << 16
	if len(b) >= 2 && be16(b) != 0 || len(b) >= header && be32(b) < tplinkText {
		return No
	}
	if len(b) <= header {
		return NeedMore
	}
	b = b[header:]
	if !tplinkReads(b[:min(len(b), tplinkText)]) {
		return No
	}
	if len(b) < tplinkText {
		return NeedMore
	}
	return Match
}

// tplinkReads says that b begins as an object of JSON and is readable, once undone.
func tplinkReads(b []byte) bool {
	last := byte(tplinkKey)
	for i, ch := range b {
		plain := ch ^ last
		last = ch
		if i == 0 && plain != '{' || i == 1 && plain != '"' && plain != '}' || plain < ' ' && plain != '\n' && plain != '\t' && plain != '\r' || plain == 0x7f {
			return false
		}
	}
	return true
}
