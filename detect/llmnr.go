package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/dnsmsg"
)

// Link-local multicast name resolution (RFC 4795): DNS at port 5355, which is
// part of its definition (section 2), with exactly one question, and no
// answers in a query (section 2.1.1).
func init() {
	register(Protocol{
		ID: proto.LLMNR, Over: UDP, Ports: []uint16{llmnrPort}, Limit: 1500, Inspect: inspectLLMNR,
	})
}

func inspectLLMNR(in *Input, res *Result) Verdict {
	if in.ServerPort != llmnrPort && (in.ClientPort != llmnrPort || in.ServerPort == dnsPort) {
		return No
	}
	msg := in.Newest()
	h, ok := dnsmsg.ReadHeader(msg)
	if !ok || h.Opcode() != 0 || h.QD != 1 || !h.Response() && (h.AN != 0 || h.NS != 0) {
		return No
	}
	q, off, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen)
	if !ok || !soundQuestion(q) {
		return No
	}
	if name, ok := dnsmsg.Text(res.Scratch[:dnsmsg.MaxName], msg, q.Name); ok {
		lowerCase(name)
		res.Put(attr.DNSQuery, name)
		putHost(res, name)
	}
	res.PutUint(attr.DNSType, uint64(q.Type))
	if h.Response() {
		res.PutUint(attr.DNSRcode, uint64(h.Rcode()))
		putAnswerTexts(msg, off, min(int(h.AN), maxDNSRecords), res)
	}
	res.More = !h.Response()
	return Match
}
