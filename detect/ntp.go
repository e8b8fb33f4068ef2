package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

const (
	ntpPort    = 123
	ntpHeader  = 48 // RFC 5905, section 7.3
	ntpControl = 12 // RFC 9327, section 2
)

// NTP versions 1 to 4 (RFC 5905) and SNTP. The header has no magic, and zeros
// are within all of its bounds: elsewhere than at its port a question must have
// a time that looks like one or is random, an answer two times close to each
// other. The port lets those pass that simple clients fill in badly, and the
// control and private messages.
var ntpCard = Protocol{ID: proto.NTP, Over: UDP, Ports: []uint16{ntpPort}, First: bytesBetween(0x08, 0x27) + bytesBetween(0x48, 0x67) + bytesBetween(0x88, 0xa7) + bytesBetween(0xc8, 0xe7), Inspect: inspectNTP}

func inspectNTP(in *Input, res *Result) Verdict {
	d := in.Newest()
	if len(d) < 8 {
		return No
	}
	version, usual := d[0]>>3&7, in.HasPort(ntpPort)
	if version == 0 || version > 4 || !soundNTP(d, usual) {
		return No
	}
	if !usual && !timesNTP(d) {
		return Odd // a question that leaves its time out: the answer will tell
	}
	res.PutUint(attr.NTPVersion, uint64(version))
	return Match
}

func soundNTP(d []byte, usualPort bool) bool {
	switch mode := d[0] & 7; mode {
	case 0: // reserved; version 1 has no modes (RFC 1059, appendix B)
		return usualPort && d[0]>>3&7 == 1 && soundNTPHeader(d)
	case 6: // control
		return usualPort && soundNTPControl(d)
	case 7:
		return usualPort && soundNTPPrivate(d)
	}
	const client = 3
	simple := usualPort && d[0]&7 == client && len(d) >= ntpHeader && isZero(d[12:40]) // tells nothing of itself
	return soundNTPHeader(d) && (simple || soundNTPClock(d))
}

// soundNTPControl checks opcode and length: the header tells how many bytes of
// data follow, and padding to four bytes or a key and its digest in turn. A
// question has no state, no part of data and no other flag.
func soundNTPControl(d []byte) bool {
	const answer, flags = 0x80, 0xe0
	if len(d) < ntpControl || d[1]&31 > 12 && d[1]&31 != 31 || d[1]&answer == 0 && (d[1]&flags != 0 || !isZero(d[4:6]) || !isZero(d[8:10])) {
		return false
	}
	extra := len(d) - ntpControl - be16(d[10:])
	return extra >= 0 && extra <= 3 || extra >= 16 && extra <= 27
}

// soundNTPPrivate checks a message of ntpdc, such as the monitor list (ntpd's
// ntp_request.h): number, implementation, request, error and count of items,
// four zero bits and their size. A question has no number and no error.
func soundNTPPrivate(d []byte) bool {
	const answer, number = 0x80, 0x7f
	count, size := be16(d[4:])&0xfff, be16(d[6:])
	if d[2] > 3 || d[3] >= 64 || size > 0xfff {
		return false
	}
	if d[0]&answer == 0 {
		return d[1]&number == 0 && d[4]>>4 == 0 && len(d)%4 == 0
	}
	return d[4]>>4 <= 7 && len(d) == 8+count*size
}

// soundNTPHeader checks stratum, poll interval and precision, for which
// clients that tell nothing of themselves send 32, and what follows the header.
func soundNTPHeader(d []byte) bool {
	if len(d) < ntpHeader || len(d)%4 != 0 || len(d) > 1024 {
		return false
	}
	stratum, poll, precision := d[1], int8(d[2]), int8(d[3])
	return stratum <= 16 && poll >= -6 && poll <= 17 && precision <= 32 && precision >= -32 && soundNTPTail(d[ntpHeader:])
}

// soundNTPTail wants extension fields, a key and its digest, or both, behind
// the header (RFC 5905, section 7.3; RFC 7822, section 7.5).
func soundNTPTail(b []byte) bool {
	for len(b) > 0 {
		switch len(b) {
		case 4, 12, 20, 24, 36, 52, 68: // key with no digest, DES, MD5 or CMAC, SHA-1, SHA-256, SHA-384, SHA-512
			return true
		}
		n := 0
		if len(b) >= 16 {
			n = be16(b[2:])
		}
		if n < 16 || n%4 != 0 || n > len(b) {
			return false
		}
		b = b[n:]
	}
	return true
}

// soundNTPClock checks that root delay and dispersion are within 16 s and 64 s
// and that the times of reference and of receipt are in use: none, or after
// 1990 in seconds since 1900, or of a clock that was never set and counts from
// 1970. What a client sends as its own time, and gets back as the origin, may be
// random. So may its time of receipt, where the origin is the time that the
// server received the question before (interleaved mode: RFC 9769, section 2).
func soundNTPClock(d []byte) bool {
	delay := int16(uint16(d[4])<<8 | uint16(d[5]))
	dispersion := uint16(d[8])<<8 | uint16(d[9])
	if delay < -16 || delay > 16 || dispersion > 64 {
		return false
	}
	const in1990, in1970, in2000, client = 0xa9, 0x83, 0xbc, 3
	interleaved := d[0]&7 == client && isZero(d[12:24]) && d[24] >= in2000 && looksRandom(d[32:40]) && looksRandom(d[40:48])
	for _, at := range [...]int{16, 32} {
		if year := d[at]; year != 0 && year != in1970 && year < in1990 && !interleaved {
			return false
		}
	}
	return true
}

// timesNTP wants what small numbers and zeros do not have. A client asks with
// the time at which it sends, in use or random; who answers, or tells unasked,
// has received and sends at about the same time.
func timesNTP(d []byte) bool {
	const client, in2000, minute = 3, 0xbc, 60
	if d[0]&7 == client {
		for at := 16; at < 40; at += 8 { // times are whole, or left out
			if d[at] == 0 && !isZero(d[at:at+8]) {
				return false
			}
		}
		return looksRandom(d[40:48])
	}
	received, sent := be32(d[32:]), be32(d[40:])
	return d[40] >= in2000 && (sent-received <= minute || isZero(d[32:40]) && looksRandom(d[40:48]))
}
