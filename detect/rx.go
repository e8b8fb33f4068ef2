package detect

import "netifyd/core/proto"

// RX, the remote procedure calls of AFS (E. Zayas, "AFS-3 Programmer's
// Reference: Specification for the Rx Remote Procedure Call Facility", section
// 4). A header of 28 bytes: epoch (a time, after 1987), connection, call, sequence and serial
// numbers that start at 1, kind, flags, status, security, checksum, service.
// Elsewhere than at its ports two packets of one epoch and connection must agree.
var rxCard = Protocol{ID: proto.RX, Over: UDP, Ports: []uint16{7000, 7001, 7002, 7003, 7005}, Limit: 512, Inspect: inspectRX}

func inspectRX(in *Input, _ *Result) Verdict {
	d := in.Newest()
	switch {
	case !isRX(d):
		return No
	case in.ServerPort >= 7000 && in.ServerPort <= 7009 || in.ClientPort >= 7000 && in.ClientPort <= 7009:
		return Match
	}
	for b, _, at := in.Datagram(0); b != nil && &b[0] != &d[0]; b, _, at = in.Datagram(at) {
		if len(b) >= 8 && same(b[:8], d[:8]) && looksRandom(d[:8]) {
			return Match
		}
	}
	return NeedMore
}

func isRX(d []byte) bool {
	const header, maxKind, maxFlags, maxSecurity = 28, 13, 0x3f, 5
	if len(d) < header || d[20] == 0 || d[20] > maxKind || d[21] > maxFlags || d[22] > 3 || d[23] > maxSecurity {
		return false
	}
	call, sequence, serial, service := be32(d[8:]), be32(d[12:]), be32(d[16:]), be16(d[26:])
	if call > 1<<24 || sequence > 1<<20 || serial > 1<<24 || d[0] < 0x20 || be32(d[4:]) == 0 {
		return false
	}
	const data, busy, abort, acknowledge, challenge, response, debug, version = 1, 2, 3, 4, 5, 6, 7, 13
	body := d[header:]
	sound := false
	switch d[20] {
	case data:
		sound = call > 0 && sequence > 0 && serial > 0 && service != 0
	case busy:
		sound = call > 0 && sequence == 0 && len(body) == 0
	case abort: // an error code
		sound = sequence == 0 && len(body) == 4
	case acknowledge: // space, skew, first, previous, serial, reason 1 to 9, count
		sound = call > 0 && len(body) >= 18 && body[16] >= 1 && body[16] <= 9 && 18+int(body[17]) <= len(body)
	case challenge:
		sound = call == 0 && sequence == 0 && service != 0 && d[23] > 0 && len(body) >= 16
	case response:
		sound = sequence == 0 && service != 0 && d[23] > 0 && len(body) >= 32
	case debug, version: // asked with random numbers: no more than zeros would prove
		return false
	}
	return sound
}
