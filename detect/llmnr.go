package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/dnsmsg"
)

// Link-local multicast name resolution (RFC 4795): DNS at port 5355, which is
// part of its definition (section 2), with exactly one question, and no
// answers in a query (section 2.1.1). What does not fit a datagram is asked for
// over TCP (section 2.4), with DNS's length before it.
var llmnrCard = Protocol{
	ID: proto.LLMNR, Over: TCP | UDP, Ports: []uint16{llmnrPort}, Limit: 1500, Alone: true, Inspect: inspectLLMNR,
}

func inspectLLMNR(in *Input, res *Result) Verdict {
	if in.ServerPort != llmnrPort && (in.Over == TCP || in.ClientPort != llmnrPort || in.ServerPort == dnsPort) {
		return No
	}
	if in.Over == UDP {
		return readLLMNR(in.Newest(), res)
	}
	asked, answered := llmnrStream(in.ToServer, res), llmnrStream(in.ToClient, res)
	switch {
	case asked == No || answered == No:
		return No
	case asked == Match || answered == Match:
		res.More = answered != Match
		return Match
	}
	return NeedMore
}

// llmnrStream reads the first message of a stream, once all of it is there.
func llmnrStream(s []byte, res *Result) Verdict {
	switch v := dnsStream(s); {
	case v != Match:
		return v
	case len(s) < 2+int(dnsLength(s)):
		return NeedMore
	}
	return readLLMNR(dnsFrame(s), res)
}

func readLLMNR(msg []byte, res *Result) Verdict {
	h, ok := dnsmsg.ReadHeader(msg)
	if !ok || h.Opcode() != 0 || h.QD != 1 || !h.Response() && (h.AN != 0 || h.NS != 0) {
		return No
	}
	q, off, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	if !ok || !soundQuestion(q) {
		return No
	}
	if name, ok := dnsmsg.Unicode(res.Scratch[:dnsmsg.MaxName], msg, q.Name); ok {
		lowerCase(name)
		res.Put(attr.DNSQuery, name) // UTF-8 (RFC 4795, section 2)
		putHost(res, name)
		if bytes.IndexByte(name, '.') < 0 { // a device has a name of one label (section 3)
			res.Answered = hostName(res.Scratch[dnsAnsweredRoom:dnsAnsweredRoom+maxHost], name)
		}
	}
	res.PutUint(attr.DNSType, uint64(q.Type))
	if h.Response() {
		res.PutUint(attr.DNSRcode, uint64(h.Rcode()))
		n := min(int(h.AN), maxDNSRecords)
		putAnswerTexts(msg, off, n, res)
		if h.Rcode() == 0 {
			putAddresses(msg, off, n, q.Name, res)
		}
	}
	res.More = !h.Response()
	return Match
}
