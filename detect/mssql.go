package detect

import "netifyd/core/proto"

var mssqlCard = Protocol{ID: proto.MSSQLTDS, Over: TCP, Ports: []uint16{1433}, Limit: tlsLimit, Inspect: inspectTDS}

var mssqlSQLBrowserCard = Protocol{ID: proto.MSSQLTDS, Over: UDP, Ports: []uint16{1434}, First: "\x05", Inspect: inspectSQLBrowser}

// inspectTDS recognises what opens a session of TDS: a PRELOGIN with its
// table of options ([MS-TDS] 2.2.6.5), or a LOGIN7 (2.2.6.4), or the table
// of the answer, behind the header of a packet (2.2.3.1); or the login of
// TDS 4.2 and 5.0 (TDS 5.0 Functional Specification, LOGIN).
func inspectTDS(in *Input, res *Result) Verdict {
	if len(in.ToServer) > 0 {
		v := tdsPacket(in.ToServer)
		if v == Match {
			insideTDS(in, res)
		}
		return v
	}
	return tdsPacket(in.ToClient) // the start was not seen, and the direction may be wrong
}

// insideTDS reads TLS behind a PRELOGIN and its answer: its records travel in
// packets of the same kind ([MS-TDS] 2.2.1.1 and 2.2.6.5).
func insideTDS(in *Input, res *Result) {
	const preLogin = 0x12
	if in.ToServer[0] != preLogin || len(in.ToServer) > tlsLimit/2 {
		return
	}
	client, whole := tdsSecond(in.ToServer)
	server, _ := tdsSecond(in.ToClient)
	if !whole || isTLSRecord(client) {
		insideTLS(client, server, res)
	}
}

// tdsSecond is what the second packet of a direction carries; whole says that three bytes of it are there at least.
func tdsSecond(b []byte) (body []byte, whole bool) {
	const header, preLogin = 8, 0x12
	if len(b) < header || be16(b[2:]) < header || len(b) < be16(b[2:])+1 {
		return nil, false
	}
	b = b[be16(b[2:]):]
	if b[0] != preLogin {
		return nil, true
	}
	if len(b) < header+3 {
		return nil, false
	}
	return b[header:max(header, min(len(b), be16(b[2:])))], true
}

func tdsPacket(b []byte) Verdict {
	const header, preLogin, login7, response, batch, call, oldLogin = 8, 0x12, 0x10, 0x04, 0x01, 0x03, 0x02
	if len(b) == 0 {
		return NeedMore
	}
	if b[0] == batch || b[0] == call {
		return tdsRequest(b)
	}
	if b[0] == oldLogin {
		return tdsOldLogin(b)
	}
	if b[0] != preLogin && b[0] != login7 && b[0] != response {
		return No
	}
	if len(b) > 1 && b[1] != 1 && b[1] != 0 {
		return No
	}
	if len(b) < header+4 {
		return NeedMore
	}
	length := be16(b[2:])
	if length < header+6 || b[7] != 0 {
		return No
	}
	body := b[header:]
	if b[0] == login7 {
		if le32(body) > 1<<17 || int(le32(body)) < length-header {
			return No
		}
		if len(body) < 8 {
			return NeedMore
		}
		if version := body[7]; version < 0x70 || version > 0x74 {
			return No
		}
		return Match
	}
	// PRELOGIN: (token, offset, length)… 0xff; the first is VERSION (0), whose
	// six bytes lie behind the table.
	if body[0] != 0 {
		return No
	}
	offset := be16(body[1:])
	if offset < 6 || offset > 1+5*10 || (offset-1)%5 != 0 || length < header+offset+6 {
		return No
	}
	for i := 1; i < (offset-1)/5 && 5*i < len(body); i++ {
		if token := body[5*i]; token == 0 || token > 9 {
			return No
		}
	}
	if body[3] != 0 || len(body) > 4 && body[4] != 6 || len(body) >= offset && body[offset-1] != 0xff {
		return No
	}
	if len(body) < offset {
		return NeedMore
	}
	return Match
}

// tdsOldLogin wants names of host, user and password, each in 30 bytes that
// zeros fill up behind the text, and its length.
func tdsOldLogin(b []byte) Verdict {
	const header, field, fields, least = 8, 30, 3, 512
	if len(b) > 1 && b[1] > 1 {
		return No
	}
	for i, ch := range b[min(4, len(b)):min(header, len(b))] {
		if ch != 0 && (i != 2 || ch != 1) { // channel, number, window
			return No
		}
	}
	if len(b) < header {
		return NeedMore
	}
	if be16(b[2:]) < least {
		return No
	}
	letters := 0
	b = b[header:]
	for range fields {
		text := b[:min(field, len(b))]
		n := 0
		for n < len(text) && text[n] >= ' ' {
			n++
		}
		if !isZero(text[n:]) || len(b) > field && int(b[field]) != n {
			return No
		}
		if len(b) <= field {
			return NeedMore
		}
		letters += n
		b = b[field+1:]
	}
	if letters == 0 {
		return No
	}
	return Match
}

// tdsRequest reads a batch or a remote call.
func tdsRequest(b []byte) Verdict {
	const header, call, maxStatus, letters = 8, 0x03, 0x1f, 6
	if len(b) > 1 && b[1] > maxStatus || len(b) > 7 && b[7] != 0 {
		return No
	}
	if len(b) < header {
		return NeedMore
	}
	if be16(b[2:]) < header+2*letters {
		return No
	}
	text := b[header:]
	// ALL_HEADERS of 22 bytes with one header of 18 about transactions (2.2.5.3).
	if v := begins(text, "\x16\x00\x00\x00\x12\x00\x00\x00\x02\x00"); v != No {
		return v
	}
	if b[0] == call {
		if len(text) > 0 && text[0] < letters || len(text) > 1 && text[1] != 0 {
			return No
		}
		text = text[min(len(text), 2):]
	}
	for i, ch := range text[:min(len(text), 2*letters)] {
		if i&1 == 0 && (ch < ' ' || ch >= 0x7f || i < 4 && !isNameChar(ch)) || i&1 == 1 && ch != 0 {
			return No
		}
	}
	if len(text) < 2*letters {
		return NeedMore
	}
	return Match
}

// inspectSQLBrowser recognises the answer of the instance browser ([MC-SQLR] 2.2.5).
func inspectSQLBrowser(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) > 14 && d[0] == 5 && le16(d[1:]) == len(d)-3 && begins(d[3:], "ServerName;") == Match {
		return Match
	}
	return No
}

// isNameChar says that a batch or the name of a procedure may begin so: a word, a comment, a variable, a bracket.
func isNameChar(c byte) bool {
	return upper(c) >= 'A' && upper(c) <= 'Z' || c == '_' || c == '@' || c == '-' || c == '/' || c == '[' || c == '#' || c == ' '
}
