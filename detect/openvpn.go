package detect

import (
	"bytes"

	"netifyd/core/proto"
)

var openvpnCard = Protocol{ID: proto.OpenVPN, Over: UDP | TCP, Ports: []uint16{1194}, First: "\x08\x10\x38\x40\x50", Limit: openvpnLimit, Inspect: inspectOpenVPN}

// openvpnLimit is room for both hellos and a chain of certificates, in pieces of about 100 bytes too.
const openvpnLimit = 12288

// Opcodes of the packets that open a session
// (https://build.openvpn.net/doxygen/group__network__protocol.html).
const (
	openvpnClientV1 = 1
	openvpnServerV1 = 2
	openvpnClientV2 = 7
	openvpnServerV2 = 8
	openvpnClientV3 = 10 // tls-crypt-v2: the client's wrapped key follows
)

// openvpnReset is a packet that opens a session.
type openvpnReset struct {
	fromServer bool
	proven     bool   // fixed fields prove it
	wrapped    bool   // what follows is encrypted
	session    []byte // of the sender
	replay     uint32 // packet number of the outer layer, 0 where there is none
	time       uint32 // seconds since 1970, of the outer layer
}

// inspectOpenVPN recognises the two packets that open a session: the client's
// reset, whose fixed fields are known in tls-auth sessions and, at the port, in
// plain ones, or, where tls-crypt hides them or it has but 14 bytes, that and the
// server's answer or another try. TLS follows in the clear but for tls-crypt.
func inspectOpenVPN(in *Input, res *Result) Verdict {
	if in.Over == TCP {
		return inspectOpenVPNStream(in, res)
	}
	if v := openvpnRepeats(in); v != Match {
		return v
	}
	if openvpnDatagrams(in, res) {
		return Match
	}
	r, ok := readOpenVPN(in.Newest())
	if !ok {
		return No
	}
	if r.proven {
		return Match
	}
	for d, fromServer, at := in.Datagram(0); d != nil && &d[0] != &in.Newest()[0]; d, fromServer, at = in.Datagram(at) {
		before, ok := readOpenVPN(d)
		if ok && openvpnPair(before, r, fromServer == in.FromServer) {
			return Match
		}
	}
	return NeedMore
}

// openvpnRepeats judges a flow elsewhere than at the port that begins with a
// client's plain reset, 14 bytes with little in them: the next datagram, the same
// again or the answer, must have the session too. Match: nothing of it.
func openvpnRepeats(in *Input) Verdict {
	first, _, at := in.Datagram(0)
	r, ok := readOpenVPN(first)
	if !ok || len(first) != openvpnHead+openvpnRequest || in.HasPort(1194) {
		return Match
	}
	next, _, _ := in.Datagram(at)
	switch {
	case next == nil:
		return NeedMore
	case bytes.Contains(next, r.session):
		return Match
	}
	return No
}

// inspectOpenVPNStream reads the first packet of each direction, each behind two bytes of length.
func inspectOpenVPNStream(in *Input, res *Result) Verdict {
	var r [2]openvpnReset
	var have [2]bool
	for i, b := range [2][]byte{in.ToServer, in.ToClient} {
		if len(b) > 0 && b[0] > 4 {
			return No
		}
		if len(b) < 3 {
			continue
		}
		n := be16(b)
		if _, _, ok := openvpnOpcode(b[2]); !ok || n < 14 || n > 1200 {
			return No
		}
		if len(b) < 2+n {
			continue
		}
		if r[i], have[i] = readOpenVPN(b[2 : 2+n]); !have[i] {
			return No
		}
		if r[i].proven {
			openvpnStreams(in, b[2:2+n], r[i], i == 1, res)
			return Match
		}
	}
	if have[0] && have[1] {
		if openvpnPair(r[0], r[1], false) {
			return Match
		}
		return No
	}
	return NeedMore
}

// openvpnPair says whether two packets belong together.
func openvpnPair(a, b openvpnReset, sameSide bool) bool {
	const day = 24 * 3600
	if sameSide {
		return a.fromServer == b.fromServer && same(a.session, b.session) && b.replay == a.replay+1 && b.time-a.time < day
	}
	if a.fromServer == b.fromServer || same(a.session, b.session) {
		return false
	}
	return a.time-b.time+day < 2*day
}

func openvpnOpcode(first byte) (opcode byte, fromServer, ok bool) {
	opcode = first >> 3
	switch opcode {
	case openvpnClientV1, openvpnClientV2, openvpnClientV3:
	case openvpnServerV1, openvpnServerV2:
		fromServer = true
	default:
		return 0, false, false
	}
	return opcode, fromServer, first&7 == 0
}

// Sizes of a packet that opens a session, without the layers around it.
const (
	openvpnHead    = 9  // opcode and session
	openvpnRequest = 5  // no acknowledgement, number 0
	openvpnAnswer  = 17 // one acknowledgement, of 0, the client's session, number 0
)

// readOpenVPN reads a packet that opens a session: opcode, session (8), then
// plain: acknowledgements (count, numbers, the other's session), number 0;
// tls-auth: HMAC, replay number, time, then as plain;
// tls-crypt: replay number, time, HMAC (32), then the same encrypted.
func readOpenVPN(d []byte) (r openvpnReset, ok bool) {
	const (
		head   = openvpnHead
		replay = 8 // replay number and time
		hmac   = 32
	)
	if len(d) < head+openvpnRequest {
		return r, false
	}
	opcode, fromServer, ok := openvpnOpcode(d[0])
	if !ok || !looksRandom(d[1:head]) {
		return r, false
	}
	r = openvpnReset{fromServer: fromServer, session: d[1:head]}
	tail := openvpnRequest
	if fromServer {
		tail = openvpnAnswer
	}
	if body := d[len(d)-min(tail, len(d)):]; len(d) >= head+tail && openvpnTail(body, fromServer) {
		switch len(d) - head - tail {
		case 0:
			r.proven = true
		case replay + 16, replay + 20, replay + 28, replay + 32, replay + 48, replay + 64: // MD5 to SHA-512
			at := len(d) - tail - replay
			r.replay, r.time = be32(d[at:]), be32(d[at+4:])
			r.proven = openvpnOuter(r) && looksRandom(d[head:at])
		}
		if r.proven {
			return r, true
		}
	}
	r.replay, r.time = be32(d[head:]), 0
	if len(d) < head+replay+hmac+tail {
		return r, false
	}
	r.time = be32(d[head+4:])
	if !openvpnOuter(r) || !looksRandom(d[head+replay:head+replay+hmac]) {
		return r, false
	}
	extra := len(d) - head - replay - hmac - tail
	if opcode == openvpnClientV3 {
		r.proven, r.wrapped = extra > 2 && be16(d[len(d)-2:]) == extra, true
		return r, r.proven
	}
	return r, extra == 0 || fromServer && extra <= 32
}

// openvpnTail checks what follows the last of the outer layers.
func openvpnTail(b []byte, fromServer bool) bool {
	if !fromServer {
		return isZero(b)
	}
	return b[0] == 1 && isZero(b[1:5]) && looksRandom(b[5:13]) && isZero(b[13:])
}

// openvpnOuter wants one of the first replay numbers (a server that keeps no
// state yet begins at 0x0f000000) and a time between 2001 and 2038.
func openvpnOuter(r openvpnReset) bool {
	n := r.replay &^ 0x0f000000
	return n >= 1 && n <= 16 && (r.replay < 0x01000000 || r.replay >= 0x0f000000) && r.time > 1_000_000_000 && r.time < 1<<31
}
