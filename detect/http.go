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

// refineHTTP says which protocol a head speaks closer than HTTP; the first that knows one decides.
func refineHTTP(h *httpHead) (id proto.ID, ok bool) {
	if id, ok = refineWebsocket(h); ok {
		return id, ok
	}
	if id, ok = refineH2C(h); ok {
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
	if id, ok = refineTracker(h); ok {
		return id, ok
	}
	return refineRPCOverHTTP(h)
}

func inspectHTTP(in *Input, res *Result) Verdict {
	return inspectHTTPAs(in, res, proto.HTTP)
}

// inspectHTTPAs is what the cards of HTTP share: each takes the requests whose
// target makes them its own. A response without its request is plain HTTP. Only
// the client asks and only the server answers; which is which is found out
// where the beginning was not seen.
func inspectHTTPAs(in *Input, res *Result, own proto.ID) Verdict {
	asked, answered := httpmsg.SkipEmpty(in.ToServer), in.ToClient
	if len(in.ToServer) > 0 && len(asked) == 0 {
		return NeedMore // empty lines so far
	}
	if !in.Opened && (isHTTPRequest(answered) || isHTTPResponse(asked)) && !isHTTPRequest(asked) && !isHTTPResponse(answered) {
		asked, answered = answered, asked
	}
	h := httpHead{room: res.Scratch[httpFoldRoom:httpFoldRoom]}
	v := h.readRequest(asked)
	switch w := h.readResponse(answered); {
	case v == Match || w == Match:
		if v == No && httpmsg.HasMethod(asked) {
			h.readFields(asked, bytes.IndexByte(asked, '\n')+1, false)
		} else if v == No {
			h.readUnknown(asked)
		}
		v = Match
	case len(asked) == 0:
		v = w
	case w != No && (httpmsg.HasMethod(asked) || own != proto.HTTPConnect && httpmsg.MayHaveMethod(asked)):
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
	res.Facts |= h.judge()
	res.More = !h.askedAll || !h.answeredAll // after a response alone, the next request still tells the host
	res.More = res.More || h.owesProgram(answered)
	if own == proto.HTTPConnect && !res.More {
		h.tunnel(in, res)
	}
	h.upgradeTLS(res)
	return Match
}

// isHTTPRequest says that b begins as a request.
func isHTTPRequest(b []byte) bool {
	_, s := httpmsg.ReadRequest(b)
	return len(b) > 0 && s != httpmsg.Bad || httpmsg.HasMethod(b)
}

// isHTTPResponse says that b begins with the line of a response.
func isHTTPResponse(b []byte) bool {
	_, s := httpmsg.ReadResponse(b)
	return s == httpmsg.Whole
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

// putHTTP puts what a head says. The URL is host and path, without a scheme
// and without the name and password that may stand before the host. The host
// of a whole URL wins over the field (RFC 9112, section 3.2.2).
func putHTTP(h *httpHead, res *Result) {
	target := h.target
	if res.Protocol == proto.BitTorrent {
		putTracker(h, res)
	}
	if isConnect(h.method) {
		h.host, target = authority(target)
	} else if isAbsolute(target) {
		h.host, target = authority(target[bytes.Index(target, []byte("://"))+3:])
	}
	if len(h.host) > 0 {
		putAuthority(res, h.host)
	}
	if h.method != nil {
		res.Put(attr.HTTPMethod, h.method)
		url := append(append(res.Scratch[:0], h.host[:min(len(h.host), 512)]...), target[:min(len(target), 4096)]...)
		res.Put(attr.HTTPURL, url)
		if name := httpDNSName(h); name != nil {
			res.Put(attr.DNSQuery, hostName(res.Scratch[dnsAnsweredRoom:dnsAnsweredRoom+maxHost], name))
		}
	}
	if len(h.userAgent) > 0 {
		res.Put(attr.HTTPUserAgent, h.userAgent)
	}
	if len(h.server) > 0 {
		res.Put(attr.HTTPServer, h.server)
	}
}

// refineRPCOverHTTP knows the methods of Microsoft's RPC over HTTP ([MS-RPCH], section 2.1.2).
func refineRPCOverHTTP(h *httpHead) (proto.ID, bool) {
	return proto.MSRPCH, bytes.HasPrefix(h.method, []byte("RPC_"))
}
