package detect

import "netifyd/core/proto"

var openFlowPorts = []uint16{6653, 6633}

// OpenFlow (ONF TS-006 and later, section "OpenFlow Header"): version 1 to 6,
// kind, length, transaction. Either end begins with a hello; another message
// behind it, the other end's, or the port must agree. Joined midway at its port,
// a message and its answer prove it, or two messages of one side.
var openflowCard = Protocol{ID: proto.OpenFlow, Over: TCP, Ports: openFlowPorts, Limit: 128, Inspect: inspectOpenFlow}

func inspectOpenFlow(in *Input, _ *Result) Verdict {
	up, a := openFlowMessages(in.ToServer)
	down, b := openFlowMessages(in.ToClient)
	usual := in.HasPort(openFlowPorts[0]) || in.HasPort(openFlowPorts[1])
	switch {
	case up >= 2 || down >= 2:
		return Match
	case usual && !in.Opened && (!a || !b):
		return openFlowMidway(in.ToServer, in.ToClient)
	case !a || !b:
		return No
	case up+down >= 2 || usual && up+down > 0:
		return Match
	}
	return NeedMore
}

// openFlowMessages counts hello and, behind it, one header more.
func openFlowMessages(b []byte) (n int, ok bool) {
	const header, hello, maxVersion, maxKind, largestHello, largest = 8, 0, 6, 35, 64, 1 << 9
	if len(b) > 0 && (b[0] == 0 || b[0] > maxVersion) || len(b) > 1 && b[1] != hello || len(b) > 2 && b[2] != 0 {
		return 0, false
	}
	if len(b) < header {
		return 0, true
	}
	length := be16(b[2:])
	if length < header || length > largestHello || length%8 != 0 {
		return 0, false
	}
	// The only element of a hello is the bitmap of versions, padded to words of eight bytes.
	if length > header && (len(b) >= header+2 && be16(b[header:]) != 1 || len(b) >= header+4 && (be16(b[header+2:])+7)&^7 != length-header) {
		return 0, false
	}
	if len(b) < length {
		return 0, true
	}
	next := b[length:]
	if len(next) < header {
		return 1, true
	}
	if next[0] == 0 || next[0] > b[0] || next[1] > maxKind || next[1] == hello || be16(next[2:]) < header || be16(next[2:]) > largest {
		return 1, false
	}
	return 2, true
}

// openFlowMidway wants a header each way, of one version and one transaction, or
// two messages of one side that stand one behind the other.
func openFlowMidway(c, s []byte) Verdict {
	const header, maxVersion, maxKind = 8, 6, 35
	sound := func(b []byte) bool {
		return b[0] > 0 && b[0] <= maxVersion && b[1] <= maxKind && be16(b[2:]) >= header
	}
	for _, b := range [...][]byte{c, s} {
		if len(b) >= header && !sound(b) {
			return No
		}
	}
	switch {
	case len(c) >= header && len(s) >= header:
		if c[0] != s[0] || string(c[4:header]) != string(s[4:header]) || isZero(c[4:header]) {
			return No
		}
		return Match
	case len(c) < header:
		c = s
	}
	if len(c) < header {
		return NeedMore
	}
	next := c[min(len(c), be16(c[2:])):]
	switch {
	case len(next) < header:
		return NeedMore
	case next[0] != c[0] || !sound(next):
		return No
	}
	return Match
}
