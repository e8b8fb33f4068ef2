package detect

import "netifyd/core/proto"

// Gauges of fuel tanks (Veeder-Root 576013-635, "TLS-350 Serial Interface
// Manual"): a command is SOH, "I" or "S" (in lower case for computers' format),
// three hexadecimal digits of function and two of the tank. The answer repeats
// it, behind CR LF in the format for people, and ends with ETX.
var atgCard = Protocol{ID: proto.ATG, Over: TCP, Ports: []uint16{10001}, Limit: 64, Inspect: inspectATG}

func inspectATG(in *Input, _ *Result) Verdict {
	up, down := atgCommand(in.ToServer), atgCommand(in.ToClient)
	switch {
	case up == No || down == No:
		return No
	case up == Match && (down == Match || in.HasPort(10001)), down == Match && len(in.ToServer) == 0:
		return Match
	}
	return NeedMore
}

func atgCommand(b []byte) Verdict {
	if v := begins(b, "\x01"); v != Match {
		return v
	}
	b = b[1:]
	for len(b) > 0 && (b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	for i, c := range b[:min(len(b), 6)] {
		if i == 0 && c|0x20 != 'i' && c|0x20 != 's' || i > 0 && hexDigit(c) < 0 {
			return No
		}
	}
	if len(b) < 6 {
		return NeedMore
	}
	return Match
}
