package detect

import "netifyd/core/proto"

// Dropbox announces itself on the local network (LanSync discovery) with one
// JSON object a datagram, to UDP port 17500: "host_int" is the machine,
// "namespaces" the shared folders.
var dropboxCard = Protocol{ID: proto.Dropbox, Over: UDP, Ports: []uint16{17500}, First: "{", Inspect: inspectDropbox}

func inspectDropbox(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 40 || d[0] != '{' || d[1] != '"' || following(d, `"host_int":`) == nil {
		return No
	}
	if following(d, `"namespaces":`) != nil || following(d, `"displayname":`) != nil {
		return Match
	}
	return No
}
