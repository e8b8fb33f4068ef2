package detect

import (
	"netifyd/core/proto"
	"netifyd/detect/internal/tlsmsg"
)

var pgsqlCard = Protocol{ID: proto.PGSQL, Over: TCP, Ports: []uint16{5432}, Limit: tlsLimit, Inspect: inspectPostgreSQL}

// inspectPostgreSQL recognises the client's first message
// (https://www.postgresql.org/docs/current/protocol-message-formats.html):
// length and the number of a request for TLS, GSSAPI or a cancellation, or
// protocol 3.0 and parameters that begin with a name. Of a server that is seen
// alone it wants what it asks for to let the client in.
func inspectPostgreSQL(in *Input, res *Result) Verdict {
	const cancel, tls, gss, protocol3, smallest, largest = 80877102, 80877103, 80877104, 196608, 9, 10000
	b := in.ToServer
	if len(b) == 0 {
		return pgsqlAlone(in.ToClient, res)
	}
	if b[0] != 0 || len(b) > 1 && b[1] != 0 {
		return No
	}
	if len(b) < 8 {
		if len(b) > 4 && b[4] != 4 && b[4] != 0 || len(b) > 5 && b[5] != 3 && b[5] != 0xd2 {
			return No
		}
		return NeedMore
	}
	length := int(be32(b))
	switch be32(b[4:]) {
	case tls, gss:
		if length == 8 {
			if be32(b[4:]) == tls {
				insidePostgreSQL(in, res)
			}
			return Match
		}
		return No
	case cancel:
		if length == 16 {
			return Match
		}
		return No
	case protocol3, protocol3 + 1, protocol3 + 2:
	default:
		return No
	}
	if length < smallest || length > largest {
		return No
	}
	// user, database, options or replication, or a setting's name: letters up to a zero.
	for i, ch := range b[8:] {
		if ch == 0 && i >= 3 {
			return Match
		}
		if (ch < 'a' || ch > 'z') && (ch < 'A' || ch > 'Z') && ch != '_' || i > 40 {
			return No
		}
	}
	return NeedMore
}

// pgsqlAlone judges a server whose client is not seen: TLS behind the letter that
// grants it, or what it asks for, or lets the client in with, and then a setting
// by its name, or an error.
func pgsqlAlone(b []byte, res *Result) Verdict {
	const authentication, setting, failure, granted, refused = 'R', 'S', 'E', 'S', 'N'
	if len(b) > 1 && b[0] == granted && b[1] == tlsmsg.Handshake {
		if o, v := openTLS(b[1:], res); v != Match || o == openServerHello {
			if v == Match {
				insideTLS(nil, b[1:], res)
			}
			return v
		}
		return No
	}
	if len(b) > 0 && b[0] == refused {
		b = b[1:]
	}
	for n := 0; ; n++ {
		switch {
		case len(b) == 0:
			return NeedMore
		case len(b) < 9:
			if len(b) > 2 && (b[1] != 0 || b[2] != 0) {
				return No
			}
			return NeedMore
		}
		kind, size := b[0], be32(b[1:])
		if size < 8 || size > 1024 {
			return No
		}
		switch kind {
		case authentication:
			if code := be32(b[5:]); code > 12 || code == 10 && begins(b[9:], "SCRAM-SHA-") == No || code != 10 && code < 11 && size > 12 {
				return No
			} else if code == 10 && len(b) > 19 {
				return Match
			}
		case setting:
			if n > 0 && b[5] >= 'A' && b[5] <= 'z' {
				return Match
			}
			return No
		case failure:
			return begins(b[5:], "SFATAL\x00")
		default:
			return No
		}
		b = behind(b, 1+int(size))
	}
}
