package detect

import "netifyd/core/proto"

var skinnyCard = Protocol{ID: proto.CiscoSkinny, Over: TCP, Ports: []uint16{2000}, Limit: 1024, Inspect: inspectSkinny}

// inspectSkinny recognises Cisco's Skinny Client Control Protocol: messages of
// little-endian length, header version, number. A telephone's registration
// names the device; in the middle of a session a chain of messages in each
// direction, or of three in one, must have known numbers, on the usual port,
// because the format shows little.
func inspectSkinny(in *Input, _ *Result) Verdict {
	const port = 2000
	v, register, toServer := skinnyChain(in.ToServer)
	if v == No || register {
		return v
	}
	w, _, toClient := skinnyChain(in.ToClient)
	if w == No || !in.HasPort(port) && (toServer > 0 || toClient > 0) {
		return No
	}
	if toServer > 0 && toClient > 0 || toServer+toClient >= 3 {
		return Match
	}
	return NeedMore
}

// skinnyChain counts the whole messages of a direction; Match only where the
// first is a registration.
func skinnyChain(b []byte) (v Verdict, register bool, n int) {
	const header, registration, name, maxName = 12, 0x0001, 12, 16
	for first := true; len(b) > 0; first = false {
		for i, ch := range b[:min(len(b), header)] {
			switch i {
			case 1:
				if ch > 0x0f {
					return No, false, n
				}
			case 2, 3, 5, 6, 7, 10, 11:
				if ch != 0 {
					return No, false, n
				}
			case 4:
				if ch > 0x20 {
					return No, false, n
				}
			}
		}
		if len(b) < header {
			return NeedMore, false, n
		}
		length, message := le16(b), le16(b[8:])
		if length < 4 || !skinnyKnown(message) {
			return No, false, n
		}
		if first && message == registration && length >= 36 && len(b) >= name+maxName {
			device := cutZero(b[name : name+maxName])
			if len(device) >= 6 && isText(device) && (begins(device, "SEP") == Match || begins(device, "ATA") == Match || begins(device, "CIPC") == Match) {
				return Match, true, n
			}
		}
		if len(b) < 8+length {
			return NeedMore, false, n
		}
		n++
		b = b[8+length:]
	}
	return NeedMore, false, n
}

// skinnyKnown says that stations (below 0x80) or managers (from 0x81 on) use the number.
func skinnyKnown(message int) bool {
	return message <= 0x005f || 0x0081 <= message && message <= 0x0160 || message >= 0x8000 && message <= 0x8100
}
