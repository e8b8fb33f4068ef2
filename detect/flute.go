package detect

import "netifyd/core/proto"

// FLUTE (RFC 6726, section 3.4; RFC 3926), on layered coding transport (RFC
// 5651, section 5.1): the table of files is object 0, in packets with the
// extension that numbers it. Packets of other objects say nothing that other
// uses of the transport would not say.
var fluteCard = Protocol{ID: proto.FLUTE, Over: UDP, First: bytesBetween(0x10, 0x1f), Inspect: inspectFLUTE}

func inspectFLUTE(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 16 || d[0]>>4 != 1 {
		return No
	}
	half := int(d[1] >> 4 & 1)
	congestion, session, object := 4+int(d[0]>>2&3)*4, int(d[1]>>7)*4+half*2, int(d[1]>>5&3)*4+half*2
	const senderTime, residualTime = 0x08, 0x04 // of RFC 3451
	times := 0
	for _, bit := range [...]byte{senderTime, residualTime} {
		if d[1]&bit != 0 {
			times += 4
		}
	}
	end := 4 * int(d[2])
	at := 4 + congestion + session + object
	if session == 0 || object == 0 || at+times > end || end > len(d) || !isZero(d[at-object:at]) {
		return No
	}
	return fluteExtensions(d[at+times : end])
}

// fluteExtensions looks for EXT_FDT: one word with version 1 or 2.
func fluteExtensions(e []byte) Verdict {
	const fixed, fdt = 128, 192
	found := No
	for len(e) > 0 {
		n := 4
		if e[0] < fixed && len(e) > 1 {
			n = 4 * int(e[1])
		}
		if n == 0 || n > len(e) {
			return No
		}
		if e[0] == fdt {
			if v := e[1] >> 4; v != 1 && v != 2 {
				return No
			}
			found = Match
		}
		e = e[n:]
	}
	return found
}
