package detect

import "netifyd/core/proto"

// ftpExpect looks for the newest line that says where a data connection will
// go: the server's replies 227 and 229, or the client's commands PORT and EPRT.
// Each may speak for itself only (RFC 2577, section 3), so what counts is the
// port; an address that is not its own is that of a host behind a translator,
// or an attack.
func ftpExpect(b []byte, fromServer bool, res *Result) {
	for len(b) > 0 {
		line, rest, found := cutLine(b)
		if !found {
			return
		}
		b = rest
		port := uint16(0)
		switch {
		case len(line) < 6:
		case !fromServer && beginsFold(line, "PORT ") == Match:
			port = ftpHostPort(line[5:])
		case !fromServer && beginsFold(line, "EPRT ") == Match:
			port = ftpExtended(line[5:])
		case fromServer && begins(line, "227 ") == Match:
			port = ftpHostPort(line[4:])
		case fromServer && begins(line, "229 ") == Match:
			port = ftpExtended(following(line, "("))
		}
		if port != 0 {
			res.Expect = Expectation{Protocol: proto.FTPD, Port: port, AtClient: !fromServer}
		}
	}
}

// ftpHostPort is the port in "h1,h2,h3,h4,p1,p2" (RFC 959, section 3.2; the
// reply may wrap it in any text, RFC 1123, section 4.1.2.6); 0: there is none.
func ftpHostPort(text []byte) uint16 {
	for i := range text {
		if i > 0 && '0' <= text[i-1] && text[i-1] <= '9' {
			continue
		}
		var six [6]uint8
		at, n := i, 0
		for ; n < len(six); n++ {
			v, digits := decimal(text[at:])
			if digits == 0 || digits > 3 || v > 255 {
				break
			}
			six[n] = uint8(v)
			at += digits
			if n < 5 && (at >= len(text) || text[at] != ',') {
				break
			}
			at++
		}
		if n == len(six) {
			return uint16(six[4])<<8 | uint16(six[5])
		}
	}
	return 0
}

// ftpExtended is the port in "|family|address|port|" with any delimiter (RFC
// 2428, sections 2 and 3); 0: there is none.
func ftpExtended(text []byte) uint16 {
	if len(text) < 5 {
		return 0
	}
	delimiter := text[0]
	var field []byte
	b := text[1:]
	for range 3 {
		end := 0
		for end < len(b) && b[end] != delimiter {
			end++
		}
		if end == len(b) {
			return 0
		}
		field, b = b[:end], b[end+1:]
	}
	port, digits := decimal(field)
	if digits != len(field) || port > 65535 {
		return 0
	}
	return uint16(port)
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
