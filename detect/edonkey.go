package detect

import "netifyd/core/proto"

// eDonkey and eMule ("The eMule Protocol Specification", Kulbak and Bickson,
// 2005): over TCP a protocol byte, the length of the rest, an opcode; over UDP
// a protocol byte and an opcode.
var edonkeyCard = Protocol{ID: proto.EDonkey, Over: TCP, Ports: []uint16{4661, 4662}, Limit: 512, Inspect: inspectEDonkey}

var edonkeyUDPCard = Protocol{ID: proto.EDonkey, Over: UDP, Ports: []uint16{4665, 4672}, First: "\xe3\xe4", Limit: 2048, Inspect: inspectEDonkeyUDP}

const (
	edonkeyPlain  = 0xe3
	edonkeyHello  = 0x01
	edonkeyAnswer = 0x4c
)

func inspectEDonkey(in *Input, _ *Result) Verdict { return eitherWay(in, edonkeyGreeting) }

// edonkeyGreeting judges the first message each way: a client's hello or the
// answer to it with hash, identity, port and tags, or what a server says after a login.
func edonkeyGreeting(b []byte) Verdict {
	const frame, longest = 6, 4096
	if len(b) == 0 {
		return NeedMore
	}
	if b[0] != edonkeyPlain {
		return No
	}
	if len(b) < frame {
		return NeedMore
	}
	n := le32(b[1:])
	if n < 5 || n > longest {
		return No
	}
	body := b[frame:]
	switch b[5] {
	case edonkeyHello:
		// To a client with the hash's length before it, to a server without.
		if len(body) == 0 {
			return NeedMore
		}
		if body[0] == 16 {
			if v := edonkeyIdentity(body[1:], int(n)-2); v != No {
				return v
			}
		}
		return edonkeyIdentity(body, int(n)-1)
	case edonkeyAnswer:
		return edonkeyIdentity(body, int(n)-1)
	case 0x38, 0x40, 0x34, 0x41: // server: message, identity, status, name
		return edonkeyServer(b[5], body, int(n)-1)
	}
	return No
}

// edonkeyIdentity judges hash, identity, port, count of tags and the first tag's head in n bytes.
func edonkeyIdentity(b []byte, n int) Verdict {
	const fixed, mostTags = 26, 32
	if n < fixed {
		return No
	}
	if len(b) < fixed+4 {
		return NeedMore
	}
	tags := le32(b[22:])
	if tags == 0 || tags > mostTags {
		return No
	}
	// A tag: type (new style with the highest bit, then the name in one byte), length of the name.
	if t := b[fixed]; t&0x80 == 0 && (t == 0 || t > 11 || be16(b[fixed+2:])>>8 != 0 && le16(b[fixed+1:]) != 1) {
		return No
	}
	return Match
}

// edonkeyServer judges what a server sends first: a text whose length fills the message.
func edonkeyServer(opcode byte, b []byte, n int) Verdict {
	if opcode != 0x38 {
		return No
	}
	if len(b) < 2 {
		return NeedMore
	}
	if le16(b)+2 != n {
		return No
	}
	return NeedMore // the client's login tells
}

// inspectEDonkeyUDP recognises pairs: a server's status with the question's
// token, a search in Kademlia with its target in the answer.
func inspectEDonkeyUDP(in *Input, _ *Result) Verdict {
	const (
		askStatus, status = 0x96, 0x97
		kad               = 0xe4
		search, found     = 0x21, 0x29
		hello, helloBack  = 0x11, 0x19
	)
	d := in.Newest()
	if len(d) < 6 || d[0] != edonkeyPlain && d[0] != kad {
		return No
	}
	switch {
	case d[0] == kad && d[1] == search && len(d) == 35 && (d[2] == 2 || d[2] == 4 || d[2] == 11): // how many contacts: to store, to look up a node, a value
		return Match
	case d[0] == edonkeyPlain && d[1] == askStatus && len(d) == 6:
		return NeedMore
	case d[0] == kad && (d[1] == hello || d[1] == helloBack) && isKadHello(d):
	case d[0] == edonkeyPlain && d[1] == status && len(d) >= 14:
	case d[0] == kad && d[1] == found && len(d) >= 19 && len(d) == 19+25*int(d[18]):
	default:
		return No
	}
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		if fromServer == in.FromServer || len(b) < 6 || b[0] != d[0] {
			continue
		}
		if d[0] == kad && (b[1] == hello && d[1] == helloBack && isKadHello(b) || len(b) == 35 && d[1] == found && same(b[3:19], d[2:18])) || d[0] == edonkeyPlain && len(b) == 6 && same(b[2:6], d[2:6]) {
			return Match
		}
	}
	if d[0] == kad && d[1] == hello {
		return NeedMore
	}
	return No
}

// isKadHello reads an identity, a port, a version and a few tags.
func isKadHello(d []byte) bool {
	const fixed, newest, mostTags = 22, 12, 4
	return len(d) >= fixed && len(d) < 64 && d[20] >= 1 && d[20] <= newest && d[21] <= mostTags && (d[21] == 0) == (len(d) == fixed)
}
