package detect

import "netifyd/core/proto"

// Diameter (RFC 6733, sections 3 and 4.1): version 1, length in whole words,
// flags with four reserved bits, command, application, and a first attribute
// whose flags and length are right.
var diameterCard = Protocol{ID: proto.Diameter, Over: TCP, Ports: []uint16{3868}, Limit: 64, Inspect: inspectDiameter}

func inspectDiameter(in *Input, _ *Result) Verdict { return eitherWay(in, diameterMessage) }

func diameterMessage(b []byte) Verdict {
	const header, reserved, request, failed = 20, 0x0f, 0x80, 0x20
	if len(b) > 0 && b[0] != 1 || len(b) > 3 && b[3]&3 != 0 || len(b) > 4 && (b[4]&reserved != 0 || b[4]&request != 0 && b[4]&failed != 0) {
		return No
	}
	if len(b) < header+8 {
		return NeedMore
	}
	length, command := int(be32(b)&0xffffff), int(be32(b[4:])&0xffffff)
	if length < header+8 || length > 1<<18 || !isDiameterCommand(command) {
		return No
	}
	attribute := b[header:]
	n := int(be32(attribute[4:]) & 0xffffff)
	if attribute[4]&0x1f != 0 || n < 8 || n > length-header || be32(attribute) == 0 {
		return No
	}
	return Match
}

// isDiameterCommand knows IANA's "Command Codes" and 3GPP's.
func isDiameterCommand(n int) bool {
	return n == 257 || n == 258 || n >= 260 && n <= 349 || n >= 8388608 && n <= 8388800
}
