package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// Ports of LISP (RFC 9300, section 5; RFC 9301, section 4).
const (
	lispDataPort    = 4341
	lispControlPort = 4342
)

// The Locator/ID Separation Protocol. Its headers have no magic, so a port
// must agree with a message whose records, or whose inner packet, fit.
var lispCard = Protocol{ID: proto.LISP, Over: TCP, Ports: []uint16{lispControlPort}, Limit: 1024, Inspect: inspectLISPStream}

var lispUDPCard = Protocol{ID: proto.LISP, Over: UDP, Ports: []uint16{lispDataPort, lispControlPort}, Inspect: inspectLISP}

func inspectLISP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if in.HasPort(lispControlPort) && soundLISPControl(d) || in.HasPort(lispDataPort) && soundLISPData(d) {
		return Match
	}
	return No
}

// inspectLISPStream wants a message of the reliable transport
// (draft-kouvelas-lisp-map-server-reliable-transport, section 3.2): kind,
// length, identifier, and a marker at its end.
func inspectLISPStream(in *Input, _ *Result) Verdict { return eitherWay(in, lispReliable) }

func lispReliable(b []byte) Verdict {
	const least, most, maxKind, marker = 12, 1024, 0x40, 0x9facade9
	if len(b) > 0 && b[0] != 0 || len(b) > 1 && (b[1] == 0 || b[1] > maxKind) {
		return No
	}
	if len(b) < 4 {
		return NeedMore
	}
	n := be16(b[2:])
	if n < least || n > most {
		return No
	}
	if len(b) < n {
		return NeedMore
	}
	if be32(b[n-4:]) != marker {
		return No
	}
	return Match
}

// soundLISPControl reads the message up to its first record (RFC 9301, section 5).
func soundLISPControl(d []byte) bool {
	if len(d) < 14 {
		return false
	}
	const request, reply, register, notify, acknowledge, info, encapsulated = 1, 2, 3, 4, 5, 7, 8
	c := wire.New(d[12:]) // behind flags, counts and nonce
	switch d[0] >> 4 {
	case request:
		if !skipLISPAddress(&c) { // of who asks
			return false
		}
		for range int(d[2]&0x1f) + 1 {
			if !skipLISPAddress(&c) {
				return false
			}
		}
		c.Skip(1)
		mask := c.U8()
		return d[3] > 0 && mask <= 128 && skipLISPAddress(&c)
	case reply:
		return d[3] > 0 && skipLISPRecord(&c)
	case register, notify, acknowledge:
		signed := d[13] != 0 || d[0]>>4 != register && !isZero(d[4:12]) // an algorithm, or a nonce
		return signed && skipLISPKey(&c) && (d[3] == 0 && c.Len() == 0 || d[3] > 0 && skipLISPRecord(&c))
	case info:
		return skipLISPKey(&c) && c.Len() >= 8 && !isZero(d[4:12])
	case encapsulated:
		return soundInnerIP(d[4:])
	}
	return false
}

// skipLISPAddress passes over an address with its family: none, IPv4, IPv6, MAC, or LISP's own form.
func skipLISPAddress(c *wire.Cursor) bool {
	switch c.U16() {
	case 0:
	case 1:
		c.Skip(4)
	case 2:
		c.Skip(16)
	case 6, 16389:
		c.Skip(6)
	case 16387:
		c.Skip(4)
		c.Skip(int(c.U16()))
	default:
		return false
	}
	return c.Ok()
}

// skipLISPRecord passes over time to live, count of locators, mask, flags, version and address.
func skipLISPRecord(c *wire.Cursor) bool {
	c.Skip(5)
	mask := c.U8()
	c.Skip(4)
	return mask <= 128 && skipLISPAddress(c)
}

// soundLISPData wants an IP packet that fills the datagram behind eight bytes of flags and nonce.
func soundLISPData(d []byte) bool {
	return len(d) > 8 && soundInnerIP(d[8:])
}

func soundInnerIP(p []byte) bool {
	switch {
	case len(p) >= 20 && p[0]>>4 == 4:
		return p[0]&15 >= 5 && be16(p[2:]) == len(p)
	case len(p) >= 40 && p[0]>>4 == 6:
		return 40+be16(p[4:]) == len(p)
	}
	return false
}

// skipLISPKey passes over key, algorithm and authentication data, whose length
// the algorithm gives: none, HMAC with SHA-1-96 or with SHA-256-128 (RFC 9301, section 5.6; section 12.5).
func skipLISPKey(c *wire.Cursor) bool {
	const maxKey = 5
	key, algorithm, n := c.U8(), c.U8(), int(c.U16())
	if !c.Ok() || key > maxKey || algorithm > 3 {
		return false
	}
	if !(n == 0 && algorithm == 0 || n == 20 || n == 16 || n == 32) {
		return false
	}
	c.Skip(n)
	return c.Ok()
}
