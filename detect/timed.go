package detect

import "netifyd/core/proto"

const timedPort = 525

// The time daemons of Berkeley (4.3BSD, "The Berkeley UNIX Time Synchronization
// Protocol"): type, version 1, sequence, eight bytes, and the name of a machine,
// filled with zeros to 64 bytes, or cut behind its end.
var timedCard = Protocol{ID: proto.Timed, Over: UDP, Ports: []uint16{timedPort}, Inspect: inspectTimed}

func inspectTimed(in *Input, _ *Result) Verdict {
	const header, lastType, longest = 12, 26, 256
	d := in.Newest()
	if !in.HasPort(timedPort) || len(d) < header+2 || len(d) > header+longest || d[0] == 0 || d[0] > lastType || d[1] != 1 {
		return No
	}
	for i, c := range d[header:] {
		switch {
		case c == 0 && i > 0:
			return Match
		case c < '-' || c > 'z', i >= longest:
			return No
		}
	}
	return No
}
