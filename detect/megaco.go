package detect

import "netifyd/core/proto"

var megacoCard = Protocol{ID: proto.Megaco, Over: UDP | TCP, Ports: []uint16{2944}, First: "Mm!", Limit: 256, Inspect: inspectMegaco}

// inspectMegaco recognises the text form (RFC 3525, annex B.2): "MEGACO/1 "
// or "!/1 " and the sender's address, name or device.
func inspectMegaco(in *Input, _ *Result) Verdict {
	b := in.Newest()
	if in.Over == TCP {
		if len(in.ToServer) > 0 {
			b = in.ToServer
		}
		if len(b) > 0 && b[0] == 3 { // TPKT before it (RFC 3525, annex D.2)
			if len(b) < 5 {
				return min(begins(b, "\x03\x00"), NeedMore)
			}
			b = b[4:]
		}
	}
	v := beginsFold(b, "MEGACO/")
	size := 7
	if v == No {
		v, size = begins(b, "!/"), 2
	}
	if v == Match {
		v = megacoVersion(b[size:])
	}
	if v == NeedMore && in.Over == UDP {
		return No
	}
	return v
}

// megacoVersion wants a digit, a space, and what can begin the sender's name.
func megacoVersion(b []byte) Verdict {
	for i, ch := range b[:min(len(b), 3)] {
		switch {
		case i == 0 && (ch < '1' || ch > '3'):
			return No
		case i == 1 && ch != ' ' && ch != '\t' && ch != '\n' && ch != '\r':
			return No
		case i == 2 && ch != '[' && ch != '<' && ch != '\n' && (ch < '0' || ch > 'z'):
			return No
		}
	}
	if len(b) < 3 {
		return NeedMore
	}
	return Match
}
