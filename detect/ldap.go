package detect

import (
	"bytes"

	"netifyd/core/proto"
	"netifyd/detect/internal/ber"
)

var ldapCard = Protocol{ID: proto.LDAP, Over: TCP | UDP, Ports: []uint16{389, 3268}, First: "\x30", Limit: tlsLimit, Inspect: inspectLDAP}

// inspectLDAP recognises an LDAPMessage (RFC 4511, section 4.1.1): a SEQUENCE
// of a message identifier and an operation whose first fields have the types
// and values that the operation wants. A datagram (CLDAP, RFC 1798) must be
// exactly one message.
func inspectLDAP(in *Input, res *Result) Verdict {
	if in.Over == UDP {
		d := in.Newest()
		if _, _, rest, ok := ber.Take(d); !ok || len(rest) > 2048 || ldapMessage(d) != Match {
			return No
		}
		return Match
	}
	client, server := ldapMessage(in.ToServer), ldapMessage(in.ToClient)
	switch {
	case client == Match && (server != No || len(in.ToServer) > 0):
		insideLDAP(in, res)
		return Match
	case client == No || server == No:
		return No
	case server == Match && len(in.ToServer) == 0:
		return Match
	}
	return NeedMore
}

// Operations (RFC 4511, section 4.2 to 4.14).
const (
	ldapBindRequest      = 0x60
	ldapBindResponse     = 0x61
	ldapUnbind           = 0x42
	ldapSearchRequest    = 0x63
	ldapSearchEntry      = 0x64
	ldapSearchDone       = 0x65
	ldapSearchReference  = 0x73
	ldapExtendedRequest  = 0x77
	ldapExtendedResponse = 0x78
)

func ldapMessage(b []byte) Verdict {
	body, partial, ok := ber.Enter(b, ber.Sequence)
	if !ok {
		return No
	}
	short := No
	if partial {
		short = NeedMore
	}
	if len(body) == 0 {
		return short
	}
	// messageID: 0 to 2^31-1
	if len(body) >= 2 && (body[0] != ber.Integer || body[1] == 0 || body[1] > 4) || body[0] != ber.Integer {
		return No
	}
	_, rest, ok := ber.Expect(body, ber.Integer)
	if !ok || len(rest) == 0 {
		return short
	}
	op, size, _, state := ber.Header(rest)
	if state == ber.Bad {
		return No
	}
	switch op {
	case ldapBindRequest, ldapBindResponse, ldapSearchRequest, ldapSearchEntry, ldapSearchDone, ldapExtendedRequest, ldapExtendedResponse:
	case ldapUnbind:
		if state == ber.OK && rest[1] == 0 && len(rest) == 2 {
			return NeedMore // too little on its own; something mostly came before it
		}
		return short
	default:
		return No
	}
	if state == ber.Short {
		return short
	}
	return ldapOperation(op, rest[size:], short)
}

// ldapOperation checks the fields that begin an operation.
func ldapOperation(op byte, b []byte, short Verdict) Verdict {
	switch op {
	case ldapBindRequest: // version 2 or 3, name, simple [0] or sasl [3]
		if v := ldapFixed(b, short, ber.Integer, 1, 3); v != Match || len(b) < 3 {
			return v
		}
		if b[2] != 2 && b[2] != 3 {
			return No
		}
		_, _, n, v := ldapField(b[3:], ber.OctetString, short)
		if v != Match {
			return v
		}
		if n >= len(b[3:]) {
			return short
		}
		if tag := b[3:][n]; tag != 0x80 && tag != 0xa3 {
			return No
		}
		return Match
	case ldapSearchRequest: // baseObject, scope 0 to 3, derefAliases 0 to 3
		_, _, n, v := ldapField(b, ber.OctetString, short)
		if v != Match {
			return v
		}
		b = b[n:]
		if v := ldapFixed(b, short, ber.Enumerated, 1, 3); v != Match {
			return v
		}
		if v := ldapFixed(b[3:], short, ber.Enumerated, 1, 3); v != Match {
			return v
		}
		return Match
	case ldapSearchEntry: // objectName, attributes
		_, _, n, v := ldapField(b, ber.OctetString, short)
		if v != Match {
			return v
		}
		if n >= len(b) {
			return short
		}
		if b[n] != ber.Sequence {
			return No
		}
		return Match
	case ldapExtendedRequest: // [0] an object identifier in digits
		_, value, _, v := ldapField(b, 0x80, short)
		if v != Match {
			return v
		}
		for _, ch := range value {
			if ch != '.' && (ch < '0' || ch > '9') {
				return No
			}
		}
		if len(value) < 5 {
			return No
		}
		return Match
	}
	// The LDAPResult: code, matchedDN, diagnosticMessage
	if v := ldapFixed(b, short, ber.Enumerated, 1, 0x7f); v != Match {
		return v
	}
	_, _, n, v := ldapField(b[3:], ber.OctetString, short)
	if v != Match {
		return v
	}
	_, _, _, v = ldapField(b[3+n:], ber.OctetString, short)
	return v
}

// ldapFixed wants a value of one tag, a length, and at most the value most.
func ldapFixed(b []byte, short Verdict, tag, length, most byte) Verdict {
	if len(b) > 0 && b[0] != tag || len(b) > 1 && b[1] != length || len(b) > 2 && b[2] > most {
		return No
	}
	if len(b) < 3 {
		return short
	}
	return Match
}

// ldapField wants a whole value of one tag; size is what it takes.
func ldapField(b []byte, tag byte, short Verdict) (got byte, value []byte, size int, v Verdict) {
	got, head, length, state := ber.Header(b)
	switch {
	case len(b) > 0 && got != tag || state == ber.Bad:
		return got, nil, 0, No
	case state == ber.Short || length > len(b)-head:
		return got, nil, 0, short
	}
	return got, b[head : head+length], head + length, Match
}

// ldapStartTLS is the request's object identifier (RFC 4511, section 4.14.1).
const ldapStartTLS = "1.3.6.1.4.1.1466.20037"

// insideLDAP reads TLS behind a request for it that is granted. Questions about
// what the server can do may come before it.
func insideLDAP(in *Input, res *Result) {
	const most, success = 8, "\x0a\x01\x00" // messages
	client, asked := in.ToServer, false
	for n := 0; !asked; n++ {
		message, rest, ok := ldapCut(client)
		if !ok {
			res.More = n > 0 && n < most && len(in.ToServer) < 1024 && isLDAPPrelude(in.ToServer)
			return
		}
		asked, client = bytes.Contains(message, []byte(ldapStartTLS)), rest
	}
	server, granted := in.ToClient, false
	for {
		message, rest, ok := ldapCut(server)
		if !ok || isTLSRecord(server) {
			break
		}
		granted, server = bytes.Contains(message, []byte(success)), rest
	}
	switch {
	case granted:
		insideTLS(client, server, res)
	case len(client) == 0:
		res.More = len(in.ToClient) < 4096
	}
}

// isLDAPPrelude says that a conversation begins with what a client asks before
// StartTLS: the attributes of the root (RFC 4512, section 5.1), or with an anonymous bind.
func isLDAPPrelude(b []byte) bool {
	body, _, ok := ber.Enter(b, ber.Sequence)
	if !ok {
		return false
	}
	_, rest, ok := ber.Expect(body, ber.Integer)
	if !ok {
		return false
	}
	switch op, size, _, _ := ber.Header(rest); op {
	case ldapSearchRequest:
		return bytes.HasPrefix(rest[size:], []byte("\x04\x00"))
	case ldapBindRequest:
		return bytes.Contains(rest, []byte("\x04\x00\x80\x00"))
	}
	return false
}

// ldapCut parts the first message from what follows it.
func ldapCut(b []byte) (message, rest []byte, ok bool) {
	_, _, rest, ok = ber.Take(b)
	if !ok {
		return nil, nil, false
	}
	return b[:len(b)-len(rest)], rest, true
}
