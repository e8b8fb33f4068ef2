package detect

import "netifyd/core/proto"

// ftpExpect looks for the newest line that says where a data connection will go.
func ftpExpect(b []byte, res *Result) {
	for len(b) > 0 {
		line, rest, found := cutLine(b)
		if !found {
			return
		}
		b = rest
		if len(line) < 6 {
			continue
		}
		e := Expectation{Protocol: proto.FTPD}
		ok := false
		switch upper(line[0]) {
		case '2':
			if begins(line, "227 ") == Match {
				ok = ftpHostPort(line[4:], &e)
			} else if begins(line, "229 ") == Match {
				at := 4
				for at < len(line) && line[at] != '(' {
					at++
				}
				ok = ftpExtended(line[min(at+1, len(line)):], &e)
			}
		case 'P':
			if beginsFold(line, "PORT ") == Match {
				ok = ftpHostPort(line[5:], &e)
			}
		case 'E':
			if beginsFold(line, "EPRT ") == Match {
				ok = ftpExtended(line[5:], &e)
			}
		}
		if ok && e.Port != 0 {
			res.Expect = e
		}
	}
}

// ftpHostPort reads "h1,h2,h3,h4,p1,p2" (RFC 959, section 3.2; the reply may wrap it in any text, RFC 1123, section 4.1.2.6).
func ftpHostPort(text []byte, e *Expectation) bool {
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
			copy(e.Addr[:], six[:4])
			e.Port = uint16(six[4])<<8 | uint16(six[5])
			return true
		}
	}
	return false
}

// ftpExtended reads "|family|address|port|" with any delimiter (RFC 2428,
// sections 2 and 3); without an address it is the server of this flow.
func ftpExtended(text []byte, e *Expectation) bool {
	if len(text) < 5 {
		return false
	}
	delimiter := text[0]
	var field [3][]byte
	b := text[1:]
	for i := range field {
		end := 0
		for end < len(b) && b[end] != delimiter {
			end++
		}
		if end == len(b) {
			return false
		}
		field[i], b = b[:end], b[end+1:]
	}
	port, digits := decimal(field[2])
	if digits != len(field[2]) || port > 65535 {
		return false
	}
	e.Port = uint16(port)
	switch {
	case len(field[1]) == 0:
		return true
	case len(field[0]) == 1 && field[0][0] == '2':
		e.V6 = true
		return parseIPv6(field[1], &e.Addr)
	}
	return parseIPv4(field[1], &e.Addr)
}

// parseIPv4 reads a dotted address.
func parseIPv4(text []byte, addr *[16]byte) bool {
	for i := range 4 {
		v, digits := decimal(text)
		if digits == 0 || v > 255 {
			return false
		}
		addr[i] = uint8(v)
		text = text[digits:]
		if i < 3 {
			if len(text) == 0 || text[0] != '.' {
				return false
			}
			text = text[1:]
		}
	}
	return len(text) == 0
}

// parseIPv6 reads the text form of RFC 4291, section 2.2, without a dotted tail.
func parseIPv6(text []byte, addr *[16]byte) bool {
	n, gap := 0, -1
	if begins(text, "::") == Match {
		gap, text = 0, text[2:]
	}
	for len(text) > 0 {
		value, digits := 0, 0
		for digits < len(text) && digits < 4 {
			d := hexDigit(text[digits])
			if d < 0 {
				break
			}
			value, digits = value<<4|d, digits+1
		}
		if digits == 0 || n >= 16 {
			return false
		}
		addr[n], addr[n+1] = byte(value>>8), byte(value)
		n += 2
		text = text[digits:]
		if len(text) == 0 {
			break
		}
		if text[0] != ':' || len(text) == 1 {
			return false
		}
		text = text[1:]
		if text[0] == ':' {
			if gap >= 0 {
				return false
			}
			gap, text = n, text[1:]
		}
	}
	if gap < 0 {
		return n == 16
	}
	tail := n - gap
	copy(addr[16-tail:], addr[gap:n])
	for i := gap; i < 16-tail; i++ {
		addr[i] = 0
	}
	return n < 16
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
