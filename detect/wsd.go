package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// Namespaces of WS-Discovery: the draft of 2005 and OASIS's version 1.1, appendix A.
var wsdNamespaces = [...][]byte{
	[]byte("schemas.xmlsoap.org/ws/2005/04/discovery"),
	[]byte("docs.oasis-open.org/ws-dd/ns/discovery/"),
}

// WS-Discovery over UDP: a SOAP envelope that names its namespace.
var wsdCard = Protocol{ID: proto.WSD, Over: UDP, Ports: []uint16{3702}, First: "<", Inspect: inspectWSD}

func inspectWSD(in *Input, res *Result) Verdict {
	d := in.Newest()
	if len(d) < 64 || d[0] != '<' || !bytes.Contains(d, []byte("Envelope")) {
		return No
	}
	if in.Lost > 0 && in.HasPort(3702) {
		res.Partial = true
		return Match
	}
	for _, ns := range wsdNamespaces {
		if bytes.Contains(d, ns) {
			return Match
		}
	}
	return No
}
