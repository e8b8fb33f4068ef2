package detect

import "netifyd/core/attr"

// putHost puts the name of the host that a flow asks for. Letters are lowered;
// only letters, digits, '-', '_' and '.' are kept, and the name ends at the
// first other byte; dots at its end are dropped. An empty rest puts nothing.
func putHost(res *Result, b []byte) {
	var name [255]byte
	n := 0
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			c = 0
		}
		if c == 0 || n == len(name) {
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
