package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

func init() {
	register(Protocol{ID: proto.RTCP, Over: UDP, Ports: []uint16{5005}, Limit: 2048, Inspect: inspectRTCP})
}

// inspectRTCP recognises compound packets (RFC 3550, section 6.1 and appendix
// A.2): a report first, lengths that add up. A sender's report alone must have
// a time that may be one; any other single packet needs a second datagram of
// the same source.
func inspectRTCP(in *Input, res *Result) Verdict {
	packets := isRTCP(in.Newest())
	if packets == 0 {
		return No
	}
	d := in.Newest()
	if packets >= 2 || isSenderReport(d) {
		res.PutUint(attr.RTPSSRC, uint64(be32(d[4:])))
		return Match
	}
	for before, fromServer, at := in.Datagram(0); before != nil; before, fromServer, at = in.Datagram(at) {
		if &before[0] != &d[0] && fromServer == in.FromServer && isRTCP(before) > 0 && be32(before[4:]) == be32(d[4:]) {
			res.PutUint(attr.RTPSSRC, uint64(be32(d[4:])))
			return Match
		}
	}
	return NeedMore
}

// isSenderReport says that the datagram is one sender's report and nothing
// else, at a time (NTP, seconds since 1900) between 2004 and 2036.
func isSenderReport(d []byte) bool {
	const size, perSource, since2004 = 28, 24, 0xc3980000
	return d[1] == 200 && d[0]&0x20 == 0 && len(d) == size+perSource*int(d[0]&0x1f) && be32(d[8:]) >= since2004
}

// isRTCP counts the packets of a compound packet; 0: it is none. SRTCP hides
// what follows the first packet's source (RFC 3711, section 3.4), so a whole
// first packet with an index and tag behind it is counted as one.
func isRTCP(d []byte) (packets int) {
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
		if size > len(b) {
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
		b = b[size:]
	}
	return packets
}
