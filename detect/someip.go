package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

const someipHeader = 16

// SOME/IP (AUTOSAR PRS_SOMEIPProtocol, section 4.1): service and method, the
// length from there on less eight, request, protocol version 1, interface
// version, kind and return code. A datagram is filled by whole messages.
var someipCard = Protocol{ID: proto.SOMEIP, Over: TCP, Ports: []uint16{30490, 30491, 30501}, Limit: 1024, Inspect: inspectSOMEIP}

var someipDatagramCard = Protocol{ID: proto.SOMEIP, Over: UDP, Ports: []uint16{30490, 30491, 30501}, Inspect: inspectSOMEIPDatagram}

// inspectSOMEIP wants two messages, in one direction or one in each, or one and the port.
func inspectSOMEIP(in *Input, _ *Result) Verdict {
	up, a := someipMessages(in.ToServer)
	down, b := someipMessages(in.ToClient)
	const first, last = 30490, 30510
	switch {
	case !a || !b:
		return No
	case up+down >= 2, up+down == 1 && in.ServerPort >= first && in.ServerPort <= last:
		return Match
	}
	return NeedMore
}

// someipMessages counts headers of messages that follow each other, two at most.
func someipMessages(b []byte) (n int, ok bool) {
	for n < 2 {
		switch someipMessage(b) {
		case No:
			return n, false
		case NeedMore:
			return n, true
		}
		n++
		size := 8 + int(be32(b[4:]))
		if size > len(b) {
			return n, true
		}
		b = b[size:]
	}
	return n, true
}

func inspectSOMEIPDatagram(in *Input, _ *Result) Verdict {
	c := wire.New(in.Newest())
	for first := true; first || c.Len() > 0; first = false {
		if c.Len() < someipHeader || someipMessage(c.Rest()) != Match {
			return No
		}
		n := be32(c.Rest()[4:])
		if n > uint32(c.Len()) {
			return No
		}
		c.Skip(8 + int(n))
		if !c.Ok() {
			return No
		}
	}
	return Match
}

func someipMessage(b []byte) Verdict {
	const largest = 1<<16 - 1 // more is possible over TCP, but proves less
	if len(b) > 4 && b[4] != 0 || len(b) > 5 && b[5] != 0 || len(b) > 12 && b[12] != 1 {
		return No
	}
	if len(b) < someipHeader {
		return NeedMore
	}
	if n := be32(b[4:]); n < 8 || n > largest {
		return No
	}
	if string(b[:8]) == "\xff\xff\x00\x00\x00\x00\x00\x08" || string(b[:8]) == "\xff\xff\x80\x00\x00\x00\x00\x08" {
		return Match // magic cookies
	}
	const segmented, maxReturn = 0x20, 0x5e
	switch b[14] &^ segmented {
	case 0x00, 0x01, 0x02: // request, without return, notification
		if b[15] != 0 {
			return No
		}
	case 0x40, 0x41, 0x42, 0x80, 0x81, 0xc0, 0xc1: // acknowledgements, response, error
		if b[15] > maxReturn {
			return No
		}
	default:
		return No
	}
	if isZero(b[:2]) || b[13] == 0 { // no service is 0, no interface has version 0
		return No
	}
	return Match
}
