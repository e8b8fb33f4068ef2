package detect

import "netifyd/core/proto"

// Gnutella (RFC-Gnutella 0.6, section 2.1): a line each way; files are asked for in HTTP, with a number or a hash.
func init() {
	register(Protocol{ID: proto.Gnutella, Over: TCP, Ports: []uint16{6346}, Limit: 128, Inspect: inspectGnutella})
	register(Protocol{ID: proto.Gnutella, Over: UDP, Ports: []uint16{6346}, Inspect: inspectGnutellaUDP})
}

func inspectGnutella(in *Input, _ *Result) Verdict {
	best := NeedMore
	for _, b := range [2][]byte{in.ToServer, in.ToClient} {
		v := max(begins(b, "GNUTELLA CONNECT/0."), begins(b, "GNUTELLA/0.6 "), begins(b, "GND "), begins(b, "GIV "))
		switch {
		case v == Match:
			return v
		case v == No:
			best = No
		}
	}
	return best
}

// inspectGnutellaUDP recognises GUESS and out-of-band messages: identifier,
// kind, time to live, hops, length of the rest (section 2.2).
func inspectGnutellaUDP(in *Input, _ *Result) Verdict {
	const header, ping, pong, query, queryHit = 23, 0x00, 0x01, 0x80, 0x81
	d := in.Newest()
	if len(d) < header || le32(d[19:]) != uint32(len(d)-header) || d[8] != 0xff || d[17] > 7 || d[18] > 7 {
		return No
	}
	// Byte 8 of the identifier is 0xff and the last 0 in every modern client (section 2.2.1).
	switch d[16] {
	case ping, pong, query, queryHit:
		if d[15] == 0 {
			return Match
		}
	}
	return No
}
