package detect

import (
	"bytes"

	"netifyd/core/proto"
)

const (
	memcachedHeader = 24 // binary protocol (memcached, doc/protocol-binary.txt)
	memcachedFrame  = 8  // before each datagram (memcached, doc/protocol.txt)
)

// Words that text messages begin with (memcached, doc/protocol.txt). Other
// protocols know some of the commands, so a response of the same kind must follow.
var (
	memcachedCommands = [...]string{"get ", "gets ", "gat ", "gats ", "set ", "add ", "replace ", "append ", "prepend ", "cas ",
		"delete ", "incr ", "decr ", "touch ", "stats", "version\r", "flush_all", "verbosity ", "mg ", "ms ", "md ", "mn\r"}
	memcachedResponses = [...]string{"VALUE ", "STORED\r\n", "NOT_STORED\r\n", "END\r\n", "STAT ", "VERSION ", "DELETED\r\n",
		"NOT_FOUND\r\n", "EXISTS\r\n", "TOUCHED\r\n", "OK\r\n", "ERROR\r\n", "CLIENT_ERROR ", "SERVER_ERROR ", "HD\r\n", "HD ", "VA ", "EN\r\n", "MN\r\n"}
)

// Memcached, text and binary, over TCP and in the frames of UDP.
var memcachedCard = Protocol{ID: proto.Memcached, Over: TCP | UDP, Ports: []uint16{11211}, Limit: 2048, Inspect: inspectMemcached}

func inspectMemcached(in *Input, _ *Result) Verdict {
	ask, answer := in.ToServer, in.ToClient
	if in.Over == UDP {
		ask, answer = memcachedDatagram(ask), memcachedDatagram(answer)
		if ask == nil && !in.FromServer || answer == nil && in.FromServer {
			return No
		}
	}
	if len(ask) > 0 && ask[0] == 0x80 || len(ask) == 0 && len(answer) > 0 && answer[0] == 0x81 {
		return memcachedBinary(ask, answer)
	}
	asked, answered := beginsOneOf(ask, memcachedCommands[:]), beginsOneOf(answer, memcachedResponses[:])
	if asked == No || answered == No {
		return No
	}
	if asked == Match && answered == Match {
		line, _, _ := cutLine(ask)
		if !isText(line) || begins(answer, "VERSION ") == Match && begins(ask, "version") != Match || begins(answer, "STAT ") == Match && begins(ask, "stats") != Match {
			return No
		}
		return Match
	}
	return NeedMore
}

// memcachedDatagram takes the frame off: identifier, number of the datagram, how many there are, reserved.
func memcachedDatagram(d []byte) []byte {
	if len(d) <= memcachedFrame || d[2] != 0 || d[3] >= d[5] && d[4] == 0 || d[6] != 0 || d[7] != 0 {
		return nil
	}
	return d[memcachedFrame:]
}

// memcachedBinary checks the header each way: lengths add up, data type is
// zero, and a response gives the opcode and the opaque bytes back.
func memcachedBinary(ask, answer []byte) Verdict {
	for i, b := range [...][]byte{ask, answer} {
		if len(b) > 0 && b[0] != 0x80+byte(i) || len(b) > 1 && b[1] > 0x48 || len(b) > 5 && b[5] != 0 {
			return No
		}
		if len(b) < memcachedHeader {
			continue
		}
		key, extras := uint32(b[2])<<8|uint32(b[3]), uint32(b[4])
		if total := uint32(b[8])<<24 | uint32(b[9])<<16 | uint32(b[10])<<8 | uint32(b[11]); extras > 24 || key+extras > total || total > 1<<24 {
			return No
		}
	}
	switch {
	case len(ask) < memcachedHeader || len(answer) < memcachedHeader:
		return NeedMore
	case ask[1] != answer[1] || !bytes.Equal(ask[12:16], answer[12:16]):
		return No
	}
	return Match
}

// beginsOneOf compares the start of b with a list of words: NeedMore where b is a
// proper prefix of one.
func beginsOneOf(b []byte, words []string) Verdict {
	more := false
	for _, w := range words {
		switch n := min(len(b), len(w)); {
		case string(b[:n]) != w[:n]:
		case n == len(w):
			return Match
		default:
			more = true
		}
	}
	if more {
		return NeedMore
	}
	return No
}
