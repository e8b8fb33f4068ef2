package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/hpack"
)

// http2Preface begins every connection of HTTP/2 (RFC 9113, section 3.4).
const http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// HTTP/2 without TLS and with prior knowledge. Its preface was chosen so that
// no other protocol begins so. The first request names the host.
var http2Card = Protocol{ID: proto.HTTP2, Over: TCP, Limit: httpLimit, Inspect: inspectHTTP2}

func inspectHTTP2(in *Input, res *Result) Verdict {
	n := min(len(in.ToServer), len(http2Preface))
	switch {
	case string(in.ToServer[:n]) != http2Preface[:n]:
		return No
	case n == len(http2Preface):
		res.More = !readHTTP2(in.ToServer[n:], res)
		return Match
	case n == 0 && len(in.ToClient) > 0 && !isHTTP2Settings(in.ToClient):
		return No
	}
	return NeedMore
}

// Frames and flags of RFC 9113, section 6.
const (
	h2Head         = 9
	h2Data         = 0
	h2Headers      = 1
	h2Goaway       = 7
	h2Continuation = 9
	h2EndFlag      = 0x04
	h2PaddedFlag   = 0x08
	h2PriorityFlag = 0x20
)

// readHTTP2 reads the fields of the client's first HEADERS frame. done: there is nothing to wait for.
func readHTTP2(b []byte, res *Result) (done bool) {
	for len(b) >= h2Head {
		n := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
		kind, flags := b[3], b[4]
		if kind == h2Data || kind == h2Goaway {
			return true
		}
		whole := len(b) >= h2Head+n
		body := b[h2Head:min(h2Head+n, len(b))]
		b = b[min(h2Head+n, len(b)):]
		if !whole && kind != h2Headers {
			return false
		}
		if kind != h2Headers { // nor what later documents add (section 4.1)
			continue
		}
		if flags&h2PaddedFlag != 0 {
			if len(body) == 0 || int(body[0]) >= n {
				return len(body) > 0
			}
			body = body[1:min(n-int(body[0]), len(body))]
		}
		if flags&h2PriorityFlag != 0 {
			body = body[min(5, len(body)):]
		}
		ended := flags&h2EndFlag != 0
		if whole && !ended {
			body, whole = joinHTTP2(body, b, res.Scratch[h2JoinRoom:httpFoldRoom])
		}
		putHTTP2(body, res) // the names stand first: what is there of a long block is read
		return whole
	}
	return false
}

// h2JoinRoom is where the room for a header block of several frames begins in
// Result.Scratch; the URL is put together before it.
const h2JoinRoom = 512 + 4096

// joinHTTP2 puts a header block together that goes on in the frames of b (RFC
// 9113, section 6.10), as far as it is there and fits; done: it has its end.
func joinHTTP2(block, b, room []byte) (joined []byte, done bool) {
	n := copy(room, block)
	for len(b) >= h2Head {
		size := int(b[0])<<16 | int(b[1])<<8 | int(b[2])
		if b[3] != h2Continuation {
			return room[:n], true
		}
		end := min(h2Head+size, len(b))
		n += copy(room[n:], b[h2Head:end])
		if end < h2Head+size {
			break
		}
		if b[4]&h2EndFlag != 0 || n == len(room) {
			return room[:n], true
		}
		b = b[end:]
	}
	return room[:n], false
}

// putHTTP2 puts what a header block says (RFC 9113, section 8.3.1). Content of
// gRPC makes it that (grpc.io, "gRPC over HTTP2").
func putHTTP2(block []byte, res *Result) {
	var h httpHead
	var path []byte
	d := hpack.New(block, res.Scratch[httpFoldRoom:])
	for name, value, ok := d.Next(); ok; name, value, ok = d.Next() {
		switch string(name) {
		case ":authority":
			h.host = value
		case "host":
			if h.host == nil {
				h.host = value
			}
		case ":method":
			h.method = value
		case ":path":
			path = value
		case "user-agent":
			h.userAgent = value
		case "content-type":
			if bytes.HasPrefix(value, []byte("application/grpc")) {
				res.Protocol = proto.GRPC
			}
		}
	}
	h.host, _ = authority(h.host) // without a name and password before it (RFC 9113, section 8.3.1)
	if isConnect(h.method) {
		path = nil
	}
	if len(h.host) > 0 {
		putAuthority(res, h.host)
	}
	if h.method != nil && isText(h.method) && isText(path) {
		res.Put(attr.HTTPMethod, h.method)
		res.Put(attr.HTTPURL, append(append(res.Scratch[:0], h.host[:min(len(h.host), 512)]...), path[:min(len(path), 4096)]...))
	}
	if len(h.userAgent) > 0 {
		res.Put(attr.HTTPUserAgent, h.userAgent)
	}
}

// isHTTP2Settings says that b can begin with a SETTINGS frame of stream 0,
// which a server may send before it heard the client (section 3.4).
func isHTTP2Settings(b []byte) bool {
	const header = 9
	for i, c := range b[:min(len(b), header)] {
		if i != 2 && (i == 3 && c != 4 || i != 3 && c != 0) {
			return false
		}
	}
	return len(b) < 3 || b[2]%6 == 0
}
