package detect

import "netifyd/core/proto"

// iSCSI begins with a Login request (RFC 7143, section 11.12): opcode 0x43,
// flags, versions of zero, no additional header, length of the keys (3), then
// behind 48 bytes "InitiatorName=" among the keys. The answer has opcode 0x23.
var iscsiCard = Protocol{ID: proto.ISCSI, Over: TCP, Ports: []uint16{3260}, Limit: 512, Inspect: inspectISCSI}

func inspectISCSI(in *Input, _ *Result) Verdict {
	const request, answer = 0x43, 0x23
	up, down := iscsiLogin(in.ToServer, request), iscsiLogin(in.ToClient, answer)
	switch {
	case up == Match, up == NeedMore && down == Match:
		return Match
	case up == No || down == No:
		return No
	}
	return NeedMore
}

// iscsiLogin wants the header to be whole and, of a request, its keys to be text.
func iscsiLogin(b []byte, opcode byte) Verdict {
	const header, maxKeys = 48, 8192
	const transitBits = 0xcf // T, C, two stages of two bits; the other two are reserved
	if len(b) > 0 && b[0] != opcode || len(b) > 1 && b[1]&^transitBits != 0 || len(b) > 2 && b[2] != 0 || len(b) > 3 && b[3] != 0 || len(b) > 4 && b[4] != 0 {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	keys := int(b[5])<<16 | be16(b[6:])
	if keys > maxKeys || opcode == 0x43 && (keys == 0 || !isZero(b[22:24]) || !isZero(b[32:48])) {
		return No
	}
	if opcode == 0x23 {
		if !isZero(b[20:24]) || !isZero(b[38:48]) || isZero(b[8:14]) && b[36] == 0 {
			return No // no session, and no reason why
		}
		if keys == 0 {
			return NeedMore // the question must tell
		}
	}
	for i, c := range b[header:] {
		switch {
		case c == '=' && i > 0:
			return Match
		case c < '0' || c > 'z' || i >= keys:
			return No
		}
	}
	return NeedMore
}
