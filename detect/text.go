package detect

// begins compares the start of b with literal: Match where all of literal is
// there, NeedMore where b ends inside it.
func begins(b []byte, literal string) Verdict {
	n := min(len(b), len(literal))
	for i := range n {
		if b[i] != literal[i] {
			return No
		}
	}
	if n < len(literal) {
		return NeedMore
	}
	return Match
}

// beginsFold is begins for a literal in upper-case ASCII that the bytes may spell in either case.
func beginsFold(b []byte, literal string) Verdict {
	n := min(len(b), len(literal))
	for i := range n {
		if upper(b[i]) != literal[i] {
			return No
		}
	}
	if n < len(literal) {
		return NeedMore
	}
	return Match
}

// beginsAny asks beginsFold of each literal and keeps the best answer.
func beginsAny(b []byte, literals []string) Verdict {
	best := No
	for _, l := range literals {
		if v := beginsFold(b, l); v > best {
			best = v
		}
	}
	return best
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// cutLine splits b behind its first LF; the line is without CR and LF. Without an LF, found is false and line is b.
func cutLine(b []byte) (line, rest []byte, found bool) {
	for i, c := range b {
		if c == '\n' {
			line, rest = b[:i], b[i+1:]
			if i > 0 && b[i-1] == '\r' {
				line = b[:i-1]
			}
			return line, rest, true
		}
	}
	return b, nil, false
}

// findFold is the place of a literal in upper-case ASCII in b, in either case; -1 where it is not.
func findFold(b []byte, literal string) int {
	for i := 0; i+len(literal) <= len(b); i++ {
		if upper(b[i]) == literal[0] && beginsFold(b[i:], literal) == Match {
			return i
		}
	}
	return -1
}

// isText says that b has no control characters but tabs and CR.
func isText(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return true
}

// decimal reads the digits at the start of b, at most nine, and says how many there are.
func decimal(b []byte) (value, digits int) {
	for digits < len(b) && digits < 9 && '0' <= b[digits] && b[digits] <= '9' {
		value = value*10 + int(b[digits]-'0')
		digits++
	}
	return value, digits
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// header is the value of a header field in lines of "Name: value"; name in upper-case ASCII. nil: no such complete line.
func header(lines []byte, name string) []byte {
	value, _ := fieldOfLines(lines, name)
	return value
}

// foldedHeader is header where the value may go on in lines that begin with
// white space (RFC 3261, section 7.3.1); then it is put together in room.
func foldedHeader(lines []byte, name string, room []byte) []byte {
	value, rest := fieldOfLines(lines, name)
	for len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t') {
		line, after, found := cutLine(rest)
		line = trimSpace(line)
		if !found || len(value)+1+len(line) > len(room) {
			break
		}
		n := copy(room, value)
		if n > 0 {
			n += copy(room[n:], " ")
		}
		n += copy(room[n:], line)
		value, rest = room[:n], after
	}
	return value
}

// fieldOfLines is the value of a header field and what follows its line.
func fieldOfLines(lines []byte, name string) (value, rest []byte) {
	for {
		line, rest, found := cutLine(lines)
		if !found || len(line) == 0 {
			return nil, nil
		}
		if len(line) > len(name) && line[len(name)] == ':' && beginsFold(line, name) == Match {
			return trimSpace(line[len(name)+1:]), rest
		}
		lines = rest
	}
}

func be16(b []byte) int { return int(b[0])<<8 | int(b[1]) }
func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}
func le16(b []byte) int { return int(b[1])<<8 | int(b[0]) }
func le32(b []byte) uint32 {
	return uint32(b[3])<<24 | uint32(b[2])<<16 | uint32(b[1])<<8 | uint32(b[0])
}

// isZero says that every byte is zero.
func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// same compares two byte strings without the allocation of a conversion.
func same(a, b []byte) bool { return string(a) == string(b) }

// following is what follows a literal in b; nil where b does not have it.
func following(b []byte, literal string) []byte {
	for i := 0; i+len(literal) <= len(b); i++ {
		if b[i] == literal[0] && begins(b[i:], literal) == Match {
			return b[i+len(literal):]
		}
	}
	return nil
}
