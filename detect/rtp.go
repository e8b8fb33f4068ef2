package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

// What may lie around it comes first at times.
var rtpCard = Protocol{ID: proto.RTP, Over: UDP, First: bytesBetween(0x00, 0x3f) + bytesBetween(0x80, 0xbf), Limit: 8192, Inspect: inspectRTP}

// rtpSources is what one direction showed so far: voice and pictures may share
// a flow, each with a source of its own.
type rtpSources struct {
	source [4]rtpStream
	n      int
}

// rtpStream is what one source of a direction showed so far.
type rtpStream struct {
	steps     int
	ssrc      uint32
	sequence  uint16
	timestamp uint32
	payload   uint8
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
	var sides [2]rtpSources
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		if !isRTP(d) {
			continue
		}
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
	return NeedMore
}

// proven is a source that sent three packets in order; nil: none did yet.
func (side *rtpSources) proven() *rtpStream {
	for i := range side.source[:side.n] {
		if side.source[i].steps >= 2 {
			return &side.source[i]
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

// take adds a later packet of the source.
func (st *rtpStream) take(d []byte) bool {
	const maxDropout, maxMisorder = 100, 20 // RFC 3550, appendix A.1, but tighter
	payload, sequence, timestamp := d[1]&0x7f, uint16(be16(d[2:])), be32(d[4:])
	step := sequence - st.sequence
	if step == 0 || -step <= maxMisorder {
		return true // again, or late
	}
	if step > maxDropout {
		return false
	}
	if timestamp-st.timestamp >= 1<<24 {
		if payload == st.payload {
			return false
		}
	} else {
		st.steps++
	}
	st.payload, st.sequence, st.timestamp = payload, sequence, timestamp
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
