package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var sipCard = Protocol{ID: proto.SIP, Over: UDP | TCP, Ports: []uint16{5060}, First: "\x00\r\nABCIMNOPRSU", Limit: 4096, Inspect: inspectSIP}

// Methods: RFC 3261 and its extensions 3262, 3265, 3311, 3428, 3515, 3903, 6086.
var sipMethods = []string{"INVITE ", "ACK ", "BYE ", "CANCEL ", "REGISTER ", "OPTIONS ", "INFO ", "PRACK ",
	"SUBSCRIBE ", "NOTIFY ", "UPDATE ", "MESSAGE ", "REFER ", "PUBLISH "}

// sipSchemes may be asked for (RFC 3261, sections 19.1 and 19.1.6; RFC 5031: urn:service:sos; RFC 3859 and 3860).
var sipSchemes = []string{"SIP:", "SIPS:", "TEL:", "URN:", "PRES:", "IM:"}

// inspectSIP recognises a request or status line (RFC 3261, section 7). Empty
// lines before it keep a connection alive (RFC 5626, section 3.5.1).
func inspectSIP(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		v := sipStart(in.Newest())
		switch {
		case v == Match:
			sipFields(in.Newest(), res)
			if in.FromServer { // it asks too, but does not say whose it is
				res.Drop(attr.HostName)
			}
		case v == No && isSIPPing(in.Newest(), in.HasPort(5060)):
			return Odd
		}
		return v
	}
	server, client := sipStart(in.ToServer), sipStart(in.ToClient)
	if server == No || client == No && server != Match {
		return No
	}
	if server != Match && client != Match {
		return NeedMore
	}
	done := sipFields(in.ToServer, res)
	if in.Opened { // the server asks too, but does not say whose it is
		name := res.Has(attr.HostName)
		done = sipFields(in.ToClient, res) || done
		if !name {
			res.Drop(attr.HostName)
		}
	} else if !done {
		done = sipFields(in.ToClient, res)
	}
	res.More = !done && len(in.ToServer) < 4096 && len(in.ToClient) < 4096
	return Match
}

// isSIPPing says that a datagram only keeps the way through an address
// translator open: empty lines or zeros, at the port any few bytes.
func isSIPPing(d []byte, usualPort bool) bool {
	const longest = 16
	for _, c := range d[:min(len(d), longest+1)] {
		if c != 0 && c != '\r' && c != '\n' && !usualPort {
			return false
		}
	}
	return len(d) <= longest
}

func sipStart(b []byte) Verdict {
	for n := 0; len(b) > 0 && (b[0] == '\r' || b[0] == '\n'); n++ {
		if n == 8 {
			return No
		}
		b = b[1:]
	}
	if len(b) == 0 {
		return NeedMore
	}
	if v := begins(b, "SIP/2.0 "); v != No {
		if v == Match && len(b) > 8 && (b[8] < '1' || b[8] > '6') {
			return No
		}
		if len(b) < 9 {
			return NeedMore
		}
		return v
	}
	for _, m := range sipMethods {
		switch begins(b, m) {
		case NeedMore:
			return NeedMore
		case Match:
			return beginsAny(b[len(m):], sipSchemes)
		}
	}
	return No
}

// sipDomain puts the domain of a request's URI: who is called, or where the
// client registers (RFC 3261, section 19.1.1). Addresses are left out.
func sipDomain(b []byte, res *Result) {
	line, _, found := cutLine(b)
	_, uri := cutWord(line)
	if !found || findFold(uri, "SIP") != 0 {
		return
	}
	uri, _ = cutWord(uri)
	host := following(uri, "@")
	if host == nil {
		host = following(uri, ":")
	}
	n := 0
	for n < len(host) && host[n] != ':' && host[n] != ';' && host[n] != '?' && host[n] != '>' {
		n++
	}
	if host = host[:n]; isDomain(host) && !res.Has(attr.HostName) {
		putHost(res, host)
	}
}

// sipFields puts the user agent: of the client, else of the server. done: the header is complete.
func sipFields(b []byte, res *Result) (done bool) {
	for len(b) > 0 && (b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
	}
	sipDomain(b, res)
	agent := foldedHeader(b, "USER-AGENT", res.Scratch[:512])
	if agent == nil {
		agent = foldedHeader(b, "SERVER", res.Scratch[:512])
	}
	if len(agent) > 0 && !res.Has(attr.SIPUserAgent) {
		res.Put(attr.SIPUserAgent, agent)
	}
	for len(b) > 0 {
		line, rest, found := cutLine(b)
		if !found {
			return false
		}
		if len(line) == 0 {
			return true
		}
		b = rest
	}
	return false
}
