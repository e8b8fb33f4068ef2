package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

// RTP over TCP (RFC 4571, section 2): each packet behind its length.
var rtpStreamCard = Protocol{ID: proto.RTP, Over: TCP, Limit: 8192, Inspect: inspectRTPStream}

func inspectRTPStream(in *Input, res *Result) Verdict {
	var sides [2]rtpSources
	v := min(sides[0].frames(in.ToServer), sides[1].frames(in.ToClient))
	if v == No {
		return No
	}
	for i := range sides {
		if st := sides[i].proven(); st != nil {
			res.PutUint(attr.RTPPayloadType, uint64(st.payload))
			res.PutUint(attr.RTPSSRC, uint64(st.ssrc))
			return Match
		}
	}
	return NeedMore
}

// frames takes the packets of a stream. No: it has something else.
func (side *rtpSources) frames(b []byte) Verdict {
	const head, most = 2, 1500
	for len(b) > 0 {
		if b[0] > most>>8 {
			return No
		}
		if len(b) < head+1 {
			return NeedMore
		}
		n, d := be16(b), b[head:]
		if n < 8 || n > most || d[0]>>6 != 2 || n > 8 && len(d) > 1 && d[1]&0x7f < 72 && n < 12 {
			return No
		}
		if len(d) < n {
			return NeedMore
		}
		d, b = d[:n], d[n:]
		if isRTCP(d, 0) > 0 {
			continue
		}
		if !isRTP(d) || !side.take(d) {
			return No
		}
	}
	return NeedMore
}

// framedRTP says that packets of RTP lie among the messages of a stream, each behind its length.
func (f *stunFacts) framedRTP(b []byte, fromServer bool) {
	for len(b) > 2 {
		n := be16(b)
		if n == 0 || n > len(b)-2 {
			return
		}
		if d := b[2 : 2+n]; !isSTUN(d) {
			f.media(d, fromServer)
		}
		b = b[2+n:]
	}
}
