package detect

import "netifyd/core/proto"

// Ports of CAPWAP (RFC 5415, section 3.1).
const (
	capwapControlPort = 5246
	capwapDataPort    = 5247
)

// CAPWAP (RFC 5415, sections 4.2 to 4.5). Control messages in the clear have a
// length that ends the datagram; under DTLS a preamble stands before the
// records. Data is believed at its port, where the header fits.
var capwapCard = Protocol{ID: proto.CAPWAP, Over: UDP, Ports: []uint16{capwapControlPort, capwapDataPort}, First: "\x00\x01", Limit: dtlsLimit, Inspect: inspectCAPWAP}

func inspectCAPWAP(in *Input, res *Result) Verdict {
	d := in.Newest()
	if isCAPWAPDTLS(d) || in.Known && capwapSecured(in) {
		var f dtlsFlow
		f.init(res)
		for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
			if isCAPWAPDTLS(d) {
				f.datagram(d[capwapPreamble:], fromServer)
			}
		}
		if f.fill(res); !f.hello {
			res.Partial = false // the preamble proves it
		}
		return Match
	}
	end := capwapHeader(d)
	if end == 0 {
		return No
	}
	if soundCAPWAPControl(d[end:]) {
		res.More = isDiscovery(d[end:])
		return Match
	}
	if in.HasPort(capwapDataPort) && soundCAPWAPData(d, d[end:]) {
		return Match
	}
	return No
}

// capwapPreamble is what stands before the records of DTLS (RFC 5415, section 4.1).
const capwapPreamble = 4

func capwapSecured(in *Input) bool {
	for d, _, at := in.Datagram(0); d != nil; d, _, at = in.Datagram(at) {
		if isCAPWAPDTLS(d) {
			return true
		}
	}
	return false
}

// isCAPWAPDTLS wants preamble 1, three reserved bytes, and a DTLS record that the datagram holds.
func isCAPWAPDTLS(d []byte) bool {
	const record = 13
	if len(d) < capwapPreamble+record || d[0] != 1 || d[1]|d[2]|d[3] != 0 {
		return false
	}
	r := d[capwapPreamble:]
	return r[0] >= 20 && r[0] <= 26 && r[1] == 0xfe && r[2] >= 0xfd && record+be16(r[11:]) <= len(r)
}

// capwapHeader is the length of the header: preamble 0, words of header, known
// kind of radio, reserved bits zero, optional fields inside; 0: it is none.
func capwapHeader(d []byte) int {
	const least, radioMAC, wireless = 8, 0x10, 0x20
	if len(d) < least || d[0] != 0 || d[3]&0x07 != 0 || d[7]&0x07 != 0 {
		return 0
	}
	end := int(d[1]>>3) * 4
	// Radio kinds: 0 and 1 of IEEE 802.11, 3 of EPCglobal.
	if kind := d[2] >> 1 & 0x1f; end < least || end > len(d) || kind > 3 {
		return 0
	}
	at := least
	for _, bit := range [...]byte{radioMAC, wireless} {
		if d[3]&bit != 0 {
			if at >= end {
				return 0
			}
			at += (1 + int(d[at]) + 3) &^ 3
		}
	}
	if at > end || d[3]&0x80 == 0 && be16(d[6:]) != 0 { // a fragment's offset without a fragment
		return 0
	}
	return end
}

// isDiscovery says that a message looks for a controller or is its answer: a
// handshake follows (RFC 5415, sections 2.3.1 and 4.5.1).
func isDiscovery(m []byte) bool { return be32(m) == 1 || be32(m) == 2 }

// soundCAPWAPControl checks type (of the IETF or of IEEE 802.11), length and elements.
func soundCAPWAPControl(m []byte) bool {
	const header, ietf, ieee = 8, 0, 13277
	if len(m) < header {
		return false
	}
	if kind := be32(m); kind>>8 != ietf && kind>>8 != ieee || kind&0xff == 0 || kind&0xff > 26 {
		return false
	}
	// The length counts itself and the flags.
	n := be16(m[5:])
	if n < 3 || m[7] != 0 || header+n-3 != len(m) {
		return false
	}
	m = m[header:]
	for len(m) >= 4 && 4+be16(m[2:]) <= len(m) {
		m = m[4+be16(m[2:]):]
	}
	return len(m) == 0
}

// soundCAPWAPData wants in a datagram of data what its flags promise: a frame of
// 802.11 (version 0, a kind in use) or of 802.3, or the element that keeps alive.
func soundCAPWAPData(d, body []byte) bool {
	const native, keepAlive, ethernet, session = 0x01, 0x08, 14, 35
	switch {
	case d[3]&keepAlive != 0:
		return len(body) >= 6 && (be16(body) == session || be16(body[2:]) == session)
	case d[2]&native != 0:
		return len(body) >= 10 && body[0]&3 == 0 && !isZero(body[:10])
	}
	return len(body) >= ethernet && (isEtherType(be16(body[12:])) || be16(body[12:]) <= len(body)) && !isZero(body[:12])
}
