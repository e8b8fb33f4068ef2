package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/quicmsg"
	"netifyd/detect/internal/tlsmsg"
)

var dtlsCard = Protocol{ID: proto.DTLS, Over: UDP, Ports: []uint16{4433, 5684, 10443}, First: bytesBetween(tlsmsg.ChangeCipherSpec, tlsmsg.ApplicationData), Limit: dtlsLimit, Inspect: inspectDTLS}

// dtlsLimit is room for hellos, a cookie exchange and a chain of certificates.
const dtlsLimit = 12288

// inspectDTLS reads DTLS 1.0 to 1.3 (RFC 4347, RFC 6347, RFC 9147). Datagrams at
// hand that are something else, such as STUN before the handshake of WebRTC,
// are passed over, and a relay's messages opened, so that other cards can ask it
// about a later part of their flow.
func inspectDTLS(in *Input, res *Result) Verdict {
	if len(in.held) == 0 && !isDTLS(in.Newest()) {
		return cutDTLS(in, res)
	}
	var f dtlsFlow
	f.init(res)
	seen := false
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		if d = relayed(d); isDTLS(d) {
			seen = true
			f.datagram(d, fromServer)
		}
	}
	if !seen {
		return No
	}
	f.fill(res)
	return Match
}

// cutDTLS judges a first datagram of which the snap length left the beginning:
// a record of a handshake message, whose lengths are within those of the datagram.
func cutDTLS(in *Input, res *Result) Verdict {
	const body = tlsmsg.DTLSHeaderSize + 12 // where that of the message begins
	d := in.Newest()
	if in.Lost == 0 || len(d) < body || d[0] != tlsmsg.Handshake || !tlsmsg.IsDTLSVersion(uint16(be16(d[1:]))) || !isZero(d[3:9]) {
		return No
	}
	const low24 = 1<<24 - 1
	record, message, part := be16(d[11:]), int(be32(d[13:])&low24), int(be32(d[21:])&low24)
	if record > in.size(d)-tlsmsg.DTLSHeaderSize || part+12 > record || int(be32(d[18:])&low24)+part > message || d[13] > 26 || message >= 1<<17 {
		return No
	}
	res.Partial = true
	return Match
}

// isDTLS says that a datagram is made of whole DTLS records: type, version,
// epoch and sequence number that have just begun to count, and lengths that
// add up to the datagram. Protected records of version 1.3 may follow.
func isDTLS(d []byte) bool {
	if len(d) < tlsmsg.DTLSHeaderSize+1 || d[0] < tlsmsg.ChangeCipherSpec || d[0] > tlsmsg.ApplicationData {
		return false
	}
	for first := true; len(d) > 0; first = false {
		if !first && tlsmsg.IsUnified(d) {
			return tlsmsg.AreUnified(d)
		}
		epoch, sequence := d[min(3, len(d)-1)], d[min(5, len(d)-1)]
		r, rest, ok := tlsmsg.NextDTLS(d)
		if !ok || len(r.Body) == 0 || epoch != 0 || sequence != 0 || r.Epoch > 8 {
			return false
		}
		if first && r.Epoch == 0 && !isClearRecord(r) {
			return false
		}
		d = rest
	}
	return true
}

// isClearRecord checks the body of a record that is not protected.
func isClearRecord(r tlsmsg.DTLSRecord) bool {
	switch r.Type {
	case tlsmsg.Handshake:
		f, _, ok := tlsmsg.NextFragment(r.Body)
		return ok && f.Type <= 26 && f.Length < 1<<17
	case tlsmsg.ChangeCipherSpec: // AnyConnect's old version counts the message in it
		return r.Body[0] == 1 && (len(r.Body) == 1 || len(r.Body) == 3)
	case tlsmsg.Alert:
		return len(r.Body) == 2 && (r.Body[0] == 1 || r.Body[0] == 2)
	}
	return false
}

// dtlsMessage is one handshake message under construction. A later one of the
// same type takes its place: the hello with the cookie that of the one without.
type dtlsMessage struct {
	span   quicmsg.Span
	kind   byte
	length int
	seq    uint16
	seen   bool
}

func (m *dtlsMessage) add(f *tlsmsg.Fragment) {
	if m.seen && (f.Seq < m.seq || f.Seq == m.seq && f.Length != m.length) {
		return
	}
	if !m.seen || f.Seq != m.seq {
		m.span.Reset()
	}
	m.seen, m.kind, m.length, m.seq = true, f.Type, f.Length, f.Seq
	m.span.Add(f.Offset, f.Body)
}

// message is as much of it as there is without a gap.
func (m *dtlsMessage) message() tlsmsg.Message {
	b := m.span.Bytes()
	return tlsmsg.Message{Type: m.kind, Body: b, Whole: m.seen && len(b) == m.length}
}

// dtlsFlow is what the datagrams at hand tell together.
type dtlsFlow struct {
	client, server, leaf dtlsMessage
	hello                bool   // one of the hellos was seen
	swapped              bool   // the hellos show the directions to be the wrong way round
	done                 bool   // nothing more follows in the clear
	protected            uint16 // version of the first protected record with a whole header: the one negotiated (RFC 9147, section 4, has another from 1.3 on)
}

func (f *dtlsFlow) init(res *Result) {
	const client, server = 4096, 1024
	b := res.Scratch[:]
	f.client.span.Room = b[:client]
	f.server.span.Room = b[client : client+server]
	f.leaf.span.Room = b[client+server:]
}

func (f *dtlsFlow) datagram(d []byte, fromServer bool) {
	for len(d) > 0 {
		if tlsmsg.IsUnified(d) {
			f.done = true
			return
		}
		r, rest, ok := tlsmsg.NextDTLS(d)
		if !ok {
			return
		}
		switch {
		case r.Epoch != 0:
			f.done, f.protected = true, r.Version
			return
		case r.Type == tlsmsg.Handshake:
			f.fragments(r.Body, fromServer)
		case r.Type == tlsmsg.Alert:
			f.done = f.done || r.Body[0] == 2
		}
		d = rest
	}
}

func (f *dtlsFlow) fragments(b []byte, fromServer bool) {
	for len(b) > 0 {
		part, rest, ok := tlsmsg.NextFragment(b)
		if !ok {
			return
		}
		switch part.Type { // the first hello says who is who: the other side may not bring another
		case tlsmsg.ClientHelloType:
			if f.isSide(fromServer) {
				f.client.add(&part)
			}
		case tlsmsg.ServerHelloType:
			if f.isSide(!fromServer) {
				f.server.add(&part)
			}
		case tlsmsg.CertificateType:
			if fromServer != f.swapped { // not the client's
				f.leaf.add(&part)
			}
		case tlsmsg.ServerHelloDone:
			f.done = true
		}
		b = rest
	}
}

// isSide says that the client is on the side told; the first hello decides.
func (f *dtlsFlow) isSide(fromServer bool) bool {
	if !f.hello {
		f.hello, f.swapped = true, fromServer
	}
	return f.swapped == fromServer
}

func (f *dtlsFlow) fill(res *Result) {
	if !f.hello {
		res.Partial = true
		res.More = !f.done // a server's request for a cookie, where the client is not seen: its hello follows
		if f.protected != 0 {
			fillVersion(f.protected, &tlsmsg.ServerHello{}, res)
		}
		return
	}
	var hello tlsmsg.ClientHello
	var server tlsmsg.ServerHello
	if m := f.client.message(); len(m.Body) > 0 {
		hello, _ = tlsmsg.ParseClientHello(m, true)
		fillClientHello(&hello, 'd', res)
		fillECH(&hello, tlsmsg.Message{}, false, res)
	}
	if m := f.server.message(); m.Whole {
		if h, ok := tlsmsg.ParseServerHello(m); ok {
			server = h
			fillServerHello(&server, res)
		}
	}
	if f.leaf.seen {
		fillLeaf(f.leaf.message(), res)
	}
	fillVersion(hello.Version, &server, res)
	leafDone := f.leaf.message().Whole || tlsmsg.Is13(server.Version) && !server.Retry
	res.More = !f.done && (f.client.seen && !hello.Whole || server.Version == 0 || !leafDone)
}
