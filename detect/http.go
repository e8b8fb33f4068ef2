package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// httpLimit is how far the head of a message is read.
const httpLimit = 4096

// HTTP/1.0 and 1.1 (RFC 9112) is proven by a request line to either side or,
// in a flow whose beginning was not seen, by a status line. Requests through a
// proxy have cards of their own; what the head says of its content makes it a
// closer protocol, see refineHTTP.
var httpCard = Protocol{
	ID: proto.HTTP, Over: TCP, Ports: []uint16{80, 8080, 8000, 8008, 591},
	Limit: httpLimit, Inspect: inspectHTTP,
}

// httpHead is what the heads of a request and of its response say. Fields that
// were not seen are nil or 0.
type httpHead struct {
	method, target          []byte
	host, userAgent, server []byte
	contentType, upgrade    []byte
	soapAction, dav, icy    bool
	shoutcast               bool // the server calls itself SHOUTcast
	status                  int
	askedAll, answeredAll   bool // the head of the request, of the response is complete
}

// refineHTTP says which protocol a head speaks closer than HTTP; the first that knows one decides.
func refineHTTP(h *httpHead) (id proto.ID, ok bool) {
	if id, ok = refineWebsocket(h); ok {
		return id, ok
	}
	if id, ok = refineIPP(h); ok {
		return id, ok
	}
	if id, ok = refineDoH(h); ok {
		return id, ok
	}
	if id, ok = refineSOAP(h); ok {
		return id, ok
	}
	if id, ok = refineWebDAV(h); ok {
		return id, ok
	}
	if id, ok = refineStream(h); ok {
		return id, ok
	}
	if id, ok = refineFastTrack(h); ok {
		return id, ok
	}
	return refineRPCOverHTTP(h)
}

func inspectHTTP(in *Input, res *Result) Verdict {
	return inspectHTTPAs(in, res, proto.HTTP)
}

// inspectHTTPAs is what the cards of HTTP share: each takes the requests whose
// target makes them its own. A response without its request is plain HTTP.
func inspectHTTPAs(in *Input, res *Result, own proto.ID) Verdict {
	var h httpHead
	v := readHTTP(in.ToServer, &h)
	switch w := readHTTP(in.ToClient, &h); {
	case v == Match || w == Match:
		if v == No && httpmsg.HasMethod(in.ToServer) {
			readHTTPHeaders(in.ToServer, bytes.IndexByte(in.ToServer, '\n')+1, &h)
		}
		v = Match
	case len(in.ToServer) == 0:
		v = w
	case w != No && httpmsg.HasMethod(in.ToServer):
		v = NeedMore // a malformed request is still one if it is answered as one
	}
	if v != Match {
		return v
	}
	if targetOf(&h) != own {
		return No
	}
	if id, ok := refineHTTP(&h); ok {
		res.Protocol = id
	}
	putHTTP(&h, res)
	res.More = !h.askedAll || !h.answeredAll // after a response alone, the next request still tells the host
	if own == proto.HTTPConnect && !res.More && h.status/100 == 2 {
		insideTLS(behindHead(in.ToServer), behindHead(in.ToClient), res)
	}
	return Match
}

// targetOf says by the form of the target which card a request belongs to (RFC 9112, section 3.2).
func targetOf(h *httpHead) proto.ID {
	switch {
	case isConnect(h.method):
		return proto.HTTPConnect
	case isAbsolute(h.target):
		return proto.HTTPProxy
	}
	return proto.HTTP
}

// readHTTP reads the head that b begins with, of whichever kind.
func readHTTP(b []byte, h *httpHead) Verdict {
	if r, s := httpmsg.ReadRequest(b); s == httpmsg.Whole {
		h.method, h.target = r.Method, r.Target
		h.askedAll = len(b) >= httpLimit || httpmsg.Ended(b, r.Head)
		readHTTPHeaders(b, r.Head, h)
		return Match
	} else if s == httpmsg.Partial {
		return NeedMore
	}
	r, s := httpmsg.ReadResponse(b)
	switch s {
	case httpmsg.Whole:
		h.status = r.Status
		h.answeredAll = len(b) >= httpLimit || httpmsg.Ended(b, r.Head)
		readHTTPHeaders(b, r.Head, h)
		return Match
	case httpmsg.Partial:
		return NeedMore
	}
	return No
}

func readHTTPHeaders(b []byte, off int, h *httpHead) {
	if off == 0 {
		return
	}
	for name, value, next := httpmsg.Header(b, off); next != 0; name, value, next = httpmsg.Header(b, next) {
		switch {
		case httpmsg.Is(name, "host"):
			h.host = value
		case httpmsg.Is(name, "user-agent"):
			h.userAgent = value
		case httpmsg.Is(name, "server"):
			h.server = value
		case httpmsg.Is(name, "content-type"):
			h.contentType = value
		case httpmsg.Is(name, "upgrade"):
			h.upgrade = value
		case httpmsg.Is(name, "soapaction"):
			h.soapAction = true
		case httpmsg.HasPrefix(name, "icy-") && !httpmsg.Is(name, "icy-metadata"), // that one is a player's wish
			httpmsg.HasPrefix(name, "ice-"):
			h.icy = true
			h.shoutcast = h.shoutcast || httpmsg.Is(name, "icy-notice2") && httpmsg.HasPrefix(value, "shoutcast ")
		case httpmsg.Is(name, "dav"):
			h.dav = true
		}
	}
}

// putHTTP puts what a head says. The URL is host and path without a scheme.
func putHTTP(h *httpHead, res *Result) {
	target := h.target
	if at := bytes.Index(target, []byte("://")); at > 0 && target[0] != '/' {
		target = target[at+3:]
		if len(h.host) == 0 {
			h.host = target[:hostLength(target)]
		}
		target = target[hostLength(target):]
	} else if isConnect(h.method) {
		h.host, target = target, nil
	}
	if len(h.host) > 0 {
		putHost(res, h.host)
	}
	if h.method != nil {
		res.Put(attr.HTTPMethod, h.method)
		url := append(append(res.Scratch[:0], h.host[:min(len(h.host), 512)]...), target[:min(len(target), 4096)]...)
		res.Put(attr.HTTPURL, url)
	}
	if len(h.userAgent) > 0 {
		res.Put(attr.HTTPUserAgent, h.userAgent)
	}
	if len(h.server) > 0 {
		res.Put(attr.HTTPServer, h.server)
	}
}

// hostLength is the length of the host and port that b begins with.
func hostLength(b []byte) int {
	if n := bytes.IndexByte(b, '/'); n >= 0 {
		return n
	}
	return len(b)
}

// refineRPCOverHTTP knows the methods of Microsoft's RPC over HTTP ([MS-RPCH], section 2.1.2).
func refineRPCOverHTTP(h *httpHead) (proto.ID, bool) {
	return proto.MSRPCH, bytes.HasPrefix(h.method, []byte("RPC_"))
}
