package detect

import "netifyd/core/proto"

var pgsqlCard = Protocol{ID: proto.PGSQL, Over: TCP, Ports: []uint16{5432}, Limit: tlsLimit, Inspect: inspectPostgreSQL}

// inspectPostgreSQL recognises the client's first message
// (https://www.postgresql.org/docs/current/protocol-message-formats.html):
// length and the number of a request for TLS, GSSAPI or a cancellation, or
// protocol 3.0 and parameters that begin with a name.
func inspectPostgreSQL(in *Input, res *Result) Verdict {
	const cancel, tls, gss, protocol3, smallest, largest = 80877102, 80877103, 80877104, 196608, 9, 10000
	b := in.ToServer
	if len(b) == 0 {
		if len(in.ToClient) > 0 {
			return No
		}
		return NeedMore
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
