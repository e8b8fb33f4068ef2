package detect

import "netifyd/core/proto"

var natsCard = Protocol{ID: proto.NATS, Over: TCP, Ports: []uint16{4222}, Limit: 1024, Inspect: inspectNATS}

// inspectNATS recognises the server's INFO or the client's CONNECT, each with
// an object of JSON
// (https://docs.nats.io/reference/reference-protocols/nats-protocol).
func inspectNATS(in *Input, _ *Result) Verdict {
	server, client := natsObject(in.ToClient, "INFO"), natsObject(in.ToServer, "CONNECT")
	switch {
	case server == Match || client == Match:
		return Match
	case server == No || client == No:
		return No
	}
	return NeedMore
}

// natsObject wants the word, white space, and the start of an object.
func natsObject(b []byte, word string) Verdict {
	if v := beginsFold(b, word); v != Match {
		return v
	}
	b = b[len(word):]
	if len(b) > 0 && b[0] != ' ' && b[0] != '\t' {
		return No
	}
	b = trimSpace(b)
	return begins(b, "{\"")
}
