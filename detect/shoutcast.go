package detect

import "netifyd/core/proto"

// SHOUTcast 1, the side of the source, on the port above the players' (as
// libshout and Icecast's shoutcast-mount speak it): the source sends a
// password on a line, the server accepts it with "OK2" and what it can do.
// Players speak HTTP, see refineStream.
var shoutcastCard = Protocol{ID: proto.ShoutCast, Over: TCP, Ports: []uint16{8001}, Limit: 128, Inspect: inspectShoutCast}

func inspectShoutCast(in *Input, _ *Result) Verdict {
	const longest = 64
	password, rest, _ := cutLine(in.ToServer)
	if len(password) > longest {
		return No
	}
	for i, c := range password {
		if (c <= ' ' || c > '~') && (c != '\r' || i < len(password)-1) {
			return No
		}
	}
	v := max(begins(in.ToClient, "OK2\r\nicy-caps:"), begins(in.ToClient, "OK2\nicy-caps:"))
	if v == NeedMore && len(rest) > 0 {
		return No // it waits for the answer
	}
	return v
}
