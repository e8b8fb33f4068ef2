// Package httpmsg reads the heads of HTTP/1.x messages (RFC 9112) and of those
// that borrow their form, such as SSDP.
package httpmsg

import "bytes"

// State says how far a first line could be read.
type State uint8

// States of a first line.
const (
	Bad     State = iota // no first line of this form, whatever follows
	Partial              // every byte fits so far
	Whole                // the line is complete
)

// Longest is how far a target may reach without an end before a request is
// believed by its method and the characters of the target alone.
const Longest = 1024

// methods of RFC 9110, 5789 (PATCH), 4918 (WebDAV), 3253 (versions), 5323
// (SEARCH), 4791 (MKCALENDAR), 3744 (ACL), of UPnP's eventing, of Microsoft's
// BITS and RPC over HTTP, of Icecast's sources, and the widely used PURGE and BPROPFIND.
var methods = [...]string{
	"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH",
	"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "SEARCH", "BPROPFIND",
	"REPORT", "CHECKOUT", "CHECKIN", "MERGE", "MKACTIVITY", "MKCALENDAR", "ACL", "BIND", "PURGE",
	"VERSION-CONTROL", "UNCHECKOUT", "BASELINE-CONTROL", "LABEL", "UPDATE", "ORDERPATCH",
	"NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "POLL", "M-SEARCH",
	"BITS_POST", "CCM_POST", "RPC_IN_DATA", "RPC_OUT_DATA", "RPC_CONNECT", "SOURCE",
}

// Request is the first line of a request, "GET /index.html HTTP/1.1".
type Request struct {
	Method, Target []byte
	Head           int // offset of the first header; 0 if the line is not complete
}

// ReadRequest reads a request line. A line without an end is Whole too when it
// has become longer than Longest: its target is then what is at hand.
func ReadRequest(b []byte) (r Request, s State) {
	method := readMethod(b)
	if method == 0 {
		if startsMethod(b) {
			return r, Partial
		}
		return r, Bad
	}
	r.Method = b[:method]
	rest := b[method+1:]
	end := bytes.IndexByte(rest, '\n')
	line := rest
	if end >= 0 {
		line = bytes.TrimSuffix(rest[:end], []byte{'\r'})
	}
	if !soundTarget(r.Method, line) || end < 0 && !printable(beforeVersion(line), true) {
		return r, Bad
	}
	if end < 0 {
		if len(b) < Longest {
			return r, Partial
		}
		r.Target = line
		return r, Whole
	}
	version, s := soundVersion(r.Method, line), Whole
	if version <= 0 {
		version, s = damagedVersion(line), startsField(rest[end+1:])
	}
	if version <= 0 || s == Bad || !printable(line[:version], false) {
		return r, Bad
	}
	r.Target, r.Head = line[:version], method+1+end+1
	return r, s
}

// beforeVersion is a line without an end up to what may be its version.
func beforeVersion(line []byte) []byte {
	const name, rest = " HTTP/", len("1.1\r")
	if at := bytes.LastIndex(line, []byte(name)); at >= 0 && len(line) <= at+len(name)+rest {
		return line[:at]
	}
	return line
}

// soundVersion is where the version of the line begins; 0: it has none of ours.
func soundVersion(method, line []byte) int {
	if string(method) == "SOURCE" && bytes.HasSuffix(line, []byte(" ICE/1.0")) {
		return len(line) - len(" ICE/1.0")
	}
	if at := len(line) - len(" HTTP/1.1"); at == bytes.LastIndex(line, []byte(" HTTP/1.")) {
		return at
	}
	return 0
}

// damagedVersion is where a version begins of which a byte is lost or changed: a server
// answers it with an error (RFC 9112, section 2.3). A whole one of another HTTP is none; 0: there is none.
func damagedVersion(line []byte) int {
	const name, whole = " HTTP/", len("1.1")
	at := bytes.LastIndex(line, []byte(name))
	if at < 0 {
		return 0
	}
	if v := line[at+len(name):]; len(v) == 0 || len(v) > whole || len(v) == whole && v[0] >= '0' && v[0] <= '9' && v[1] == '.' {
		return 0
	}
	return at
}

// startsField says that b begins with a field of a head, or with the empty line that ends it.
func startsField(b []byte) State {
	const longest = 64
	for i, c := range b[:min(len(b), longest)] {
		switch {
		case c == ':' && i > 0, c == '\n' && i <= 1:
			return Whole
		case c == '\r' && i == 0, c == '-', c == '_', c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'z':
		default:
			return Bad
		}
	}
	if len(b) < longest {
		return Partial
	}
	return Bad
}

// HasMethod says that b begins with a method and the space after it.
func HasMethod(b []byte) bool { return readMethod(b) > 0 }

// Stray is how many bytes may stand before a request.
const Stray = 64

// SkipEmpty passes over empty lines and white space before a request, which
// most servers ignore (RFC 9112, sections 2.2 and 3).
func SkipEmpty(b []byte) []byte {
	for range Stray {
		if len(b) == 0 || !isSpace(b[0]) {
			break
		}
		b = b[1:]
	}
	return b
}

// FindRequest is where the line of a request with a known method begins behind
// a few bytes that are no part of it; -1: nowhere.
func FindRequest(b []byte) int {
	for i := 1; i < min(len(b), Stray); i++ {
		if b[i] < 'A' || b[i] > 'Z' || b[i-1] == '_' || b[i-1] == '-' || readMethod(b[i:]) == 0 {
			continue
		}
		if r, s := ReadRequest(b[i:]); s == Whole && r.Head > 0 {
			return i
		}
	}
	return -1
}

// MayHaveMethod says that b may begin a request with a method that is not
// known here: letters and digits, a space, and what a target begins with (RFC
// 9110, section 9.1: methods are open). Only an answer proves it.
func MayHaveMethod(b []byte) bool {
	const longest = 24
	if bytes.HasPrefix(b, []byte("SSTP_")) {
		return false // another protocol took the form ([MS-SSTP], section 3.2.4.1)
	}
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || i > 0 && (c == '-' || c == '_' || c >= '0' && c <= '9'):
			if i >= longest {
				return false
			}
		case c == ' ' && i >= 1:
			rest := b[i+1:]
			line, _, found := bytes.Cut(rest, []byte{'\n'})
			line = bytes.TrimSuffix(line, []byte{'\r'})
			if !printable(line, !found) || !soundTarget(nil, line) {
				return false
			}
			return !found && len(b) < Longest || bytes.HasSuffix(line, []byte(" HTTP/1.1")) || bytes.HasSuffix(line, []byte(" HTTP/1.0"))
		default:
			return false
		}
	}
	return true
}

// UnknownRequest reads the line of a request whose method is not known.
func UnknownRequest(b []byte) (r Request, ok bool) {
	end, method := bytes.IndexByte(b, '\n'), bytes.IndexByte(b, ' ')
	if !MayHaveMethod(b) || end < 0 || method < 0 || method > end {
		return r, false
	}
	line := bytes.TrimSuffix(b[method+1:end], []byte{'\r'})
	return Request{Method: b[:method], Target: line[:len(line)-len(" HTTP/1.1")], Head: end + 1}, true
}

// readMethod is the length of the method that b begins with and a space follows; 0: none.
func readMethod(b []byte) int {
	for i := range min(len(b), 18) {
		if b[i] != ' ' {
			continue
		}
		for _, m := range methods {
			if len(m) == i && string(b[:i]) == m {
				return i
			}
		}
		return 0
	}
	return 0
}

// startsMethod says that b is a proper prefix of a method and its space.
func startsMethod(b []byte) bool {
	for _, m := range methods {
		if len(b) <= len(m) && m[:len(b)] == string(b) {
			return true
		}
	}
	return false
}

// soundTarget checks what a target may begin with (RFC 9112, section 3.2): a
// path, a scheme that HTTP is asked for, "*", or for CONNECT a host.
func soundTarget(method, line []byte) bool {
	if len(line) == 0 {
		return true
	}
	if string(method) == "CONNECT" {
		c := line[0] | 0x20
		return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || line[0] == '['
	}
	if line[0] == '/' || line[0] == '*' {
		return true
	}
	for _, scheme := range [...]string{"http://", "https://", "ftp://", "ws://"} { // in any case (RFC 3986, section 3.1)
		if n := min(len(line), len(scheme)); Is(line[:n], scheme[:n]) {
			return true
		}
	}
	return false
}

// printable refuses control characters. The CR of a line that has no LF yet is no such.
func printable(line []byte, open bool) bool {
	for i, c := range line {
		if (c < ' ' || c == 0x7f) && c != '\t' && !(open && c == '\r' && i == len(line)-1) {
			return false
		}
	}
	return true
}

// Response is the first line of a response, "HTTP/1.1 200 OK".
type Response struct {
	Status int
	Head   int // offset of the first header
}

// ReadResponse reads a status line (RFC 9112, section 4), or that of a streaming server, "ICY 200 OK".
func ReadResponse(b []byte) (r Response, s State) {
	form := "HTTP/1.v ddd"
	if len(b) > 0 && b[0] == 'I' {
		form = "ICY ddd"
	}
	for i := range min(len(b), len(form)) {
		switch c := b[i]; form[i] {
		case 'v', 'd':
			if c < '0' || c > '9' {
				return r, Bad
			}
			if form[i] == 'd' {
				r.Status = r.Status*10 + int(c-'0')
			}
		default:
			if c != form[i] {
				return r, Bad
			}
		}
	}
	end := bytes.IndexByte(b, '\n')
	switch {
	case len(b) >= len(form) && (r.Status < 100 || r.Status > 999):
		return r, Bad
	case end >= 0 && end < len(form):
		return r, Bad
	case end < 0 && len(b) < Longest:
		return r, Partial
	case end < 0:
		return r, Bad
	}
	r.Head = end + 1
	return r, Whole
}

// Header gives the header line at off in b: its name and value, without the
// space around it, and the offset of the next line. A value that goes on in
// the next lines has their ends in it: see Unfold. Next is 0 where the line is
// not complete or is the empty one that ends the head. A line without a colon
// has no name.
func Header(b []byte, off int) (name, value []byte, next int) {
	if off >= len(b) {
		return nil, nil, 0
	}
	end := bytes.IndexByte(b[off:], '\n')
	if end < 0 {
		return nil, nil, 0
	}
	line := bytes.TrimSuffix(b[off:off+end], []byte{'\r'})
	if len(line) == 0 {
		return nil, nil, 0
	}
	next = off + end + 1
	colon := bytes.IndexByte(line, ':')
	for next < len(b) && (b[next] == ' ' || b[next] == '\t') {
		more := bytes.IndexByte(b[next:], '\n')
		if more < 0 {
			return nil, nil, 0
		}
		next += more + 1
		line = b[off : next-1]
	}
	if colon <= 0 || line[0] == ' ' || line[0] == '\t' {
		return nil, nil, next
	}
	return line[:colon], trim(line[colon+1:]), next
}

// Unfold appends a value to dst with a space for each end of a line in it and
// the white space around that (RFC 9112, section 5.2).
func Unfold(dst, value []byte) []byte {
	for {
		end := bytes.IndexByte(value, '\n')
		if end < 0 {
			return append(dst, trim(value)...)
		}
		if line := trim(value[:end]); len(line) > 0 {
			dst = append(append(dst, line...), ' ')
		}
		value = value[end+1:]
	}
}

// End is the offset after the empty line that ends the head whose lines begin
// at off; 0: it does not end in b.
func End(b []byte, off int) int {
	for off > 0 && off < len(b) {
		end := bytes.IndexByte(b[off:], '\n')
		if end < 0 {
			return 0
		}
		line := b[off : off+end]
		off += end + 1
		if len(line) == 0 || len(line) == 1 && line[0] == '\r' {
			return off
		}
	}
	return 0
}

func trim(v []byte) []byte {
	for len(v) > 0 && isSpace(v[0]) {
		v = v[1:]
	}
	for len(v) > 0 && isSpace(v[len(v)-1]) {
		v = v[:len(v)-1]
	}
	return v
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// Is compares a name or a value with lower-case text, without regard to case.
func Is(b []byte, lower string) bool {
	return len(b) == len(lower) && HasPrefix(b, lower)
}

// HasPrefix says that b begins with lower-case text, without regard to case.
func HasPrefix(b []byte, lower string) bool {
	if len(b) < len(lower) {
		return false
	}
	for i := range len(lower) {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
