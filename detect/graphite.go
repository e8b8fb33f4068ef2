package detect

import "netifyd/core/proto"

// Graphite's carbon (https://graphite.readthedocs.io/en/latest/feeding-carbon.html):
// lines of a path with dots, perhaps with tags, a number and the time in
// seconds since 1970; or, over TCP, pickled lists of the same behind their length.
var graphiteCard = Protocol{ID: proto.Graphite, Over: TCP | UDP, Ports: []uint16{2003, 2004}, First: bytesBetween('A', 'Z') + bytesBetween('a', 'z') + bytesBetween('/', '9') + "-_;=:%#", Limit: 512, Inspect: inspectGraphite}

func inspectGraphite(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		return graphiteLine(in.Newest(), true)
	}
	if b := in.ToServer; len(b) > 0 && b[0] == 0 {
		return graphitePickle(b)
	}
	return graphiteLine(in.ToServer, false)
}

// graphiteLine reads the first line; whole says that nothing comes after b.
func graphiteLine(b []byte, whole bool) Verdict {
	const longest = 300
	n, dots, letters := 0, 0, 0
	for ; n < len(b) && isGraphitePath(b[n]); n++ {
		if b[n] == '.' {
			dots++
		} else if b[n]|0x20 >= 'a' && b[n]|0x20 <= 'z' {
			letters++
		}
	}
	if n > longest || len(b) > 0 && (b[0] == '.' || n == 0) {
		return No
	}
	if n == len(b) {
		return wait(whole)
	}
	if b[n] != ' ' || dots == 0 || letters < 2 {
		return No
	}
	for b = b[n:]; len(b) > 0 && b[0] == ' '; {
		b = b[1:]
	}
	digits := 0
	for n = 0; n < len(b) && isNumeral(b[n]); n++ {
		if b[n] >= '0' && b[n] <= '9' {
			digits++
		}
	}
	if n == len(b) {
		return wait(whole)
	}
	if digits == 0 || n > 32 || b[n] != ' ' {
		return No
	}
	for b = b[n:]; len(b) > 0 && b[0] == ' '; {
		b = b[1:]
	}
	return graphiteTime(b, whole)
}

// graphiteTime wants a time of ten digits, perhaps with a fraction, and the end of the line.
func graphiteTime(b []byte, whole bool) Verdict {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	if n > 10 || n < min(10, len(b)) || len(b) > 0 && b[0] != '1' && b[0] != '2' {
		return No
	}
	if n < 10 {
		return wait(whole)
	}
	for n < len(b) && n < 20 && (b[n] == '.' || '0' <= b[n] && b[n] <= '9') {
		n++
	}
	switch {
	case n == len(b) && whole:
		return Match
	case n == len(b):
		return NeedMore
	case b[n] == '\n' || b[n] == '\r':
		return Match
	}
	return No
}

// wait is what a format says whose bytes end too early.
func wait(whole bool) Verdict {
	if whole {
		return No
	}
	return NeedMore
}

func isGraphitePath(ch byte) bool {
	return ch|0x20 >= 'a' && ch|0x20 <= 'z' || ch >= '-' && ch <= '9' || ch == '_' || ch == ';' || ch == '=' || ch == ':' || ch == '%' || ch == '#'
}

func isNumeral(ch byte) bool {
	return ch >= '0' && ch <= '9' || ch == '.' || ch == '-' || ch == '+' || ch|0x20 == 'e'
}

// graphitePickle wants a length and a list of pairs, pickled with protocol 2 to 5 (PEP 307, PEP 3154).
func graphitePickle(b []byte) Verdict {
	const longest = 1 << 20 // carbon's MAX_LENGTH
	if b[0] != 0 || len(b) > 1 && b[1] >= longest>>16 {
		return No
	}
	if len(b) < 6 {
		return NeedMore
	}
	body := b[4:]
	if body[0] != 0x80 || body[1] < 2 || body[1] > 5 || be32(b) < 16 {
		return No
	}
	if body = body[2:]; len(body) > 0 && body[0] == 0x95 { // a frame with its length
		if len(body) < 9 {
			return NeedMore
		}
		if frame := le32(body[1:]); frame > be32(b) || !isZero(body[5:9]) {
			return No
		}
		body = body[9:]
	}
	for i, want := range [...][2]byte{{']', ']'}, {'q', 0x94}} { // an empty list that is remembered
		if len(body) <= i {
			return NeedMore
		}
		if body[i] != want[0] && body[i] != want[1] {
			return No
		}
	}
	if body[1] == 'q' { // under a number
		if len(body) < 4 {
			return NeedMore
		}
		body = body[1:]
	}
	if len(body) < 3 {
		return NeedMore
	}
	if body[2] != '(' && body[2] != 'X' && body[2] != 'U' && body[2] != 0x8c {
		return No
	}
	return Match
}
