package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
	"netifyd/detect/internal/ber"
)

var kerberosCard = Protocol{ID: proto.Kerberos, Over: TCP | UDP, Ports: []uint16{88, 464}, Limit: 4096, Inspect: inspectKerberos}

// inspectKerberos recognises the messages of a key distribution centre (RFC
// 4120, section 5.4 to 5.9): an application tag, protocol version 5 and the
// message type that belongs to the tag. TCP puts the length before it (section
// 7.2.2). Changes of a password (RFC 3244) wrap an AP-REQ.
func inspectKerberos(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if v := kerberosMessage(d, res); v == Match {
			return Match
		}
		if kerberosPassword(d, res) == Match {
			return Match
		}
		return No
	}
	client, server := kerberosStream(in.ToServer, res), kerberosStream(in.ToClient, res)
	switch {
	case client == Match || server == Match && client != No:
		res.More = !res.Has(attr.KerberosRealm) && len(in.ToServer) < 2048 && len(in.ToClient) < 2048
		return Match
	case client == No || server == No:
		return No
	}
	return NeedMore
}

func kerberosStream(b []byte, res *Result) Verdict {
	if len(b) > 0 && b[0] != 0 || len(b) > 1 && b[1] > 1 {
		return No
	}
	if len(b) < 5 {
		return NeedMore
	}
	n := be32(b)
	if n < 16 {
		return No
	}
	m := b[4:]
	if uint32(len(m)) > n {
		m = m[:n]
	}
	if v := kerberosMessage(m, res); v != No {
		return v
	}
	return kerberosPassword(m, res)
}

// kerberosType is the message type (RFC 4120, section 5.10 and 7.5.7) of an
// application tag, 0: none.
func kerberosType(tag byte) byte {
	switch tag {
	case 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x74, 0x75, 0x76, 0x7e:
		return tag & 0x1f
	}
	return 0
}

func kerberosMessage(b []byte, res *Result) Verdict {
	if len(b) == 0 {
		return NeedMore
	}
	kind := kerberosType(b[0])
	if kind == 0 {
		return No
	}
	body, partial, ok := ber.Enter(b, b[0])
	if !ok {
		return No
	}
	short := No
	if partial {
		short = NeedMore
	}
	body, _, ok = ber.Enter(body, ber.Sequence)
	if !ok {
		return No
	}
	first := byte(0xa0) // pvno is [0], but [1] in requests to the centre
	if kind == 10 || kind == 12 {
		first = 0xa1
	}
	want := [10]byte{first, 3, ber.Integer, 1, 5, first + 1, 3, ber.Integer, 1, kind}
	for i := range min(len(body), len(want)) {
		if body[i] != want[i] {
			return No
		}
	}
	if len(body) < len(want) {
		return short
	}
	kerberosRealm(kind, body[len(want):], res)
	return Match
}

// kerberosRealm puts the realm: of the request body, of a reply's client, or of an error's server.
func kerberosRealm(kind byte, fields []byte, res *Result) {
	const generalString = 0x1b
	want := byte(0)
	switch kind {
	case 10, 12:
		want = 0xa4
	case 11, 13:
		want = 0xa3
	case 30:
		want = 0xa9
	default:
		return
	}
	for len(fields) > 0 && fields[0] != want {
		_, _, rest, ok := ber.Take(fields)
		if !ok {
			return
		}
		fields = rest
	}
	value, _, ok := ber.Enter(fields, want)
	if !ok {
		return
	}
	if want == 0xa4 {
		if value, _, ok = ber.Enter(value, ber.Sequence); !ok {
			return
		}
		for len(value) > 0 && value[0] != 0xa2 {
			_, _, rest, ok := ber.Take(value)
			if !ok {
				return
			}
			value = rest
		}
		if value, _, ok = ber.Enter(value, 0xa2); !ok {
			return
		}
	}
	if realm, _, ok := ber.Expect(value, generalString); ok && len(realm) > 0 && !res.Has(attr.KerberosRealm) {
		res.Put(attr.KerberosRealm, realm)
	}
}

// kerberosPassword reads a change of password (RFC 3244, section 2): length of
// the whole message, version 1 or 0xff80, length of the AP-REQ or AP-REP, which follows.
func kerberosPassword(b []byte, res *Result) Verdict {
	if len(b) < 7 {
		if len(b) > 2 && b[2] != 0 && b[2] != 0xff {
			return No
		}
		return NeedMore
	}
	length, version, ap := be16(b), be16(b[2:]), be16(b[4:])
	if version != 1 && version != 0xff80 || length < len(b) || ap == 0 || ap+6 > length || b[6] != 0x6e && b[6] != 0x6f {
		return No
	}
	return kerberosMessage(b[6:min(len(b), 6+ap)], res)
}
