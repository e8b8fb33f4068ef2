package detect

import (
	"bytes"

	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// HTTP behind bytes that are no part of a request, which some programs send to
// hide it and some servers pass over. Only an answer in HTTP proves it.
var httpStrayCard = Protocol{ID: proto.HTTP, Over: TCP, Ports: httpCard.Ports, Limit: httpLimit, Inspect: inspectHTTPStray}

func inspectHTTPStray(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 || httpmsg.HasMethod(b) {
		return No
	}
	at := -1
	if line := bytes.Index(b[:min(len(b), httpmsg.Longest)], []byte(" HTTP/1.")); line > 0 {
		at = httpmsg.FindRequest(b)
	}
	if at < 0 {
		if len(in.ToClient) == 0 && len(b) < httpmsg.Longest && isWebPort(in) && strayText(b) {
			return NeedMore
		}
		return No
	}
	answer, state := httpmsg.ReadResponse(in.ToClient)
	if state != httpmsg.Whole {
		if state == httpmsg.Partial || len(in.ToClient) == 0 {
			return NeedMore
		}
		return No
	}
	h := httpHead{room: res.Scratch[httpFoldRoom:httpFoldRoom]}
	h.readRequest(b[at:])
	h.readResponse(in.ToClient)
	if targetOf(&h) != proto.HTTP || answer.Head == 0 {
		return No
	}
	if id, ok := refineHTTP(&h); ok {
		res.Protocol = id
	}
	putHTTP(&h, res)
	res.More = !h.askedAll || !h.answeredAll
	return Match
}

func isWebPort(in *Input) bool {
	for _, p := range httpCard.Ports {
		if in.HasPort(p) {
			return true
		}
	}
	return false
}

// strayText says that a request may still come: few bytes so far, or a method among the first.
func strayText(b []byte) bool {
	const longest = 18 // of methods
	if len(b) <= httpmsg.Stray {
		return true
	}
	for i := 1; i < httpmsg.Stray; i++ {
		if b[i] >= 'A' && b[i] <= 'Z' && httpmsg.HasMethod(b[i:min(len(b), i+longest)]) {
			return true
		}
	}
	return false
}
