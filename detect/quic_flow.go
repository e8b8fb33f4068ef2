package detect

import (
	"netifyd/detect/internal/quiccrypto"
	"netifyd/detect/internal/quicmsg"
)

// Parts of Result.Scratch.
const (
	quicClientRoom = 7168 // the client's handshake bytes
	quicServerRoom = 3072 // the server's
)

// quicFlow is what the datagrams at hand tell together.
type quicFlow struct {
	proven  bool   // it is QUIC
	ended   bool   // the handshake has passed the Initial packets
	told    bool   // the client's hello was told before: only the server's is wanted
	retry   bool   // a Retry came, which alone proves little: the first packet that its tag covers was not seen
	shut    bool   // a packet of the server stayed shut, though the keys should fit
	version uint32 // of the newest packet that names one and, once the client's hello is there, that the keys open
	turned  bool   // the client's hello came from the side that is taken for the server
	asked   bool   // the side that is taken for the client opened the handshake, though its hello was not seen yet

	fromClient, fromServer quicmsg.Span
	base                   int    // where Google's hello begins in the stream
	scratch                []byte // one packet

	// origin is the identifier that the client's first packet was addressed
	// to, which both sides' keys come from.
	origin        []byte
	params        *quiccrypto.Params
	client        quiccrypto.Keys
	clientVersion uint32
	server        quiccrypto.Keys
	serverVersion uint32
}

// read walks the datagrams at hand. told spares it the opening of what the
// client sent; it takes the keys to be those of the client's first packet,
// which is wrong after a Retry: shut tells.
func (q *quicFlow) read(in *Input, res *Result, told bool) {
	*q = quicFlow{told: told}
	b := res.Scratch[:]
	q.fromClient.Room = b[:quicClientRoom]
	q.fromServer.Room = b[quicClientRoom : quicClientRoom+quicServerRoom]
	q.scratch = b[quicClientRoom+quicServerRoom:]
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		q.datagram(d, fromServer)
	}
}

// datagram reads the packets of one datagram.
func (q *quicFlow) datagram(d []byte, fromServer bool) {
	if len(d) == 0 {
		return
	}
	if d[0]&0x80 == 0 {
		q.shortHeader(d, fromServer)
		return
	}
	whole := d
	for len(d) > 0 {
		p, rest, ok := quicmsg.Next(d)
		if !ok {
			return
		}
		if !q.packet(&p, whole, rest, fromServer) {
			return
		}
		d = rest
	}
}

// shortHeader reads a packet of Google's early versions, or sees that the
// handshake is over: a short header of today tells nothing.
func (q *quicFlow) shortHeader(d []byte, fromServer bool) {
	if version, text, ok := quicmsg.GooglePacket(d); ok && !fromServer && isGoogleSealed(d[1:9], d[9:len(d)-len(text)]) {
		q.proven, q.version = true, version
		q.streams(text)
		return
	}
	if q.proven || quicmsg.IsGoogleReply(d) {
		q.proven, q.ended = true, true
	}
}

// cut judges a datagram whose end the snap length cut off by its header, of which
// no seal is proof: a version that is known, a client's length, what looks sealed.
func (q *quicFlow) cut(in *Input) bool {
	const sealed = 16
	d := in.Newest()
	if in.Lost == 0 {
		return false
	}
	p, _, ok := quicmsg.NextCut(d, in.Lost)
	q.version = p.Version
	return ok && p.Fixed && quicmsg.Known(p.Version) && p.Number > 0 && len(d)-p.Number >= sealed && isSealedQUIC(&p) &&
		(p.Type != quicmsg.Initial || in.FromServer || in.size(d) >= quicFirst)
}

// packet reads one packet with a long header and says whether those behind it
// in the datagram may be believed.
func (q *quicFlow) packet(p *quicmsg.Packet, whole, rest []byte, fromServer bool) bool {
	switch {
	case p.Type == quicmsg.Negotiation:
		q.proven = q.proven || negotiates(p) && len(p.SCID) >= quicID && looksRandom(p.SCID)
		return false
	case quicmsg.IsQ046(p.Version) && len(p.DCID)+len(p.SCID) > 0 && looksRandom(p.DCID) && looksRandom(p.SCID):
		if q.hasHello() {
			return false
		}
		q.proven, q.version = true, p.Version
		if !fromServer {
			q.streams(p.Q046Text())
		}
		return false
	case quicmsg.Known(p.Version):
		sealed := !q.proven && p.Fixed && isSealedQUIC(p)
		q.retry = q.retry || sealed && p.Type == quicmsg.Retry
		q.proven = q.proven || sealed && p.Type != quicmsg.Retry
	case quicmsg.IsReserved(p.Version) && len(whole) >= quicFirst && p.Type == quicmsg.Initial && len(p.DCID) >= quicID && looksRandom(p.DCID) && isZero(rest) && p.Fixed:
		// A version that forces negotiation: the pattern of its digits, the
		// lengths that add up and the size of a first datagram (RFC 9000, section 14.1).
		q.proven = true
	}
	opened := p.Type == quicmsg.Initial && len(p.DCID)+len(p.SCID) > 0 && q.initial(p, fromServer)
	if q.proven && (opened || !q.hasHello()) {
		q.version = p.Version
	}
	q.asked = q.asked || q.proven && !fromServer && (p.Type == quicmsg.Initial || p.Type == quicmsg.ZeroRTT)
	return q.proven
}

// hasHello says that the client's hello is there, wholly or in part.
func (q *quicFlow) hasHello() bool { return q.client.Done || q.told }

// quicFirst is the least size of a client's first datagram (RFC 9000, section
// 14.1), quicID that of the identifier which it chooses (section 7.2).
const (
	quicFirst = 1200
	quicID    = 8
)

// isGoogleSealed says that the identifier before a version in letters, and the hash
// among the bytes behind it, are no letters themselves.
func isGoogleSealed(id, behind []byte) bool {
	high := byte(0)
	for _, b := range [2][]byte{id, behind} {
		for _, c := range b {
			high |= c
		}
	}
	return looksRandom(id) && high >= 0x80
}

// isSealedQUIC says that identifiers, and what is sealed or the tag of a Retry,
// look random: the number of a version alone is a one among zeros. A client's
// Initial that the keys at hand open needs no such proof.
func isSealedQUIC(p *quicmsg.Packet) bool {
	const least, tag = 4, 16
	if len(p.DCID)+len(p.SCID) < least {
		return false
	}
	for _, id := range [2][]byte{p.DCID, p.SCID} {
		if len(id) >= quicID && !looksRandom(id) {
			return false
		}
	}
	if p.Number == 0 {
		return looksRandom(p.Bytes[len(p.Bytes)-tag:])
	}
	return looksRandom(p.Bytes[p.Number:])
}

// negotiates says that a Version Negotiation packet (RFC 9000, section 17.2.1)
// is believable: every version in it is known, or made to be unknown.
func negotiates(p *quicmsg.Packet) bool {
	known := false
	for v := p.Versions; len(v) >= 4; v = v[4:] {
		version := be32(v)
		known = known || quicmsg.Known(version)
		if !quicmsg.Known(version) && !quicmsg.IsReserved(version) && version>>16 != 0xff00 && version>>24 != 0xfa {
			return false
		}
	}
	return known
}

// initial opens an Initial packet and keeps its CRYPTO frames. It says whether the packet is of this connection.
func (q *quicFlow) initial(p *quicmsg.Packet, fromServer bool) bool {
	if q.told && fromServer == q.turned {
		first := q.origin == nil
		if q.proven = true; first {
			q.origin, q.params = p.DCID, quiccrypto.ParamsOf(p.Version)
			q.shut = q.params == nil
		}
		return first
	}
	if fromServer != q.turned && q.origin != nil {
		if text, ok := q.openServer(p); ok {
			add(&q.fromServer, text, p.Version)
			return true
		}
		if q.shut = q.told; q.shut {
			return false
		}
	}
	if q.client.Done && fromServer != q.turned || q.asked && fromServer {
		return false // the side that answers may not bring a hello of its own (RFC 9001, section 5.2)
	}
	text, ok := q.openClient(p)
	if ok {
		q.proven, q.turned = true, fromServer
		add(&q.fromClient, text, p.Version)
	}
	return ok
}

func add(s *quicmsg.Span, text []byte, version uint32) {
	for {
		offset, data, rest, ok := quicmsg.NextCrypto(text, version)
		if !ok {
			return
		}
		s.Add(offset, data)
		text = rest
	}
}

// streams keeps the handshake stream of Google's versions, which is number 1.
func (q *quicFlow) streams(text []byte) {
	for {
		stream, offset, data, rest, ok := quicmsg.NextStream(text, q.version)
		if !ok {
			return
		}
		if stream == 1 {
			if offset > 0 && quicmsg.IsHello(data) {
				// A second hello, which answers the server's rejection, begins where the first ended.
				q.fromClient.Reset()
				q.base = offset
			}
			q.fromClient.Add(offset-q.base, data)
		}
		text = rest
	}
}

// openClient opens a client's packet with the keys at hand, then with those of
// the same identifier in the packet's version (RFC 9368), then with those of the
// packet's own identifier: a first packet, or the first after a Retry.
func (q *quicFlow) openClient(p *quicmsg.Packet) (text []byte, ok bool) {
	if q.client.Done {
		if q.clientVersion != p.Version && quiccrypto.ParamsOf(p.Version) != nil {
			q.client.Derive(quiccrypto.ParamsOf(p.Version), q.origin, false)
			q.clientVersion = p.Version
		}
		if text, ok = q.client.Open(p.Bytes, p.Number, q.scratch, quicmsg.Sound(p.Version)); ok {
			return text, true
		}
	}
	if params := quiccrypto.ParamsOf(p.Version); params != nil {
		return q.openFirst(p, params)
	}
	if len(p.DCID) < 8 {
		return nil, false
	}
	for _, params := range quiccrypto.Candidates {
		if text, ok = q.openFirst(p, params); ok {
			return text, true
		}
	}
	return nil, false
}

func (q *quicFlow) openFirst(p *quicmsg.Packet, params *quiccrypto.Params) (text []byte, ok bool) {
	var k quiccrypto.Keys
	k.Derive(params, p.DCID, false)
	if text, ok = k.Open(p.Bytes, p.Number, q.scratch, quicmsg.Sound(p.Version)); !ok {
		return nil, false
	}
	q.client, q.clientVersion = k, p.Version
	q.origin, q.params = p.DCID, params
	q.server.Done = false
	q.fromClient.Reset()
	q.fromServer.Reset()
	return text, true
}

// openServer opens a server's packet, which may be in another version than the client's (RFC 9368).
func (q *quicFlow) openServer(p *quicmsg.Packet) (text []byte, ok bool) {
	if !q.server.Done || q.serverVersion != p.Version {
		params := quiccrypto.ParamsOf(p.Version)
		if params == nil {
			params = q.params
		}
		if params == nil { // which ones opened the client's packet is found out anew
			return nil, false
		}
		q.server.Derive(params, q.origin, true)
		q.serverVersion = p.Version
	}
	return q.server.Open(p.Bytes, p.Number, q.scratch, quicmsg.Sound(p.Version))
}
