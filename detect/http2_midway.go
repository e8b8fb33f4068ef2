package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/hpack"
)

// HTTP/2 without TLS in a connection whose preface was not seen, at any port, as
// gRPC keeps them for days: frames, one behind the other, each way (RFC 9113,
// section 4.1). A ping and its answer prove it, or a request and its answer on
// one stream, or messages of gRPC both ways (grpc.io, "gRPC over HTTP2"). Names
// stand in a table that was filled before.
var http2MidwayCard = Protocol{ID: proto.HTTP2, Over: TCP, Limit: 4096, Tier: Heuristic, Inspect: inspectHTTP2Midway}

func inspectHTTP2Midway(in *Input, res *Result) Verdict {
	if in.Opened {
		return No
	}
	var sides [2]h2Side
	if !sides[0].read(in.ToServer) || !sides[1].read(in.ToClient) {
		return No
	}
	a, b := &sides[0], &sides[1]
	calls := a.message != 0 && a.message == b.message
	if !calls && !(a.headers != 0 && a.headers == b.headers) && !(a.pinged && b.answered) && !(b.pinged && a.answered) {
		return NeedMore
	}
	if calls {
		res.Protocol = proto.GRPC
	}
	res.Partial = true
	return Match
}

// h2Side is what the frames of one direction show.
type h2Side struct {
	pinged, answered bool
	headers, message uint32 // streams of the newest request or answer, and of the newest message of gRPC
}

// h2Kinds are the kinds of frames by number (RFC 9113, section 6): the flags
// that they have, the least and the greatest length of their bodies, and whether
// they are of a stream, of the connection, or of either.
var h2Kinds = [...]struct {
	flags       byte
	least, most int
	ofStream    bool
	ofAll       bool
}{
	h2Data:         {0x09, 0, h2FrameSize, true, false},
	h2Headers:      {0x2d, 1, h2FrameSize, true, false},
	2:              {0, 5, 5, true, false},              // PRIORITY
	3:              {0, 4, 4, true, false},              // RST_STREAM
	4:              {0x01, 0, 6 * 32, false, true},      // SETTINGS
	5:              {0x0c, 5, h2FrameSize, true, false}, // PUSH_PROMISE
	h2Ping:         {0x01, 8, 8, false, true},
	h2Goaway:       {0, 8, 1024, false, true},
	8:              {0, 4, 4, true, true}, // WINDOW_UPDATE
	h2Continuation: {0x04, 1, h2FrameSize, true, false},
}

const (
	h2Ping      = 6
	h2FrameSize = 1 << 14 // longer ones are to be agreed on (section 4.2)
)

// read walks the frames. false: something is none.
func (h *h2Side) read(b []byte) bool {
	for len(b) > 0 {
		if b[0] != 0 { // of the length; so most streams are never asked
			return false
		}
		if len(b) < h2Head {
			return true
		}
		n, kind, flags, stream := int(b[0])<<16|int(b[1])<<8|int(b[2]), b[3], b[4], be32(b[5:])
		if int(kind) >= len(h2Kinds) {
			return false
		}
		k := &h2Kinds[kind]
		if flags&^k.flags != 0 || n < k.least || n > k.most || stream>>31 != 0 || stream == 0 && !k.ofAll || stream != 0 && !k.ofStream {
			return false
		}
		b = b[h2Head:]
		whole := len(b) >= n
		body := b[:min(n, len(b))]
		b = b[len(body):]
		switch {
		case kind == h2Ping:
			h.pinged, h.answered = h.pinged || flags == 0 && whole, h.answered || flags != 0 && whole
		case kind == h2Headers && whole && flags&h2EndFlag != 0:
			if !isHeaderBlock(body, flags) {
				return false
			}
			h.headers = stream
		case kind == h2Data && flags&h2PaddedFlag == 0 && n > grpcHead && len(body) >= grpcHead && body[0] <= 1 && int(be32(body[1:])) == n-grpcHead:
			h.message = stream
		}
	}
	return true
}

// grpcHead is what stands before a message of gRPC: whether it is compressed, its length.
const grpcHead = 5

// isHeaderBlock says that the body of a HEADERS frame has fields that end where it does.
func isHeaderBlock(body []byte, flags byte) bool {
	if flags&h2PaddedFlag != 0 {
		if len(body) == 0 || int(body[0]) >= len(body) {
			return false
		}
		body = body[1 : len(body)-int(body[0])]
	}
	if flags&h2PriorityFlag != 0 {
		body = behind(body, 5)
	}
	return len(body) > 0 && hpack.Sound(body)
}
