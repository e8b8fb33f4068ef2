package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
)

// xmppLimit leaves room for both hellos of TLS behind the negotiation;
// xmppNegotiation is how far the request for it is looked for.
const (
	xmppLimit       = 8192
	xmppNegotiation = 2048
)

// XMPP (RFC 6120, section 4.2): each side opens a stream element of the
// namespace "http://etherx.jabber.org/streams", with or without an XML
// declaration before it. A flow joined later is known by its stanzas (section 8).
var xmppCard = Protocol{ID: proto.XMPP, Over: TCP, Ports: []uint16{5222, 5269, 5223, 5298}, Limit: xmppLimit, Inspect: inspectXMPP}

func inspectXMPP(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		b = in.ToClient
	}
	v := xmppStream(b)
	if v != Match {
		return v
	}
	if to := xmppTo(in.ToServer); len(to) > 0 {
		putHost(res, to)
		if host := res.Get(attr.HostName); bytes.HasSuffix(host, []byte(".truphone.com")) {
			res.Protocol = proto.TruPhone // the telephone service's own servers
		}
	}
	followSTARTTLS(in, res)
	return Match
}

// xmppTo is the value of the first "to", which some clients write without a space before it.
func xmppTo(b []byte) []byte {
	at := bytes.Index(b, []byte(" to="))
	if at < 0 {
		at = bytes.Index(b, []byte("'to="))
	}
	if at < 0 || at+6 >= len(b) {
		return nil
	}
	if end := bytes.IndexByte(b[at+5:], b[at+4]); end > 0 {
		return b[at+5 : at+5+end]
	}
	return nil
}

// followSTARTTLS reads the handshake that both sides agree on (RFC 6120,
// section 5.4.2): the client asks, the server tells it to proceed.
func followSTARTTLS(in *Input, res *Result) {
	ask := bytes.Index(in.ToServer, []byte("<starttls"))
	if ask < 0 {
		res.More = len(in.ToServer) > 0 && len(in.ToServer) < xmppNegotiation && !bytes.Contains(in.ToServer, []byte("<auth"))
		return
	}
	client, server := afterElement(in.ToServer, ask), []byte(nil)
	if proceed := bytes.Index(in.ToClient, []byte("<proceed")); proceed >= 0 {
		server = afterElement(in.ToClient, proceed)
	}
	if len(client) < 3 {
		res.More = true
		return
	}
	if isTLSRecord(client) {
		insideTLS(client, server, res)
		res.Protocol = proto.XMPPS
	}
}

// afterElement is what follows the tag that begins at off, without white space.
func afterElement(b []byte, off int) []byte {
	end := bytes.IndexByte(b[off:], '>')
	if end < 0 {
		return nil
	}
	rest := b[off+end+1:]
	if bytes.HasPrefix(rest, []byte("</")) { // <starttls …></starttls>
		if end = bytes.IndexByte(rest, '>'); end < 0 {
			return nil
		}
		rest = rest[end+1:]
	}
	return bytes.TrimLeft(rest, " \r\n")
}

func xmppStream(b []byte) Verdict {
	b = bytes.TrimLeft(b, " \r\n")
	if len(b) == 0 {
		return NeedMore
	}
	switch v := beginsOneOf(b, []string{"<?xml", "<stream:stream", "</stream:stream>"}); {
	case v == No:
		return xmppStanza(b)
	case v != Match:
		return v
	case b[1] == '/':
		return Match
	case b[1] == '?':
		end := bytes.Index(b, []byte("?>"))
		if end < 0 {
			return NeedMore
		}
		return xmppStreamElement(bytes.TrimLeft(b[end+2:], " \r\n"))
	}
	return xmppStreamElement(b)
}

// xmppStreamElement wants the element complete, or its namespace if that comes sooner.
func xmppStreamElement(b []byte) Verdict {
	v := beginsOneOf(b, []string{"<stream:stream"})
	if v != Match {
		return v
	}
	switch end := bytes.IndexByte(b, '>'); {
	case end >= 0 && (bytes.Contains(b[:end], []byte("jabber")) || bytes.Contains(b[:end], []byte("etherx"))):
		return Match
	case end >= 0:
		return No
	}
	return NeedMore
}

// xmppStanza knows the three stanzas by an attribute that each has, complete
// or not: the type of an iq, an address with an "@" or a namespace of XMPP in the others.
func xmppStanza(b []byte) Verdict {
	v := beginsOneOf(b, []string{"<iq ", "<message ", "<presence "})
	if v != Match {
		return v
	}
	element := b
	end := bytes.IndexByte(b, '>')
	if end >= 0 {
		element = b[:end]
	}
	has := func(s string) bool { return bytes.Contains(element, []byte(s)) }
	addressed := (has(" to=") || has(" from=")) && has("@")
	switch {
	case b[1] == 'i' && has(" type=") && has(" id="), addressed, has("jabber:"):
		return Match
	case end >= 0:
		return No
	}
	return NeedMore
}
