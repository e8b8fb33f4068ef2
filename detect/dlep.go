package detect

import (
	"netifyd/core/proto"
	"netifyd/core/wire"
)

// The Dynamic Link Exchange Protocol (RFC 8175, sections 11 and 12): signals in
// datagrams begin with its name; sessions over TCP begin with an initialisation
// whose data items fill it and hold the heartbeat interval.
var dlepCard = Protocol{ID: proto.DLEP, Over: TCP, Ports: []uint16{854}, Limit: 1024, Inspect: inspectDLEP}

var dlepSignalCard = Protocol{ID: proto.DLEP, Over: UDP, Ports: []uint16{854}, First: "D", Inspect: inspectDLEPSignal}

func inspectDLEPSignal(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) < 8 || begins(d, "DLEP\x00") != Match || d[5] < 1 || d[5] > 2 || 8+be16(d[6:]) != len(d) {
		return No
	}
	return Match
}

func inspectDLEP(in *Input, _ *Result) Verdict { return eitherWay(in, dlepInitialization) }

func dlepInitialization(b []byte) Verdict {
	const maxItem, heartbeat = 25, 5
	if len(b) > 0 && b[0] != 0 || len(b) > 1 && b[1] != 1 && b[1] != 2 {
		return No
	}
	if len(b) < 4 {
		return NeedMore
	}
	n := be16(b[2:])
	if n < 8 || n > 1000 {
		return No
	}
	c := wire.New(b[4:min(len(b), 4+n)])
	found := false
	for c.Len() >= 4 {
		kind, length := c.U16(), int(c.U16())
		if kind == 0 || kind > maxItem || c.Offset()+length > n || kind == heartbeat && length != 4 {
			return No
		}
		found = found || kind == heartbeat
		c.Skip(length)
	}
	switch {
	case len(b) < 4+n:
		return NeedMore
	case found && c.Ok() && c.Len() == 0:
		return Match
	}
	return No
}
