package detect

import "netifyd/core/proto"

var xdmcpCard = Protocol{ID: proto.XDMCP, Over: UDP, Ports: []uint16{177}, First: "\x00", Inspect: inspectXDMCP}

// inspectXDMCP recognises a packet (X Consortium, X Display Manager Control
// Protocol 1.1): version 1, opcode, the length of the rest, and where the
// opcode has them, lists of strings that end where the packet does.
func inspectXDMCP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, query, maxOpcode = 6, 3, 14
	if len(d) < header+1 || be16(d) != 1 || d[2] != 0 || d[3] == 0 || d[3] > maxOpcode || be16(d[4:]) != len(d)-header {
		return No
	}
	b := d[header:]
	if !in.HasPort(177) && (d[3] > 6 || len(b) == 1) { // in the middle of a session; a query without names
		return No
	}
	switch {
	case d[3] <= query: // the names of authentication that the display knows
		n := int(b[0])
		for b = b[1:]; n > 0; n-- {
			if len(b) < 2 || len(b) < 2+be16(b) || !isText(b[2:2+be16(b)]) {
				return No
			}
			b = b[2+be16(b):]
		}
		if len(b) != 0 {
			return No
		}
	case d[3] == 5 || d[3] == 6: // willing, unwilling: two or three strings
		for n := 0; len(b) > 0; n++ {
			if len(b) < 2 || len(b) < 2+be16(b) || n == 3 || !isText(b[2:2+be16(b)]) {
				return No
			}
			b = b[2+be16(b):]
		}
	case d[3] == 13 || d[3] == 14: // keep alive: display and session, running and session
		if len(b) != 6 && len(b) != 5 {
			return No
		}
	case len(b) < 4 || d[3] == 4 && !in.HasPort(177): // a query that somebody passes on
		return No
	}
	return Match
}
