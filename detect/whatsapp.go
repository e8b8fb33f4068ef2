package detect

import "netifyd/core/proto"

// WhatsApp's chat connection: "WA", version of the protocol and of its
// dictionary, then messages with their length (3) before them. In the days of
// FunXMPP the first was a list (0xf8); since Noise it is a protocol buffer
// that holds the client's key (field 2, in it field 1 of 32 bytes). A hint
// for routing may stand before it: "ED", 0, 1, length (3), hint.
var whatsappCard = Protocol{ID: proto.WhatsApp, Over: TCP, Ports: []uint16{5222}, Limit: 512, Inspect: inspectWhatsApp}

func inspectWhatsApp(in *Input, _ *Result) Verdict {
	const prologue, noiseHello, list = 4, 0x12, 0xf8
	const maxVersion, maxDictionary, maxHint, maxHello = 9, 12, 64, 4096
	b := in.ToServer
	if len(b) == 0 && len(in.ToClient) > 0 {
		return No
	}
	if v := begins(b, "ED\x00\x01\x00\x00"); v == NeedMore && len(b) > 0 {
		return NeedMore
	} else if v == Match {
		if len(b) < 7 {
			return NeedMore
		}
		if b[6] == 0 || b[6] > maxHint {
			return No
		}
		b = b[min(len(b), 7+int(b[6])):]
	}
	if begins(b, "WA") == No || len(b) > 2 && (b[2] == 0 || b[2] > maxVersion) || len(b) > 3 && b[3] > maxDictionary {
		return No
	}
	if len(b) < prologue+4 {
		return NeedMore
	}
	n := int(b[prologue])<<16 | be16(b[prologue+1:])
	if n == 0 || n > maxHello {
		return No
	}
	switch b = b[prologue+3:]; {
	case b[0] == list:
		return Match
	case b[0] != noiseHello || len(b) > 2 && b[1] < 0x80 && b[2] != 0x0a:
		return No
	case len(b) > 2:
		return Match
	}
	return NeedMore
}
