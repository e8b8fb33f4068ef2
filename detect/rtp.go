package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

func init() {
	register(Protocol{ID: proto.RTP, Over: UDP, Limit: 8192, Inspect: inspectRTP})
}

// rtpStream is what one direction showed so far.
type rtpStream struct {
	packets, steps int
	ssrc           uint32
	sequence       uint16
	timestamp      uint32
	payload        uint8
}

// inspectRTP takes a flow for RTP (RFC 3550, section 5.1; appendix A.1) where
// three datagrams of one direction carry the same source, sequence numbers
// that rise by little, and timestamps that do not run back. Datagrams that
// RFC 7983 tells apart from RTP (STUN, DTLS) and RTCP may lie between. That is
// some 90 bits of evidence, so it may speak with the signatures.
func inspectRTP(in *Input, res *Result) Verdict {
	if !isRTP(in.Newest()) && !aroundRTP(in.Newest()) {
		return No
	}
	var streams [2]rtpStream
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		if !isRTP(d) {
			continue
		}
		st := &streams[0]
		if fromServer {
			st = &streams[1]
		}
		if !st.take(d) {
			return No
		}
	}
	for i := range streams {
		if st := &streams[i]; st.steps >= 2 {
			res.PutUint(attr.RTPPayloadType, uint64(st.payload))
			res.PutUint(attr.RTPSSRC, uint64(st.ssrc))
			return Match
		}
	}
	return NeedMore
}

// take adds a packet. false: it contradicts what came before.
func (st *rtpStream) take(d []byte) bool {
	payload, sequence, timestamp, ssrc := d[1]&0x7f, uint16(be16(d[2:])), be32(d[4:]), be32(d[8:])
	defer func() {
		st.packets++
		st.payload, st.sequence, st.timestamp, st.ssrc = payload, sequence, timestamp, ssrc
	}()
	if st.packets == 0 {
		return true
	}
	const maxDropout, maxMisorder = 100, 20
	step := sequence - st.sequence
	late := -step <= maxMisorder
	if ssrc != st.ssrc {
		// A second source (video beside audio), or no RTP at all: begin anew, but not for ever.
		st.steps = 0
		return st.packets < 8
	}
	if step > maxDropout && !late {
		return false
	}
	forward := timestamp-st.timestamp < 1<<24
	if step != 0 && !late && forward {
		st.steps++
	} else if !late && !forward && payload == st.payload {
		return false
	}
	return true
}

// isRTP checks the fixed header: version 2, a payload type in use (RFC 3551,
// section 6), room for what the counts promise.
func isRTP(d []byte) bool {
	if len(d) < 12 || d[0]>>6 != 2 {
		return false
	}
	pt := d[1] & 0x7f
	if pt > 34 && pt < 77 || pt == 1 || pt == 2 || pt == 19 {
		return false // unassigned, reserved, or RTCP (RFC 5761, section 4)
	}
	size := 12 + 4*int(d[0]&0x0f)
	if d[0]&0x10 != 0 {
		if len(d) < size+4 {
			return false
		}
		size += 4 + 4*be16(d[size+2:])
	}
	return len(d) >= size && be32(d[8:]) != 0
}

// aroundRTP says that RFC 7983 or RFC 5761 let the datagram share a flow with RTP.
func aroundRTP(d []byte) bool {
	return isSTUN(d) || isRTCP(d) > 0 || len(d) >= 13 && d[0] >= 20 && d[0] <= 25 && d[1] == 0xfe
}
