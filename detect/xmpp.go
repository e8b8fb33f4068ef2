package detect

import (
	"bytes"

	"netifyd/core/proto"
)

// XMPP (RFC 6120, section 4.2): each side opens a stream element of the
// namespace "http://etherx.jabber.org/streams", with or without an XML
// declaration before it. A flow joined later is known by its stanzas (section 8).
func init() {
	register(Protocol{ID: proto.XMPP, Over: TCP, Ports: []uint16{5222, 5269, 5223, 5298}, Limit: 1024, Inspect: inspectXMPP})
}

func inspectXMPP(in *Input, res *Result) Verdict {
	b := in.ToServer
	if len(b) == 0 {
		b = in.ToClient
	}
	v := xmppStream(b)
	if v != Match {
		return v
	}
	if at := bytes.Index(in.ToServer, []byte(" to=")); at >= 0 && at+6 < len(in.ToServer) {
		putHost(res, in.ToServer[at+5:])
	}
	return Match
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
