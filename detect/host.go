package detect

import "netifyd/core/attr"

// hostBytes is a byte as it stands in a host name; 0: it does not.
var hostBytes = func() (table [256]byte) {
	for c := range table {
		switch b := byte(c); {
		case b >= 'A' && b <= 'Z':
			table[c] = b + 'a' - 'A'
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '-', b == '_', b == '.':
			table[c] = b
		}
	}
	return table
}()

// putHost puts the name of the host that a flow asks for. Letters are lowered;
// only letters, digits, '-', '_' and '.' are kept, and the name ends at the
// first other byte; dots at its end are dropped. An empty rest puts nothing.
func putHost(res *Result, b []byte) {
	var name [255]byte
	n := 0
	for _, c := range b {
		if c = hostBytes[c]; c == 0 || n == len(name) {
			break
		}
		name[n] = c
		n++
	}
	for n > 0 && name[n-1] == '.' {
		n--
	}
	if n > 0 {
		res.Put(attr.HostName, name[:n])
	}
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
