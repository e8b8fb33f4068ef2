package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// CONNECT asks a proxy for a tunnel to a host and port (RFC 9110, section 9.3.6).
var httpConnectCard = Protocol{
	ID: proto.HTTPConnect, Over: TCP, Limit: httpLimit,
	Inspect: func(in *Input, res *Result) Verdict {
		return inspectHTTPAs(in, res, proto.HTTPConnect)
	},
}

func isConnect(method []byte) bool { return string(method) == "CONNECT" }

// tunnel reads what a tunnel carries that the proxy granted. One that wants to
// know who asks (section 15.5.8) is asked again in the same connection, by some
// schemes more than once.
func (h *httpHead) tunnel(in *Input, res *Result) {
	const refused, most = 407, 3
	c, s, status, target := h.behind, h.answerBehind, h.status, h.target
	for n := 0; status == refused && n < most; n++ {
		r, state := httpmsg.ReadRequest(c)
		end := httpmsg.End(c, r.Head)
		if state == httpmsg.Bad || state == httpmsg.Whole && !isConnect(r.Method) {
			return
		}
		answer, after, ok := nextAnswer(s)
		if end == 0 || !ok {
			res.More = true
			return
		}
		c, s, status, target = c[end:], after, answer, r.Target
	}
	if status/100 != 2 {
		return
	}
	host, _ := authority(target)
	putAuthority(res, host)
	inside(in, c, s, res)
	res.PutString(attr.HTTPMethod, "CONNECT") // the request to the proxy stays the one that is told
	res.Put(attr.HTTPURL, host)
}

// nextAnswer finds a whole head of an answer behind the content of another:
// its status, and what follows it.
func nextAnswer(s []byte) (status int, after []byte, ok bool) {
	const version = "HTTP/1."
	for at := bytes.Index(s, []byte(version)); at >= 0; at = bytes.Index(s, []byte(version)) {
		s = s[at:]
		if r, state := httpmsg.ReadResponse(s); state == httpmsg.Whole {
			if end := httpmsg.End(s, r.Head); end > 0 {
				return r.Status, s[end:], true
			}
			return 0, nil, false
		}
		s = s[len(version):]
	}
	return 0, nil, false
}
