package detect

import "netifyd/core/proto"

// The measurement of Ookla's Speedtest over plain TCP (port 8080): the client
// says "HI" and may name its session, the server "HELLO" and its version; then PING, DOWNLOAD, UPLOAD.
var ooklaCard = Protocol{ID: proto.OOKLA, Over: TCP, Ports: []uint16{8080, 5060}, Limit: 256, Inspect: inspectOokla}

func inspectOokla(in *Input, _ *Result) Verdict {
	up := begins(in.ToServer, "HI")
	if len(in.ToServer) > 2 && in.ToServer[2] != '\n' && in.ToServer[2] != ' ' && in.ToServer[2] != '\r' {
		return No
	}
	down := begins(in.ToClient, "HELLO ")
	if up == No || down == No || up == NeedMore && len(in.ToClient) > 0 {
		return No
	}
	if b := in.ToClient; len(b) > 7 {
		if b[6] < '0' || b[6] > '9' || b[7] != '.' && (b[7] < '0' || b[7] > '9') {
			return No
		}
		return Match
	}
	return NeedMore
}
