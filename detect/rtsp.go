package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

var rtspCard = Protocol{ID: proto.RTSP, Over: TCP | UDP, Ports: []uint16{554, 8554}, First: "ADGOPRST", Limit: 1024, Inspect: inspectRTSP}

var rtspMethods = []string{"DESCRIBE ", "ANNOUNCE ", "GET_PARAMETER ", "OPTIONS ", "PAUSE ", "PLAY ", "RECORD ", "REDIRECT ", "SETUP ", "SET_PARAMETER ", "TEARDOWN "}

// inspectRTSP recognises a request or status line (RFC 2326, sections 6 and 7).
func inspectRTSP(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		if rtspLine(in.Newest(), res) == Match {
			return Match
		}
		return No
	}
	client := rtspLine(in.ToServer, res)
	server := No
	if client != Match {
		server = rtspLine(in.ToClient, res)
		if in.Opened {
			res.Drop(attr.HostName) // a server asks too, but does not say whose it is
		}
	}
	if client == Match || server == Match && (client != No || len(in.ToServer) == 0) {
		if agent := header(in.ToServer, "USER-AGENT"); len(agent) > 0 {
			res.Put(attr.HTTPUserAgent, agent)
		}
		id, done := refineRTSP(in)
		res.Protocol, res.More = id, !done
		return Match
	}
	return min(client, server)
}

func rtspLine(b []byte, res *Result) Verdict {
	if v := begins(b, "RTSP/1.0 "); v != No {
		return v
	}
	if v := begins(b, "RTSP/2.0 "); v != No {
		return v
	}
	v := No
	for _, m := range rtspMethods {
		if v = begins(b, m); v != No {
			b = b[min(len(m), len(b)):]
			break
		}
	}
	if v != Match {
		return v
	}
	line, _, found := cutLine(b)
	if !isText(line) || len(line) > 900 {
		return No
	}
	if beginsFold(line, "RTSP://") == Match || beginsFold(line, "RTSPU://") == Match {
		host := line[7:]
		if at := following(line, "://"); at != nil {
			host = at
		}
		host, _, _ = bytes.Cut(host, []byte(" "))
		host, _ = authority(host)
		putAuthority(res, host)
		return Match
	}
	if at := findFold(line, " RTSP/"); at >= 0 && at < len(line)-6 {
		return Match
	}
	if found {
		return No
	}
	return NeedMore
}
