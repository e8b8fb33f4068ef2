package detect

import (
	"netifyd/core/attr"
	"netifyd/core/proto"
)

var mysqlCard = Protocol{ID: proto.MYSQL, Over: TCP, Ports: []uint16{3306}, Limit: tlsLimit, Inspect: inspectMySQL}

// inspectMySQL recognises the server's greeting
// (https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase_packets_protocol_handshake_v10.html):
// packet length, number 0, protocol 10, version text, thread, eight bytes of
// salt, zero; or the error that refuses a host.
func inspectMySQL(in *Input, res *Result) Verdict {
	b := in.ToClient
	if len(b) == 0 {
		if len(in.ToServer) > 0 {
			return No
		}
		return NeedMore
	}
	const protocol10, refusal, versionAt = 10, 0xff, 5
	if len(b) > 2 && b[2] != 0 || len(b) > 3 && b[3] != 0 || len(b) > 4 && b[4] != protocol10 && b[4] != refusal {
		return No
	}
	if len(b) <= versionAt+2 {
		return NeedMore
	}
	length := le16(b) + 4
	if b[4] == refusal {
		return mysqlRefusal(b, length)
	}
	text := b[versionAt:]
	if _, digits := decimal(text); digits == 0 || digits > 2 || digits < len(text) && text[digits] != '.' {
		return No
	}
	end := 0
	for end < len(text) && text[end] != 0 {
		if text[end] <= ' ' || text[end] >= 0x7f || end > 100 {
			return No
		}
		end++
	}
	const fixed = 1 + 4 + 8 // zero, thread, salt
	if length < versionAt+end+fixed+3 {
		if end < len(text) {
			return No
		}
		return NeedMore
	}
	if len(text) <= end+fixed {
		return NeedMore
	}
	if text[end+fixed] != 0 {
		return No
	}
	res.Put(attr.Banner, text[:end])
	insideMySQL(in, length, res)
	return Match
}

// mysqlRefusal wants an error number of the server (1000 to 1999) and text that fills the packet.
func mysqlRefusal(b []byte, length int) Verdict {
	code := le16(b[5:])
	if code < 1000 || code > 1999 || length < 16 || length > 512 {
		return No
	}
	if !isText(b[7:min(len(b), length)]) {
		return No
	}
	if len(b) < length {
		return NeedMore
	}
	return Match
}
