package detect

import (
	"bytes"

	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/core/wire"
)

var stunCard = Protocol{ID: proto.STUN, Over: UDP | TCP, Ports: []uint16{3478, 5349, 19302}, First: bytesBetween(0x00, 0x3f), Limit: 12288, Inspect: inspectSTUN}

const (
	stunHeader = 20
	stunCookie = 0x2112a442 // RFC 8489, section 5

	stunBinding = 0x0001 // a request
)

// inspectSTUN recognises STUN and TURN (RFC 8489, RFC 8656, RFC 3489). A
// message with the magic cookie and a length that fits is proof; one of RFC
// 3489, which has no cookie, must have a known type, a random transaction, and
// attributes that end where the message does, or come twice. What follows in the same flow (the media that the
// checks were for) refines the answer: see stunmedia.go.
func inspectSTUN(in *Input, res *Result) Verdict {
	if in.Over == TCP {
		return inspectSTUNStream(in, res)
	}
	if isZoomProbe(in.Newest()) {
		res.Protocol = proto.ZOOM
		return Match
	}
	if d := in.Newest(); in.Lost > 0 && len(d) >= stunHeader && d[0] < 0x40 && be16(d[2:]) == in.size(d)-stunHeader && be32(d[4:]) == stunCookie {
		facts := stunFacts{}
		readSTUN(d, res, &facts)
		facts.refine(in, res)
		return Match
	}
	if !isSTUN(in.Newest()) && !stunBefore(in) {
		return No
	}
	if !stunSure(in) {
		return NeedMore
	}
	facts := stunFacts{}
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		check := isSTUN(d)
		if check {
			readSTUN(d, res, &facts)
		}
		carried := relayed(d)
		if len(carried) < len(d) {
			check = isSTUN(carried)
		}
		if !check {
			facts.media(carried, fromServer)
		}
	}
	facts.refine(in, res)
	if facts.dtls {
		insideDTLS(in, res)
	}
	return Match
}

// relayed is what a datagram to or from a relay carries: that of a channel (RFC
// 8656, section 12.4), or of an indication (section 11); else the datagram itself.
func relayed(d []byte) []byte {
	const head, sendIndication, dataIndication = 4, 0x0016, 0x0017
	if len(d) <= head {
		return d
	}
	if n := be16(d[2:]); d[0]>>4 == 4 && n > 0 && n <= len(d)-head && len(d)-head-n < 4 {
		return d[head : head+n]
	}
	if kind := be16(d); kind != sendIndication && kind != dataIndication || !isSTUN(d) {
		return d
	}
	for b := d[stunHeader:]; len(b) >= head; {
		n := be16(b[2:])
		if be16(b) == stunData && n > 0 && n <= len(b)-head {
			return b[head : head+n]
		}
		b = behind(b, head+(n+3)&^3)
	}
	return d
}

func stunBefore(in *Input) bool {
	for d, _, at := in.Datagram(0); d != nil; d, _, at = in.Datagram(at) {
		if isSTUN(d) {
			return true
		}
	}
	return false
}

// stunSure says that a message has the cookie, or attributes, or is at a port of
// STUN, or was answered or sent again: one transaction twice.
func stunSure(in *Input) bool {
	var first []byte
	for d, _, at := in.Datagram(0); d != nil; d, _, at = in.Datagram(at) {
		switch {
		case !isSTUN(d):
		case be32(d[4:]) == stunCookie, len(d) > stunHeader, in.HasPort(3478), in.HasPort(5349), first != nil && same(first[4:stunHeader], d[4:stunHeader]):
			return true
		case first == nil:
			first = d
		}
	}
	return false
}

// inspectSTUNStream reads messages one after the other, with or without the
// length that RFC 4571 puts before each (ICE over TCP, RFC 6544, section 3).
func inspectSTUNStream(in *Input, res *Result) Verdict {
	server, client := stunStream(in.ToServer, nil), stunStream(in.ToClient, nil)
	if server == No || client == No && server != Match {
		return No
	}
	if server != Match && client != Match {
		return NeedMore
	}
	facts := stunFacts{}
	stunStream(in.ToServer, func(m []byte) { readSTUN(m, res, &facts) })
	stunStream(in.ToClient, func(m []byte) { readSTUN(m, res, &facts) })
	facts.framedRTP(in.ToServer, false)
	facts.framedRTP(in.ToClient, true)
	facts.refine(in, res)
	res.More = len(in.ToServer) < 1024 && len(in.ToClient) < 1024
	return Match
}

// stunStream is Match where b begins with a message that has the cookie; each whole message goes to see.
func stunStream(b []byte, see func([]byte)) Verdict {
	const seen = 12 // type, length, cookie and the first of the transaction's bytes
	framed := 0
	if len(b) >= 1 && b[0] >= 0x40 {
		return No
	}
	if len(b) >= 8 && be32(b[4:]) != stunCookie {
		if len(b) >= 10 && (be32(b[6:]) != stunCookie || be16(b) != be16(b[4:])+stunHeader) {
			return No
		}
		framed = 2
	}
	if len(b) < framed+seen {
		if len(b) >= 4 && framed == 0 && len(b) < 8 && b[3]&3 != 0 && b[0] > 5 {
			return No
		}
		return NeedMore
	}
	if m := b[framed:]; m[0] >= 0x40 || m[3]&3 != 0 {
		return No
	}
	if see == nil {
		return Match
	}
	for len(b) >= framed+stunHeader {
		m := b[framed:]
		n := stunHeader + be16(m[2:])
		if be32(m[4:]) != stunCookie || len(m) < n {
			break
		}
		see(m[:n])
		b = m[n:]
	}
	return Match
}

// isSTUN says whether the datagram is one STUN message.
func isSTUN(d []byte) bool {
	if len(d) < stunHeader || d[0] >= 0x40 {
		return false
	}
	n := be16(d[2:])
	if n != len(d)-stunHeader {
		return false
	}
	if be32(d[4:]) == stunCookie { // some programs leave out the padding
		return true
	}
	if n&3 != 0 || !looksRandom(d[4:stunHeader]) {
		return false
	}
	switch be16(d) { // RFC 3489, section 11.1, and the early TURN drafts
	case 0x0001, 0x0101, 0x0111, 0x0002, 0x0102, 0x0112, 0x0003, 0x0103, 0x0113, 0x0004, 0x0104, 0x0114, 0x0115:
	default:
		return false
	}
	for b := d[stunHeader:]; len(b) > 0; {
		if len(b) < 4 {
			return false
		}
		size := 4 + (be16(b[2:])+3)&^3
		if t := be16(b); t == 0 || t > 0x0040 && t < 0x8000 || size > len(b) {
			return false
		}
		b = b[size:]
	}
	return true
}

// Attributes (https://www.iana.org/assignments/stun-parameters).
const (
	stunMappedAddress    = 0x0001
	stunUsername         = 0x0006
	stunChangedAddress   = 0x0005
	stunXorPeerAddress   = 0x0012
	stunData             = 0x0013
	stunRealm            = 0x0014
	stunXorRelayed       = 0x0016
	stunXorMapped        = 0x0020
	stunXorMappedOld     = 0x8020
	stunSoftware         = 0x8022
	stunResponseOrigin   = 0x802b
	stunOtherAddress     = 0x802c
	stunAlternateServer  = 0x8023
	stunSourceAddressOld = 0x0004
)

// readSTUN puts the attributes of one message; the first value of each stays.
func readSTUN(m []byte, res *Result, facts *stunFacts) {
	facts.message(m)
	id := m[4:stunHeader]
	c := wire.New(m[stunHeader:])
	for c.Len() >= 4 {
		t := c.U16()
		n := int(c.U16())
		v := c.Bytes(n)
		if v == nil {
			return
		}
		if pad := -n & 3; pad <= c.Len() {
			c.Skip(pad)
		}
		facts.attribute(t, v)
		switch t {
		case stunMappedAddress:
			putSTUNAddress(res, attr.STUNMapped, v, nil)
		case stunXorMapped, stunXorMappedOld:
			putSTUNAddress(res, attr.STUNMapped, v, id)
		case stunXorPeerAddress:
			putSTUNAddress(res, attr.STUNPeer, v, id)
		case stunXorRelayed:
			putSTUNAddress(res, attr.STUNRelayed, v, id)
		case stunChangedAddress, stunOtherAddress:
			putSTUNAddress(res, attr.STUNOther, v, nil)
		case stunResponseOrigin:
			putSTUNAddress(res, attr.STUNResponse, v, nil)
		case stunUsername:
			if be16(m) == stunBinding {
				res.Call = callOf(v)
			}
		case stunRealm: // names the service that the credentials are for (RFC 8489, section 14.9)
			facts.realm(v)
			if m[0]&1 == 0 && m[1]&0x10 == 0 && isDomain(v) && !res.Has(attr.HostName) { // the client's word, not the server's
				putHost(res, v)
			}
		case stunSoftware:
			if text := cutZero(v); len(text) > 0 && !res.Has(attr.STUNSoftware) {
				res.Put(attr.STUNSoftware, text)
			}
		}
	}
}

// callOf stands for the user name of an ICE check: the fragments of who is asked
// and of who asks, four characters at least, with a colon between (RFC 8445,
// sections 5.3 and 7.2.2). It is the same both ways; 0: it is none.
func callOf(user []byte) uint64 {
	const least, most = 4, 256
	asked, asks, ok := bytes.Cut(user, []byte{':'})
	for _, part := range [...][]byte{asked, asks} {
		if !ok || len(part) < least || len(part) > most {
			return 0
		}
		for _, c := range part {
			if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' { // RFC 8839, section 5.4
				return 0
			}
		}
	}
	return max(1, fragmentSum(asked)+fragmentSum(asks))
}

// fragmentSum is FNV-1a.
func fragmentSum(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// cutZero drops what follows the first zero byte.
func cutZero(b []byte) []byte {
	for i, ch := range b {
		if ch == 0 {
			return b[:i]
		}
	}
	return b
}

// putSTUNAddress puts an address: reserved, family, port, address (RFC 8489,
// section 14.1), mixed with the cookie and the transaction where id is given (section 14.2).
func putSTUNAddress(res *Result, k attr.Key, v, id []byte) {
	if len(v) < 8 || res.Has(k) {
		return
	}
	size := 4
	if v[1] == 2 {
		size = 16
	}
	if v[1] != 1 && v[1] != 2 || len(v) < 4+size {
		return
	}
	var out [18]byte
	copy(out[:size], v[4:])
	copy(out[size:], v[2:4])
	if id != nil {
		for i := range size {
			out[i] ^= id[i]
		}
		out[size] ^= id[0]
		out[size+1] ^= id[1]
	}
	res.Put(k, out[:size+2])
}
