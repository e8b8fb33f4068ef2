package detect

import "netifyd/core/proto"

// Ports of RIP (RFC 2453, section 3.1) and RIPng (RFC 2080, section 2).
const (
	ripPort   = 520
	ripngPort = 521
)

// RIP, versions 1 and 2, and RIPng: a header of four bytes and entries of
// twenty that fill the datagram. Most of an entry may be zero, so a port must agree.
var ripCard = Protocol{ID: proto.RIP, Over: UDP, Ports: []uint16{ripPort, ripngPort}, First: "\x01\x02", Inspect: inspectRIP}

func inspectRIP(in *Input, _ *Result) Verdict {
	d := in.Newest()
	const header, entry, request, response, most = 4, 20, 1, 2, 75
	n := (len(d) - header) / entry
	if n < 1 || n > most || header+n*entry != len(d) || d[0] != request && d[0] != response || d[2]|d[3] != 0 {
		return No
	}
	for i := range n {
		e := d[header+i*entry:][:entry]
		if in.HasPort(ripPort) && !soundRIPEntry(d[1], e, i == 0) || !in.HasPort(ripPort) && !(in.HasPort(ripngPort) && d[1] == 1 && soundRIPngEntry(e)) {
			return No
		}
	}
	return Match
}

// soundRIPEntry checks family and metric; version 2 may begin with authentication (RFC 2082; RFC 4822).
func soundRIPEntry(version byte, e []byte, first bool) bool {
	const internet, unspecified, authentication, infinity = 2, 0, 0xffff, 16
	switch be16(e) {
	case authentication:
		return version == 2
	case internet, unspecified:
		metric := be32(e[16:])
		return metric <= infinity && (version == 2 || version == 1 && be16(e[2:]) == 0 && isZero(e[8:16])) && (metric > 0 || first)
	}
	return false
}

// soundRIPngEntry checks length of the prefix and metric; 255 marks a next hop.
func soundRIPngEntry(e []byte) bool {
	return e[18] <= 128 && (e[19] >= 1 && e[19] <= 16 || e[19] == 0xff)
}
