package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/httpmsg"
)

// ssdpPort is where searches and announcements go (UPnP Device Architecture 2.0, section 1.1).
const ssdpPort = 1900

// SSDP (UPnP Device Architecture 2.0, section 1): heads of HTTP in datagrams,
// either of its two methods or a response to a search.
var ssdpCard = Protocol{ID: proto.SSDP, Over: UDP, Ports: []uint16{ssdpPort}, First: "HMN", Inspect: inspectSSDP}

func inspectSSDP(in *Input, res *Result) Verdict {
	d := in.Newest()
	if len(d) < 19 || d[0] != 'M' && d[0] != 'N' && d[0] != 'H' {
		return No
	}
	head, sure := 0, in.HasPort(ssdpPort)
	if r, s := httpmsg.ReadRequest(d); s == httpmsg.Whole && string(r.Target) == "*" {
		head, sure = r.Head, sure || string(r.Method) == "M-SEARCH" || string(r.Method) == "NOTIFY"
	} else if r, s := httpmsg.ReadResponse(d); s == httpmsg.Whole {
		head = r.Head
	}
	if head == 0 {
		if in.Lost > 0 && in.HasPort(ssdpPort) && (begins(d, "M-SEARCH * HTTP/1.1\r\n") == Match || begins(d, "NOTIFY * HTTP/1.1\r\n") == Match || begins(d, "HTTP/1.1 200 OK\r\n") == Match) {
			return Match
		}
		return No
	}
	for name, value, next := httpmsg.Header(d, head); next != 0; name, value, next = httpmsg.Header(d, next) {
		switch {
		case httpmsg.Is(name, "host"):
			putAuthority(res, value)
		case httpmsg.Is(name, "user-agent"):
			res.Put(attr.SSDPUserAgent, value)
			res.Put(attr.HTTPUserAgent, value)
		case httpmsg.Is(name, "server"):
			res.Put(attr.HTTPServer, value)
		case httpmsg.Is(name, "st"), httpmsg.Is(name, "nt"), httpmsg.Is(name, "usn"):
			sure = true // a response is HTTP over UDP until one of these shows
		}
	}
	if !sure {
		return No
	}
	return Match
}
