package detect

import (
	"bytes"

	"netifyd/core/attr"
)

// notInHost stands for every byte that no host name has.
const notInHost = 0x80

// hostBytes is a byte as it stands in a host name.
var hostBytes = func() (table [256]byte) {
	for c := range table {
		table[c] = notInHost
		switch b := byte(c); {
		case b >= 'A' && b <= 'Z':
			table[c] = b + 'a' - 'A'
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '-', b == '_', b == '.':
			table[c] = b
		}
	}
	return table
}()

// maxHost is the longest host name (RFC 1035, section 2.3.4, as text).
const maxHost = 253

// putHost puts the name of the host that a flow asks for.
func putHost(res *Result, b []byte) {
	var room [maxHost]byte
	if name := hostName(room[:], b); name != nil {
		res.Put(attr.HostName, name)
	}
}

// putAuthority puts the host of an authority (RFC 3986, section 3.2.2): a name
// or an address, an IPv6 address in its brackets, before the number of a port.
func putAuthority(res *Result, b []byte) {
	b = withoutPort(b)
	if !isIPv6Literal(b) {
		putHost(res, b)
		return
	}
	var room [maxLiteral]byte
	n := copy(room[:], b)
	lowerCase(room[:n])
	res.Put(attr.HostName, room[:n])
}

// maxLiteral is the longest IPv6 address as text, with brackets.
const maxLiteral = len("[0000:0000:0000:0000:0000:ffff:255.255.255.255]")

// isIPv6Literal says that b has the shape of an IPv6 address in brackets.
func isIPv6Literal(b []byte) bool {
	if len(b) < len("[::]") || len(b) > maxLiteral || b[0] != '[' || b[len(b)-1] != ']' {
		return false
	}
	colons := 0
	for _, c := range b[1 : len(b)-1] {
		switch {
		case c == ':':
			colons++
		case c >= '0' && c <= '9', c|0x20 >= 'a' && c|0x20 <= 'f', c == '.':
		default:
			return false
		}
	}
	return colons >= 2 && colons <= 7
}

// hostName is a host name in lower case and without the dot at its end, in
// room. A name with any byte but letters, digits, '-', '_' and '.', with an
// empty label, or that is too long is none: what stands before such a byte is
// not the name that was meant.
func hostName(room, b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if len(b) == 0 || len(b) > min(len(room), maxHost) {
		return nil
	}
	name, all := room[:len(b)], byte(0)
	last := byte('.')
	for i, c := range b {
		if c = hostBytes[c]; c == '.' && last == '.' {
			return nil
		}
		name[i] = c
		all |= c
		last = c
	}
	if all >= notInHost {
		return nil
	}
	return name
}

// withoutPort cuts the number of a port, and the ':' before it, from the end of a name.
func withoutPort(b []byte) []byte {
	at := bytes.LastIndexByte(b, ':')
	if at < 0 {
		return b
	}
	for _, c := range b[at+1:] {
		if c < '0' || c > '9' {
			return b
		}
	}
	return b[:at]
}

// isDomain says that b is a host name with at least two labels and a letter.
func isDomain(b []byte) bool {
	dots, letters := 0, 0
	for i, c := range b {
		switch {
		case c == '.':
			if i == 0 || b[i-1] == '.' {
				return false
			}
			dots++
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			letters++
		case c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return dots > 0 && letters > 0 && len(b) <= 253
}
