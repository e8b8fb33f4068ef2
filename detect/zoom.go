package detect

import "netifyd/core/proto"

// Zoom's media over UDP (Michel, Sengupta, Kim, Netravali, Rexford, "Enabling
// Passive Measurement of Zoom Performance in Production Networks", IMC 2022,
// and what its handshake shows). The first byte is a kind: 1 asks with a token
// of sixteen bytes, 2 answers with it; 3 tells a number and a time and who it
// is (4 + 4 + 4 bytes), 4 sends those back; 5 carries media.
const (
	zoomAsk, zoomAnswer, zoomPing, zoomMedia = 1, 2, 3, 5

	zoomToken = 16
	zoomEcho  = 12
)

var zoomCard = Protocol{ID: proto.ZOOM, Over: UDP, Ports: []uint16{8801, 8802, 8803, 8804, 8805, 8806, 8807, 8808, 8809, 8810}, First: "\x01\x03\x05\x0d\x0f\x10\x21\x22", Limit: 4096, Inspect: inspectZoom}

// inspectZoom wants an answer that repeats what was asked.
func inspectZoom(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if rtp, report := zoomPacket(d); rtp != nil || report {
		if v := zoomStream(in); v != No {
			return v
		}
	}
	asked := zoomAsks(d)
	for at := 0; ; {
		other, from, next := in.Datagram(at)
		if other == nil {
			break
		}
		at = next
		if !zoomAsks(other) {
			continue
		}
		asked = true
		if from != in.FromServer && len(d) > 0 && d[0] == other[0]+1 && zoomRepeats(d, other) {
			return Match
		}
	}
	if asked || len(d) > 12 && d[0] == zoomMedia && (zoomPort(in.ServerPort) || zoomPort(in.ClientPort)) {
		return NeedMore // media may come first where the beginning was not seen
	}
	return No
}

func zoomPort(port uint16) bool { return port >= 8801 && port <= 8810 }

// zoomAsks says that d may be a question: what is constant in one is.
func zoomAsks(d []byte) bool {
	switch {
	case len(d) < 1+zoomEcho:
		return false
	case d[0] == zoomAsk:
		return len(d) >= 3+zoomToken && be16(d[1:]) == 2
	}
	return d[0] == zoomPing && be16(d[1:]) == 0 && d[9] == 0
}

func zoomRepeats(answer, question []byte) bool {
	from, to := 1, 1+zoomEcho
	if answer[0] == zoomAnswer {
		from, to = 3, 3+zoomToken
	}
	return len(answer) >= to && same(answer[from:to], question[from:to]) && !isZero(question[from:to])
}

// zoomPacket is the RTP packet that a datagram carries behind a header whose
// length its kind tells (section 4.2.2 of the paper): 15 is sound, 16 pictures, 13 a
// shared screen; 33 and 34 are reports. Between clients nothing else stands
// before it; a relay's header of eight bytes, kind 5, does otherwise.
func zoomPacket(d []byte) (rtp []byte, report bool) {
	const relayed, reports, shortest = 8, 16, 12
	if len(d) > relayed && d[0] == zoomMedia {
		d = d[relayed:]
	}
	if len(d) == 0 {
		return nil, false
	}
	at := 0
	switch d[0] {
	case 13:
		at = 27
	case 15:
		at = 19
	case 16:
		at = 24
	case 33, 34:
		return nil, len(d) > reports && isRTCP(d[reports:], 0) > 0
	}
	if at == 0 || len(d) < at+shortest || !isRTP(d[at:]) || be32(d[at+8:]) == 0 {
		return nil, false
	}
	return d[at:], false
}

// zoomStream wants packets of one source in order, as the card of RTP does.
func zoomStream(in *Input) Verdict {
	var sides [2]rtpSources
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		rtp, report := zoomPacket(d)
		if rtp == nil && !report {
			continue // what opened the way
		}
		side := &sides[0]
		if fromServer {
			side = &sides[1]
		}
		if rtp != nil && !side.take(rtp) {
			return No
		}
		if side.proven() != nil {
			return Match
		}
	}
	return NeedMore
}
