package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// Xbox: the messages by which a console is found, woken and connected to
// (SmartGlass, https://openxbox.org/smartglass-documentation/simple_message):
// kind, length in the clear, length under encryption where there is one, version.
var xboxCard = Protocol{ID: proto.Xbox, Over: UDP, Ports: []uint16{5050}, First: "\xcc\xdd", Inspect: inspectXbox}

func inspectXbox(in *Input, _ *Result) Verdict {
	const header, request, kinds, newest = 6, 10, 8, 2
	d := in.Newest()
	if len(d) < header+request || d[0] != 0xcc && d[0] != 0xdd || d[1] > 2 {
		return No
	}
	clear, sound := be16(d[2:]), false
	body := d[header:]
	switch be16(d) {
	case 0xdd00: // discovery: no flags, kind of client, oldest and newest version
		sound = clear == request && len(body) == clear && be16(d[4:]) == 0 && be32(body) == 0 &&
			be16(body[4:]) <= kinds && be16(body[6:]) <= newest && be16(body[8:]) <= newest
	case 0xdd01: // its answer: flags, kind, name, identifier as text
		sound = len(body) == clear && be16(d[4:]) <= newest && be32(body) < 16 && be16(body[4:]) <= kinds &&
			isXboxText(body[6:]) && be16(body[6:])+9+38 < clear && isXboxText(body[9+be16(body[6:]):])
	case 0xdd02: // power on: identifier of the console
		sound = len(body) == clear && be16(d[4:]) <= newest && be16(body)+3 == clear && isXboxText(body)
	case 0xcc00, 0xcc01: // connect, and its answer: what is encrypted fills blocks of 16 bytes, a digest of 32 follows
		hidden := be16(d[4:])
		sound = be16(body) == newest && clear >= 16 && hidden > 0 && len(d) == header+2+clear+(hidden+15)&^15+32
	}
	if !sound {
		return No
	}
	return Match
}

// isXboxText: length, characters, a zero.
func isXboxText(b []byte) bool {
	if len(b) < 3 {
		return false
	}
	n := be16(b)
	return n > 0 && n+3 <= len(b) && b[2+n] == 0 && isText(b[2:2+n]) && bytes.IndexByte(b[2:2+n], 0) < 0
}
