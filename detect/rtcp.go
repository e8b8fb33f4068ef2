package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var rtcpCard = Protocol{ID: proto.RTCP, Over: UDP, Ports: []uint16{5005}, First: bytesBetween(0x80, 0xbf), Limit: 2048, Alone: true, Inspect: inspectRTCP}

// inspectRTCP recognises compound packets (RFC 3550, section 6.1 and appendix
// A.2): a report first, lengths that add up. A sender's report alone must have
// a time that may be one; any other single packet needs a second datagram of
// the same source. Where reports share the flow of what they report on (RFC
// 5761), they may come first, and the flow is RTP.
func inspectRTCP(in *Input, res *Result) Verdict {
	d := in.Newest()
	if res.More = true; in.Known {
		return besideRTCP(d, res)
	}
	packets := isRTCP(d, in.Lost)
	if packets == 0 {
		return inspectSRTCP(in, res)
	}
	if packets >= 2 || isSenderReport(d) {
		res.PutUint(attr.RTPSSRC, uint64(be32(d[4:])))
		return Match
	}
	for before, fromServer, at := in.Datagram(0); before != nil; before, fromServer, at = in.Datagram(at) {
		if &before[0] != &d[0] && fromServer == in.FromServer && isRTCP(before, in.size(before)-len(before)) > 0 && be32(before[4:]) == be32(d[4:]) {
			res.PutUint(attr.RTPSSRC, uint64(be32(d[4:])))
			return Match
		}
	}
	return NeedMore
}

// besideRTCP reads a datagram of a flow that is known: with version 2, only the
// payload type tells RTP from reports (RFC 5761, section 4).
func besideRTCP(d []byte, res *Result) Verdict {
	if !isRTP(d) {
		return NeedMore
	}
	res.Protocol, res.More = proto.RTP, false
	res.PutUint(attr.RTPPayloadType, uint64(d[1]&0x7f))
	res.PutUint(attr.RTPSSRC, uint64(be32(d[8:])))
	return Match
}

// isSenderReport says that the datagram is one sender's report and nothing
// else, at a time (NTP, seconds since 1900) between 2004 and 2036.
func isSenderReport(d []byte) bool {
	const size, perSource, since2004 = 28, 24, 0xc3980000
	return d[1] == 200 && d[0]&0x20 == 0 && len(d) == size+perSource*int(d[0]&0x1f) && be32(d[8:]) >= since2004
}

// inspectSRTCP recognises reports of which all but the head of the first is
// encrypted (RFC 3711, section 3.4): behind them a bit that says so, an index
// that counts up, and a tag of ten bytes. Two in a row of one source prove it.
func inspectSRTCP(in *Input, res *Result) Verdict {
	const steps = 16
	d := in.Newest()
	index, ok := srtcpIndex(d)
	if !ok {
		return No
	}
	for before, fromServer, at := in.Datagram(0); before != nil; before, fromServer, at = in.Datagram(at) {
		if fromServer != in.FromServer || len(before) < 8 || !same(before[4:8], d[4:8]) {
			continue
		}
		if last, ok := srtcpIndex(before); ok && index-last-1 < steps {
			res.PutUint(attr.RTPSSRC, uint64(be32(d[4:])))
			return Match
		}
	}
	return NeedMore
}

// srtcpIndex is the index behind a report with a head in the clear.
func srtcpIndex(d []byte) (index uint32, ok bool) {
	const head, trailer, encrypted = 8, 14, 1 << 31
	if len(d) < head+trailer || d[0]>>6 != 2 || d[1] != 200 && d[1] != 201 {
		return 0, false
	}
	room, least := len(d)-trailer, head+24*int(d[0]&0x1f)
	if d[1] == 200 {
		least += 20
	}
	size := 4 + 4*be16(d[2:])
	index = be32(d[room:])
	return index &^ encrypted, index&encrypted != 0 && size >= least && size <= room
}

// isRTCP counts the packets of a compound packet in the clear, of which lost bytes were cut off; 0: it is none.
func isRTCP(d []byte, lost int) (packets int) {
	if len(d) < 8 || d[0]>>6 != 2 || d[1] < 200 || d[1] > 207 {
		return 0
	}
	if be32(d[4:]) == 0 {
		return 0
	}
	for b := d; len(b) > 0; packets++ {
		if len(b) < 4 || b[0]>>6 != 2 || b[1] < 200 || b[1] > 207 || packets > 31 {
			return 0
		}
		size := 4 + 4*be16(b[2:])
		count := int(b[0] & 0x1f)
		if size > len(b)+lost {
			return 0
		}
		switch b[1] {
		case 200: // sender report
			if size < 28+24*count {
				return 0
			}
		case 201: // receiver report
			if size < 8+24*count {
				return 0
			}
		case 202: // source description: its items begin with CNAME mostly, each at most 255 bytes
			if count > 0 && size < 8 {
				return 0
			}
		case 203: // goodbye
			if size < 4+4*count {
				return 0
			}
		default:
			if size < 8 || packets == 0 && d[1] == 204 && size < 12 {
				return 0
			}
		}
		b = behind(b, size)
	}
	return packets
}
