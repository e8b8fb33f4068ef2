package detect

import "netifyd/core/proto"

// Babel's ports: its own, and that of version 1 (RFC 8966, section 7).
const (
	babelPort    = 6696
	babelOldPort = 6697
)

// Babel, a routing protocol of meshes (RFC 8966, section 4.2): magic, version
// 2, the length of a body, which elements of type, length and value fill; what
// authenticates follows.
var babelCard = Protocol{ID: proto.Babel, Over: UDP, Ports: []uint16{babelPort, babelOldPort}, First: "\x2a", Inspect: inspectBabel}

func inspectBabel(in *Input, _ *Result) Verdict {
	const magic, version, header, pad = 42, 2, 4, 0
	d := in.Newest()
	if !in.HasPort(babelPort) && !in.HasPort(babelOldPort) || len(d) < header || d[0] != magic || d[1] != version {
		return No
	}
	n := header + be16(d[2:])
	if n > len(d) {
		return No
	}
	for b := d[header:n]; len(b) > 0; {
		if b[0] == pad {
			b = b[1:]
			continue
		}
		if len(b) < 2 || len(b) < 2+int(b[1]) {
			return No
		}
		b = b[2+int(b[1]):]
	}
	return Match
}
