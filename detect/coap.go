package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// coapPorts (RFC 7252, section 6.1): plain; 5684 carries DTLS.
const coapPort = 5683

// CoAP (RFC 7252). The header is four bytes: at the port a well-formed message
// is believed, elsewhere a request and a response that has its identifier and token.
var coapCard = Protocol{ID: proto.COAP, Over: UDP, Ports: []uint16{coapPort}, First: bytesBetween(0x40, 0x48) + bytesBetween(0x50, 0x58) + bytesBetween(0x60, 0x68) + "\x70", Limit: 1024, Inspect: inspectCoAP}

func inspectCoAP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if !soundCoAP(d) {
		return No
	}
	if in.HasPort(coapPort) {
		if d[1] != 0 && !coapTells(d, in.FromServer) && !coapPair(in, d) {
			return NeedMore
		}
		return Match
	}
	ask, answer := in.ToServer, in.ToClient
	if !in.FromServer && (d[1] == 0 || !isEarly(in)) || in.FromServer && len(ask) == 0 {
		return No
	}
	if !in.FromServer {
		return NeedMore
	}
	const acknowledgment = 2
	token := 4 + int(ask[0]&15)
	if len(ask) < token || !soundCoAP(ask) || ask[1]>>5 != 0 || ask[1] == 0 || answer[1]>>5 < 2 || answer[0]>>4&3 != acknowledgment ||
		len(answer) < token || token == 4 || string(ask[2:token]) != string(answer[2:token]) || ask[0]&15 != answer[0]&15 {
		return No
	}
	return Match
}

// coapPair says that another message at hand has the same number or the same token.
func coapPair(in *Input, d []byte) bool {
	for b, _, at := in.Datagram(0); b != nil && &b[0] != &d[0]; b, _, at = in.Datagram(at) {
		if n := int(d[0] & 15); soundCoAP(b) && (same(b[2:4], d[2:4]) || n > 0 && b[0]&15 == d[0]&15 && same(b[4:4+n], d[4:])) {
			return true
		}
	}
	return false
}

// coapTells says that a message shows enough by itself: a request that names a
// resource, to the server, or a response from there with a format or a payload.
func coapTells(d []byte, fromServer bool) bool {
	const uriHost, uriPath, contentFormat, uriQuery, proxyURI, marker, shortest = 3, 11, 12, 15, 35, 0xff, 2
	if (d[1] > 31) != fromServer {
		return false
	}
	c := wire.New(d)
	c.Skip(4 + int(d[0]&15))
	for number := 0; c.Len() > 0; {
		b := c.U8()
		if b == marker {
			return fromServer
		}
		number += coapExtended(&c, b>>4)
		n := coapExtended(&c, b&15)
		c.Skip(n)
		switch number {
		case uriHost, uriPath, uriQuery, proxyURI:
			if !fromServer && n >= shortest {
				return true
			}
		case contentFormat:
			return fromServer
		}
	}
	return false
}

// soundCoAP checks version, code, token length and that the options are in
// the registry and end with the message or before a payload (sections 3 and 5.10).
func soundCoAP(d []byte) bool {
	c := wire.New(d)
	first, code := c.U8(), c.U8()
	c.Skip(2)
	if first>>6 != 1 || first&15 > 8 || !c.Ok() {
		return false
	}
	if code == 0 { // empty: nothing follows, and it asks for an answer or is one
		return len(d) == 4 && (first == 0x40 || first == 0x60 || first == 0x70)
	}
	const reset = 3
	if first>>4&3 == reset || !isCoAPCode(code>>5, code&31) {
		return false
	}
	c.Skip(int(first & 15))
	number := 0
	for c.Len() > 0 {
		b := c.U8()
		if b == 0xff {
			return c.Len() > 0
		}
		delta, n := coapExtended(&c, b>>4), coapExtended(&c, b&15)
		if number += delta; delta < 0 || n < 0 || !isCoAPOption(number) {
			return false
		}
		if !soundCoAPOption(number, c.Bytes(n), code) {
			return false
		}
	}
	return c.Ok()
}

// isCoAPCode knows the codes of requests and of responses (IANA, "CoAP Method Codes", "CoAP Response Codes").
func isCoAPCode(class, detail uint8) bool {
	switch class {
	case 0:
		return detail <= 7
	case 2:
		return detail >= 1 && detail <= 5 || detail == 31
	case 4:
		return detail <= 6 || detail == 8 || detail == 9 || detail == 12 || detail == 13 || detail == 15 || detail == 22 || detail == 29
	case 5:
		return detail <= 5 || detail == 8
	}
	return false
}

// soundCoAPOption checks the length of an option (sections 5.10; RFC 7641,
// section 2; RFC 7959, section 2.1), and that what addresses a resource is
// text, in a request.
func soundCoAPOption(number int, v []byte, code uint8) bool {
	const ifMatch, uriHost, etag, ifNoneMatch, observe, uriPort, locationPath, uriPath, contentFormat, maxAge, uriQuery, accept = 1, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 17
	const locationQuery, block2, block1, size2, proxyURI, proxyScheme, size1 = 20, 23, 27, 28, 35, 39, 60
	switch number {
	case uriHost, uriPath, uriQuery, proxyURI, proxyScheme:
		return code>>5 == 0 && isText(v) && (len(v) > 0 || number == uriPath || number == uriQuery)
	case locationPath, locationQuery:
		return isText(v)
	case ifMatch:
		return len(v) <= 8
	case etag:
		return len(v) >= 1 && len(v) <= 8
	case ifNoneMatch:
		return len(v) == 0
	case uriPort, contentFormat, accept:
		return len(v) <= 2
	case observe, block1, block2:
		return len(v) <= 3
	case maxAge, size1, size2:
		return len(v) <= 4
	}
	return true
}

// coapExtended reads the rest of a delta or length (section 3.1); -1: reserved.
func coapExtended(c *wire.Cursor, nibble uint8) int {
	switch nibble {
	case 13:
		return int(c.U8()) + 13
	case 14:
		return int(c.U16()) + 269
	case 15:
		return -1
	}
	return int(nibble)
}

// isCoAPOption knows IANA's "CoAP Option Numbers" below the range for experiments.
func isCoAPOption(n int) bool {
	switch n {
	case 1, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 19, 20, 21, 23, 27, 28, 31, 35, 39, 60, 252, 258, 292, 548, 2048, 2049:
		return true
	}
	return n >= 65000
}
