package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var rsyncCard = Protocol{ID: proto.RSYNC, Over: TCP, Ports: []uint16{873}, Limit: 128, Inspect: inspectRsync}

// inspectRsync recognises the greeting of the daemon, "@RSYNCD: 31.0", from either side.
func inspectRsync(in *Input, res *Result) Verdict {
	const greeting = "@RSYNCD: "
	client, server := begins(in.ToServer, greeting), begins(in.ToClient, greeting)
	switch {
	case client == Match || server == Match:
		if line, _, found := cutLine(in.ToClient); found && server == Match {
			res.Put(attr.Banner, line)
		}
		return Match
	case client == No || server == No:
		return No
	}
	return NeedMore
}
