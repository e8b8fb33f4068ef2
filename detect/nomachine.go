package detect

import "netifyd/core/proto"

// NoMachine's NX: over TCP (port 4000) the client says "NXSH-" and its version
// on a line, the server "NXD-" and its own, and then TLS begins ("NXSSH-" and "NXSERVER-" tunnelled
// in SSH are not seen). Datagrams beside it have a kind (1 asks, 2 answers, 3
// has data), the channel, the length of all, a number (2 each, least significant first), zeros.
var nomachineCard = Protocol{ID: proto.NoMachine, Over: TCP | UDP, Ports: []uint16{4000, 4011}, First: "\x01\x02\x03", Limit: 8192, Inspect: inspectNoMachine}

func inspectNoMachine(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		return nxDatagram(in)
	}
	up, down := nxLine(in.ToServer, "NXSH-"), nxLine(in.ToClient, "NXD-")
	switch {
	case up == No || down == No:
		return No
	case up == Match || down == Match:
		_, c, _ := cutLine(in.ToServer)
		_, s, _ := cutLine(in.ToClient)
		insideTLS(c, s, res)
		return Match
	}
	return NeedMore
}

// nxLine wants the version's first digit and its dot.
func nxLine(b []byte, name string) Verdict {
	if v := begins(b, name); v != Match {
		return v
	}
	_, digits := decimal(b[len(name):])
	switch rest := b[len(name)+digits:]; {
	case digits > 2 || len(rest) > 0 && (digits == 0 || rest[0] != '.'):
		return No
	case len(rest) > 0:
		return Match
	}
	return NeedMore
}

// nxDatagram wants the answer to a question: the same number, of the other side.
func nxDatagram(in *Input) Verdict {
	const ask, answer, size = 1, 2, 10
	d := in.Newest()
	if len(d) < size || d[0] == 0 || d[0] > 3 || d[1] != 0 || le16(d[4:]) != len(d) {
		return No
	}
	if d[0] != answer || len(d) != size || !isZero(d[8:]) {
		return NeedMore
	}
	for at := 0; ; {
		var other []byte
		var from bool
		if other, from, at = in.Datagram(at); other == nil {
			return NeedMore
		}
		if from != in.FromServer && len(other) == size && other[0] == ask && same(other[1:], d[1:]) {
			return Match
		}
	}
}
