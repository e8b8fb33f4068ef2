package detect

import "netifyd/core/proto"

// TiVo's connected devices announce themselves on UDP or TCP port 2190 with
// lines of name=value, of which the first is "TiVoConnect=1" (TiVo,
// "TiVoConnect Automatic Machine Discovery Protocol Specification").
var tivoCard = Protocol{ID: proto.TiVoConnect, Over: TCP | UDP, Ports: []uint16{2190}, First: "T", Limit: 64, Inspect: inspectTiVo}

func inspectTiVo(in *Input, _ *Result) Verdict {
	const first = "TiVoConnect="
	b := in.ToServer
	if in.Over == UDP {
		b = in.Newest()
	}
	if v := begins(b, first); v != NeedMore || in.Over == TCP && len(in.ToClient) == 0 {
		return v
	}
	return No
}
