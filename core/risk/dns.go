package risk

import "netifyd/core/attr"

// isTunnelDNS says that a question looks like what a tunnel sends.
func isTunnelDNS(in *Input) bool {
	const null, private, privateEnd = 10, 65280, 65534
	t := number(in, attr.DNSType)
	if t == null || t >= private && t <= privateEnd {
		return true
	}
	const long, longLabel = 100, 40
	name := in.Set.Get(attr.DNSQuery)
	if in.Known || len(name) < long {
		return false
	}
	for end := len(name); end > 0; {
		l, dot := label(name, end)
		if len(l) >= longLabel && isMixed(l) {
			return true
		}
		end = dot
	}
	return false
}

// isMixed says that letters and digits take turns, as in base 32, 36 and 64.
func isMixed(l []byte) bool {
	turns := 0
	for i := 1; i < len(l); i++ {
		if (Class(l[i]) == digit) != (Class(l[i-1]) == digit) {
			turns++
		}
	}
	return turns*5 >= len(l)
}
