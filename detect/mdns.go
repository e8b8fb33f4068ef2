package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/dnsmsg"
)

// Multicast DNS (RFC 6762) is DNS at port 5353, which is part of its
// definition (section 3), with messages of many questions and announcements
// without any; identifier, opcode and result are zero (section 18).
var mdnsCard = Protocol{
	ID: proto.MDNS, Over: UDP, Ports: []uint16{mdnsPort}, Limit: 1500, Feed: true, Alone: true, Inspect: inspectMDNS,
}

func inspectMDNS(in *Input, res *Result) Verdict {
	if in.ServerPort != mdnsPort && (in.ClientPort != mdnsPort || in.ServerPort == dnsPort) {
		return No
	}
	msg := in.Newest()
	h, ok := dnsmsg.ReadHeader(msg)
	if !ok || h.Opcode() != 0 || h.Rcode() != 0 || int(h.QD)+h.Records() == 0 {
		return No
	}
	// A datagram that was cut short may still tell its first name.
	if !dnsmsg.Whole(msg) && !soundMDNSStart(msg) {
		if in.Lost == 0 || h.ID != 0 {
			return No
		}
		res.Partial = true // the snap length cut off the first name
		return Match
	}
	if name, ok := dnsmsg.Text(res.Scratch[:dnsmsg.MaxName], msg, dnsmsg.HeaderLen); ok && (!h.Response() || isLocalName(name)) {
		putHost(res, name)
	}
	if h.Response() {
		putMDNSAnswer(msg, int(h.AN), res)
		putMDNSAddresses(msg, h.Records(), res)
	}
	res.More = !h.Response()
	return Match
}

// isLocalName says that a name is one that a device may call its own (section
// 3): it ends in "local", or it is that of an address (section 4).
func isLocalName(name []byte) bool {
	for _, end := range [...]string{"LOCAL", "ARPA"} {
		if n := len(name) - len(end); n >= 0 && (n == 0 || name[n-1] == '.') && beginsFold(name[n:], end) == Match {
			return true
		}
	}
	return false
}

// soundMDNSStart accepts the first question or record of class IN, whose top
// bit has a meaning of its own (sections 5.4 and 10.2).
func soundMDNSStart(msg []byte) bool {
	q, _, ok := dnsmsg.ReadQuestion(msg, dnsmsg.HeaderLen) // a record begins as a question does
	return ok && q.Class&^0x8000 == 1
}

// putMDNSAnswer puts the first service instance that a response names, else
// the owner of its first record.
func putMDNSAnswer(msg []byte, n int, res *Result) {
	off, ok := dnsmsg.Answers(msg)
	first := off
	if !ok || n == 0 {
		return
	}
	name := first
	for range min(n, maxDNSRecords) {
		r, next, ok := dnsmsg.ReadRecord(msg, off)
		if !ok {
			break
		}
		if r.Type == dnsmsg.PTR {
			name = r.Data
			break
		}
		off = next
	}
	if text, ok := dnsmsg.Unicode(res.Scratch[:dnsmsg.MaxName], msg, name); ok {
		res.Put(attr.MDNSAnswer, text)
	}
}

// putMDNSAddresses gives the addresses of the first name below "local" that
// has any in a response, in whichever section (section 6).
func putMDNSAddresses(msg []byte, n int, res *Result) {
	off, ok := dnsmsg.Answers(msg)
	owner := -1
	for range min(n, maxDNSRecords) {
		if !ok {
			return
		}
		var r dnsmsg.Record
		if r, off, ok = dnsmsg.ReadRecord(msg, off); !ok {
			return
		}
		if r.Class&^0x8000 != 1 || !(r.Type == dnsmsg.A && r.Len == 4 || r.Type == dnsmsg.AAAA && r.Len == 16) {
			continue
		}
		if r.TTL == 0 { // the device says goodbye (section 10.1)
			continue
		}
		if owner < 0 {
			name, ok := dnsmsg.Text(res.Scratch[:dnsmsg.MaxName], msg, r.Name)
			lowerCase(name)
			if !ok || !bytes.HasSuffix(name, []byte(".local")) {
				continue
			}
			if res.Answered = hostName(res.Scratch[dnsAnsweredRoom:dnsAnsweredRoom+maxHost], name); res.Answered == nil {
				continue
			}
			owner = r.Name
		}
		if dnsmsg.Same(msg, r.Name, owner) {
			putAddress(msg[r.Data:r.Data+r.Len], r.TTL, res)
		}
	}
}
