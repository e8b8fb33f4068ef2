package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var rtpCard = Protocol{ID: proto.RTP, Over: UDP, Limit: 8192, Inspect: inspectRTP}

// rtpSources is what one direction showed so far: voice and pictures may share
// a flow, each with a source of its own.
type rtpSources struct {
	source [4]rtpStream
	n      int
}

// rtpStream is what one source of a direction showed so far.
type rtpStream struct {
	steps     int // packets that came next
	breaks    int // packets that came out of nowhere
	ssrc      uint32
	sequence  uint16
	timestamp uint32
	payload   uint8
}

// inspectRTP takes a flow for RTP (RFC 3550, section 5.1; appendix A.1) where
// three datagrams of one direction carry the same source, sequence numbers
// that rise by little, and timestamps close to each other. Datagrams that
// RFC 7983 tells apart from RTP (STUN, DTLS) and RTCP may lie between. That is
// some 90 bits of evidence, so it may speak with the signatures. What opens a
// way through address translators comes first at times, and other datagrams
// between (RFC 6263, section 4): a few refute nothing.
func inspectRTP(in *Input, res *Result) Verdict {
	const short, mostOdd = 16, 3
	var sides [2]rtpSources
	odd, some := 0, false
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		if !isRTP(d) {
			if !aroundRTP(d) {
				if odd++; odd > mostOdd || len(d) > short && !some {
					return No
				}
			}
			continue
		}
		some = true
		side := &sides[0]
		if fromServer {
			side = &sides[1]
		}
		if !side.take(d) {
			return No
		}
	}
	for i := range sides {
		if st := sides[i].proven(); st != nil {
			res.PutUint(attr.RTPPayloadType, uint64(st.payload))
			res.PutUint(attr.RTPSSRC, uint64(st.ssrc))
			return Match
		}
	}
	if !some && odd > 0 {
		return Odd
	}
	return NeedMore
}

// proven is a source that sent three packets in order, or more where its number
// is zero; nil: none did yet.
func (side *rtpSources) proven() *rtpStream {
	const enough, enoughOfZero = 2, 4
	for i := range side.source[:side.n] {
		if st := &side.source[i]; st.steps >= enoughOfZero || st.steps >= enough && st.ssrc != 0 {
			return st
		}
	}
	return nil
}

// take adds a packet. false: it contradicts what came before, or there are too many sources.
func (side *rtpSources) take(d []byte) bool {
	ssrc := be32(d[8:])
	for i := range side.source[:side.n] {
		if st := &side.source[i]; st.ssrc == ssrc {
			return st.take(d)
		}
	}
	if side.n == len(side.source) {
		return false
	}
	side.source[side.n] = rtpStream{ssrc: ssrc, payload: d[1] & 0x7f, sequence: uint16(be16(d[2:])), timestamp: be32(d[4:])}
	side.n++
	return true
}

// take adds a later packet of the source. Timestamps step back where frames are
// sent in another order than that of their taking (RFC 3550, section 5.1).
// After a loss of many packets, or where the source begins anew, two in order
// must come again (appendix A.1).
func (st *rtpStream) take(d []byte) bool {
	const maxDropout, maxMisorder, maxTime, maxBreaks = 100, 20, 1 << 19, 2
	payload, sequence, timestamp := d[1]&0x7f, uint16(be16(d[2:])), be32(d[4:])
	step, time := sequence-st.sequence, timestamp-st.timestamp
	if step == 0 || -step <= maxMisorder {
		return true // again, or late
	}
	switch {
	case step > maxDropout, time+maxTime >= 1<<24 && payload == st.payload:
		st.steps = 0
		if st.breaks++; st.breaks > maxBreaks {
			return false
		}
	case time+maxTime < 1<<24:
		st.steps++
	}
	st.payload, st.sequence, st.timestamp = payload, sequence, timestamp
	return true
}

// isRTP checks the fixed header: version 2, a payload type in use (RFC 3551,
// section 6; 35 to 63 where those from 96 on do not suffice, RFC 8866, section
// 8.2.3), room for what the counts promise.
func isRTP(d []byte) bool {
	if len(d) < 12 || d[0]>>6 != 2 {
		return false
	}
	pt := d[1] & 0x7f
	if pt > 63 && pt < 77 || pt == 1 || pt == 2 || pt == 19 {
		return false // reserved, or RTCP (RFC 5761, section 4)
	}
	size := 12 + 4*int(d[0]&0x0f)
	if d[0]&0x10 != 0 {
		if len(d) < size+4 {
			return false
		}
		size += 4 + 4*be16(d[size+2:])
	}
	return len(d) >= size
}

// aroundRTP says that RFC 7983 or RFC 5761 let the datagram share a flow with RTP.
func aroundRTP(d []byte) bool {
	return isSTUN(d) || isRTCP(d, 0) > 0 || len(d) >= 13 && d[0] >= 20 && d[0] <= 25 && d[1] == 0xfe
}
