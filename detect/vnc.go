package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var vncCard = Protocol{ID: proto.VNC, Over: TCP, Ports: []uint16{5900, 5901}, Limit: 256, Inspect: inspectVNC}

// inspectVNC recognises the version line that the server sends first (RFC 6143, section 7.1.1): "RFB 003.008" LF.
func inspectVNC(in *Input, res *Result) Verdict {
	server, client := vncVersion(in.ToClient), vncVersion(in.ToServer)
	if server == No || client == No && server != Match {
		return No
	}
	switch {
	case server == Match:
		res.Put(attr.VNCVersion, in.ToClient[4:11])
	case client == Match: // a repeater or a listening viewer
		res.Put(attr.VNCVersion, in.ToServer[4:11])
	default:
		return NeedMore
	}
	return Match
}

func vncVersion(b []byte) Verdict {
	const shape = "RFB 000.000\n"
	for i := range min(len(b), len(shape)) {
		if shape[i] == '0' && (b[i] < '0' || b[i] > '9') || shape[i] != '0' && b[i] != shape[i] {
			return No
		}
	}
	if len(b) < len(shape) {
		return NeedMore
	}
	return Match
}
