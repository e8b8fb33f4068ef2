package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

const radiusHeader = 20 // code, identifier, length, authenticator (RFC 2865, section 3)

// radiusPorts: authentication and accounting, those in use before 1997, dynamic
// authorization (RFC 2865, 2866 and 5176), and Cisco's port for the last.
var radiusPorts = []uint16{1812, 1813, 1645, 1646, 3799, 1700}

// RADIUS (RFC 2865, 2866, 5176): a code, the length of the datagram, and
// attributes that fill it and have the lengths that their types ask for. With
// few attributes this says too little without the port; at the port, either of
// length and attributes may be damaged, and a datagram in which both are says nothing of the next.
var radiusCard = Protocol{ID: proto.RADIUS, Over: UDP, Ports: radiusPorts, First: bytesBetween(1, 13) + bytesBetween(21, 34) + bytesBetween(40, 45), Inspect: inspectRADIUS}

func inspectRADIUS(in *Input, res *Result) Verdict {
	d := in.Newest()
	if len(d) < radiusHeader || !radiusCode(d[0]) {
		return No
	}
	length := int(d[2])<<8 | int(d[3])
	known, filled := radiusAttributes(d[radiusHeader:], in.Lost)
	switch {
	case length == in.size(d) && filled && (known >= 2 || atRADIUSPort(in)):
		return Match
	case (length == in.size(d) || filled && known >= 2) && atRADIUSPort(in):
		res.Partial = true
		return Match
	}
	if atRADIUSPort(in) {
		return Odd
	}
	return No
}

func atRADIUSPort(in *Input) bool {
	for _, port := range radiusPorts {
		if in.HasPort(port) {
			return true
		}
	}
	return false
}

// radiusAttributes says whether the attributes fill b to its end or go on behind where it was cut, and how many
// are of a type whose length is known and right.
func radiusAttributes(b []byte, lost int) (known int, filled bool) {
	c := wire.New(b)
	for c.Len() > 0 {
		kind, n := c.U8(), int(c.U8())
		if lost > 0 && n-2 > c.Len() {
			return known, n-2 <= c.Len()+lost
		}
		c.Skip(n - 2)
		want := radiusLength(kind)
		if !c.Ok() || kind == 0 || want != 0 && want != n {
			return known, false
		}
		if want != 0 {
			known++
		}
	}
	return known, true
}

// radiusCode knows the codes in use (IANA, "RADIUS Packet Type Codes").
func radiusCode(code uint8) bool {
	return code >= 1 && code <= 13 || code >= 21 && code <= 34 || code >= 40 && code <= 45
}

// radiusLength is the length of the attributes that hold a number or an
// address (RFC 2865, 2866, 2869); 0: it varies.
func radiusLength(kind uint8) int {
	switch kind {
	case 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16, 23, 27, 28, 29, 37, 38, 61, 62,
		40, 41, 42, 43, 45, 46, 47, 48, 49, 51, 52, 53, 55, 85:
		return 6
	case 80: // Message-Authenticator
		return 18
	}
	return 0
}
