package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/quicmsg"
	"netifyd/detect/internal/tlsmsg"
)

var quicCard = Protocol{ID: proto.QUIC, Over: UDP, Ports: []uint16{443, 8443, 80, 784}, Limit: quicLimit, Adds: true, Inspect: inspectQUIC}

// quicLimit is room for a hello in several datagrams and the server's answer.
const quicLimit = 12288

// inspectQUIC reads QUIC of the IETF (RFC 9000, RFC 9369, the drafts) and of
// Google (Q0nn, T0nn). It walks every datagram at hand, since a hello may be
// spread over several and the server's keys follow from the client's first packet.
func inspectQUIC(in *Input, res *Result) Verdict {
	if b := in.Newest(); in.HasPort(quicPort) && !in.Known && isShortQUIC(b) {
		if v := shortQUIC(in, res); v != No {
			return v
		}
	} else if len(in.held) == 0 && !quicShape(b) {
		return No
	}
	var q quicFlow
	q.read(in, res, res.Has(attr.TLSJA3))
	if q.shut {
		q.read(in, res, false)
	}
	if !q.proven {
		switch {
		case q.retry:
			return NeedMore
		case q.cut(in):
			res.PutUint(attr.QUICVersion, uint64(q.version))
			res.Partial = true
			return Match
		}
		return No
	}
	q.fill(res)
	return Match
}

// quicShape says cheaply that a datagram may be one of QUIC with a version in it.
func quicShape(b []byte) bool {
	const shortest = 21 // Version Negotiation with one version is less, but comes second
	return len(b) >= shortest && (b[0]&0x80 != 0 || b[0]&0x88 == 0x08)
}

// fill puts what the flow told.
func (q *quicFlow) fill(res *Result) {
	if q.version != 0 {
		res.PutUint(attr.QUICVersion, uint64(q.version))
	}
	if quicmsg.IsTagged(q.version) {
		q.fillGoogle(res)
		return
	}
	res.More = !q.ended
	version, whole, ok := q.fillHello(res)
	if !ok {
		return
	}
	var server tlsmsg.ServerHello
	rest := q.fromServer.Bytes()
	for range 2 { // a HelloRetryRequest may come before the ServerHello
		m, after, ok := tlsmsg.Next(rest)
		if !ok || m.Type != tlsmsg.ServerHelloType || !m.Whole {
			break
		}
		if h, ok := tlsmsg.ParseServerHello(m); ok {
			server = h
		}
		rest = after
	}
	if server.Version != 0 {
		fillServerHello(&server, res)
	}
	fillVersion(version, &server, res)
	if offersDoQ(res) {
		res.Protocol = proto.DoQ
	}
	refineResolver(res)
	if whole && server.Version != 0 && !server.Retry {
		res.More = false
	}
}

// fillHello puts what the client's hello tells, unless it was told before, and
// gives its version; false where there is none.
func (q *quicFlow) fillHello(res *Result) (version uint16, whole, ok bool) {
	if q.told {
		v, _ := res.Number(attr.TLSVersion)
		return uint16(v), true, true
	}
	m, _, ok := tlsmsg.Next(q.fromClient.Bytes())
	if !ok || m.Type != tlsmsg.ClientHelloType {
		return 0, false, false
	}
	hello, ok := tlsmsg.ParseClientHello(m, false)
	if !ok {
		return 0, false, false
	}
	forget(res, attr.TLSALPN, attr.TLSECH, attr.TLSECHVersion)
	fillClientHello(&hello, 'q', res)
	if agent := quicmsg.UserAgent(hello.Extensions.Parameters()); len(agent) > 0 {
		putQUICAgent(agent, res)
	}
	fillECH(&hello, tlsmsg.Message{}, false, res)
	return hello.Version, hello.Whole, true
}

// fillGoogle puts what a hello of Google's own handshake tells; the answer tells nothing.
func (q *quicFlow) fillGoogle(res *Result) {
	b := q.fromClient.Bytes()
	h, ok := quicmsg.ParseHello(b)
	if !ok {
		res.More = len(b) < 4 && !q.ended
		return
	}
	res.More = !h.Whole && !q.ended
	if len(h.ServerName) > 0 {
		res.Put(attr.TLSSNI, h.ServerName)
		putHost(res, h.ServerName)
	}
	if len(h.UserAgent) > 0 {
		putQUICAgent(h.UserAgent, res)
	}
}

// putQUICAgent puts the program's name, under HTTP too, which is where it is looked for.
func putQUICAgent(agent []byte, res *Result) {
	res.Put(attr.QUICUserAgent, agent)
	res.Put(attr.HTTPUserAgent, agent)
}

// offersDoQ says that the client's first offer is DNS (RFC 9250), "doq-i00" and so on in its drafts.
func offersDoQ(res *Result) bool {
	v := res.Get(attr.TLSALPN)
	return len(v) >= 3 && string(v[:3]) == "doq" && (len(v) == 3 || v[3] == '-')
}
