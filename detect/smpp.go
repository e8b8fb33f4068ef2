package detect

import "netifyd/core/proto"

// SMPP (SMS Forum, "Short Message Peer-to-Peer Protocol Specification",
// version 3.4, section 3.2, and 5.0): length, command, status and sequence
// number, four bytes each. A request has status 0; one that binds holds the
// name of a system.
var smppCard = Protocol{ID: proto.SMPP, Over: TCP, Ports: []uint16{2775}, Limit: 128, Inspect: inspectSMPP}

func inspectSMPP(in *Input, _ *Result) Verdict {
	if in.HasPort(2775) {
		return eitherWay(in, smppUnit)
	}
	return eitherWay(in, smppFirst)
}

// smppFirst is smppUnit elsewhere than at the port, where a unit of a bare
// header must be followed by another.
func smppFirst(b []byte) Verdict {
	const header = 16
	v := smppUnit(b)
	if v == Match && be32(b) == header {
		if len(b) < 2*header {
			return NeedMore
		}
		return smppUnit(b[header:])
	}
	return v
}

func smppUnit(b []byte) Verdict {
	const header, response, largest = 16, 0x80, 1 << 16
	for i, c := range b[:min(len(b), 8)] {
		if (i == 0 || i == 5) && c != 0 || i == 1 && c > largest>>16 || i == 4 && c != 0 && c != response || i == 6 && c > 1 {
			return No
		}
	}
	if len(b) < header {
		return NeedMore
	}
	length, command, status, sequence := be32(b), be32(b[4:]), be32(b[8:]), be32(b[12:])
	if length < header || length > largest || sequence == 0 && status == 0 || status > 0x0fff {
		return No
	}
	body := b[header:min(len(b), int(length))]
	switch kind := command &^ (response << 24); {
	case command>>31 == 0 && status != 0:
		return No
	case kind == 1, kind == 2, kind == 9: // binding
		return smppName(body, int(length)-header, command>>31 != 0)
	case kind == 4, kind == 5: // submit, deliver: text
		return smppText(body, int(length)-header, command>>31 != 0)
	case kind == 6, kind == 0x15: // unbind, enquire link: nothing follows
		if length != header || sequence == 0 {
			return No
		}
	case kind == 0 && command>>31 != 0: // generic refusal
		if length != header || status == 0 {
			return No
		}
	case kind == 3, kind == 7, kind == 8, kind == 0x0b, kind == 0x21, kind == 0x102, kind == 0x103, kind == 0x111, kind == 0x112, kind == 0x113:
		// Too rare to begin with, and too little: what follows must tell.
		if len(b) < int(length)+header && len(b) < 128 {
			return NeedMore
		}
		if len(b) < int(length)+header {
			return No
		}
		return smppUnit(b[length:])
	default:
		return No
	}
	return Match
}

// smppName wants a system identifier of at most 15 characters that ends with a
// zero; a request goes on with a password and a type of system, three numbers and
// a range of addresses, and there it ends.
func smppName(body []byte, size int, response bool) Verdict {
	const longest, largest = 16, 256
	if size == 0 && response {
		return Match
	}
	if size > largest || len(body) > 0 && body[0] == 0 {
		return No
	}
	if response {
		_, v := smppString(body, longest)
		return v
	}
	for _, most := range [...]int{longest, 9, 13} {
		n, v := smppString(body, most)
		if v != Match {
			return v
		}
		body, size = body[n+1:], size-n-1
	}
	const numbers = 3
	if size < numbers+1 || len(body) > 0 && body[0] > 0x50 || len(body) > 1 && body[1] > 7 {
		return No
	}
	if len(body) < size {
		return NeedMore
	}
	if n, v := smppString(body[numbers:], 41); v != Match || numbers+n+1 != size {
		return No
	}
	return Match
}

// smppText wants, in a request, a service type of at most five characters and
// two addresses: type of number, numbering plan, text; in a response a name
// that fills it.
func smppText(body []byte, size int, response bool) Verdict {
	const longestService, longestName, longestAddress, maxType, maxPlan = 5, 65, 20, 7, 18
	if response {
		if size == 0 || size > longestName {
			return No
		}
		if n, v := smppString(body, longestName); v != Match || n == size-1 {
			return v
		}
		return No
	}
	if size < 20 {
		return No
	}
	n, v := smppString(body, longestService)
	total := 0
	for range 2 {
		if v != Match {
			return v
		}
		body = body[n+1:]
		if len(body) > 0 && body[0] > maxType || len(body) > 1 && body[1] > maxPlan {
			return No
		}
		if len(body) < 3 {
			return NeedMore
		}
		body = body[2:]
		n, v = smppString(body, longestAddress)
		total += n
	}
	const shortest = 3 // digits of both addresses
	if v == Match && total < shortest {
		return No
	}
	return v
}

// smppString is the length of printable text before a zero.
func smppString(b []byte, longest int) (n int, v Verdict) {
	for n < len(b) {
		switch c := b[n]; {
		case c == 0:
			return n, Match
		case c < ' ' || c >= 0x7f || n >= longest:
			return n, No
		}
		n++
	}
	return n, NeedMore
}
