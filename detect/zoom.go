package detect

import "netifyd/core/proto"

// Zoom's media over UDP (Michel, Sengupta, Kim, Netravali, Rexford, "Enabling
// Passive Measurement of Zoom Performance in Production Networks", IMC 2022,
// and what its handshake shows). The first byte is a kind: 1 asks with a token
// of sixteen bytes, 2 answers with it; 3 tells a number and a time and who it
// is (4 + 4 + 4 bytes), 4 sends those back; 5 carries media.
const (
	zoomAsk, zoomAnswer, zoomPing, zoomPong, zoomMedia = 1, 2, 3, 4, 5

	zoomToken = 16
	zoomEcho  = 12
)

func init() {
	register(Protocol{ID: proto.ZOOM, Over: UDP, Ports: []uint16{8801, 8802, 8803, 8804, 8805, 8806, 8807, 8808, 8809, 8810}, Limit: 4096, Inspect: inspectZoom})
}

// inspectZoom wants an answer that repeats what was asked.
func inspectZoom(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 1+zoomEcho || d[0] < zoomAsk || d[0] > zoomMedia+2 {
		return No
	}
	if d[0] >= zoomMedia {
		return NeedMore
	}
	if d[0] <= zoomAnswer && (len(d) < 3+zoomToken || d[1] != 0) {
		return No
	}
	if d[0] == zoomAsk || d[0] == zoomPing {
		return NeedMore
	}
	for at := 0; ; {
		var other []byte
		var from bool
		if other, from, at = in.Datagram(at); other == nil {
			return NeedMore
		}
		if from == in.FromServer || len(other) <= zoomEcho || other[0] != d[0]-1 {
			continue
		}
		if d[0] == zoomPong && same(other[1:1+zoomEcho], d[1:1+zoomEcho]) && !isZero(d[1:1+zoomEcho]) ||
			d[0] == zoomAnswer && len(other) >= 3+zoomToken && same(other[3:3+zoomToken], d[3:3+zoomToken]) && !isZero(d[3:3+zoomToken]) {
			return Match
		}
	}
}
