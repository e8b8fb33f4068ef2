package detect

import "netifyd/core/proto"

// ZeroMQ (ZMTP 3.1, rfc.zeromq.org/spec/37, section "The Greeting", and 2.0,
// spec/15): 0xff, eight bytes, 0x7f, a version; then in version 3 the name of a
// mechanism, in version 2 the kind of socket.
var zmqCard = Protocol{ID: proto.ZMQ, Over: TCP, Ports: []uint16{5555}, Limit: 64, Inspect: inspectZMQ}

func inspectZMQ(in *Input, _ *Result) Verdict { return eitherWay(in, zmqGreeting) }

func zmqGreeting(b []byte) Verdict {
	const version, minor, mechanism = 10, 11, 12
	if len(b) > 0 && b[0] != 0xff || len(b) > 9 && b[9] != 0x7f || len(b) > 1 && b[1] != 0 {
		return No
	}
	if len(b) <= minor {
		return NeedMore
	}
	switch b[version] {
	case 1, 2: // kinds of sockets, then an identity
		if !isZero(b[1:8]) || b[minor] > 10 {
			return No
		}
		return Match
	case 3:
		if b[minor] > 1 {
			return No
		}
		best := No
		for _, name := range [...]string{"NULL\x00\x00", "PLAIN\x00", "CURVE\x00", "GSSAPI\x00"} {
			best = max(best, begins(b[mechanism:], name))
		}
		return best
	}
	return No
}
