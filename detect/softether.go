package detect

import "netifyd/core/proto"

// SoftEther VPN asks a server on the Internet for the address that it is seen
// with (NAT traversal, port 5004): one letter, answered with a line of text;
// registrations are packs, lists of named values
// (https://github.com/SoftEtherVPN/SoftEtherVPN, Mayaqua's Pack).
var softetherCard = Protocol{ID: proto.SoftEther, Over: UDP, Ports: []uint16{5004}, First: "AI\x00", Limit: 1024, Inspect: inspectSoftEther}

func inspectSoftEther(in *Input, _ *Result) Verdict {
	switch d := in.Newest(); {
	case len(d) == 1 && d[0] == 'A':
		return NeedMore
	case isSoftEtherAddress(d), isSoftEtherPack(d):
		return Match
	}
	return No
}

// isSoftEtherAddress reads "IP=192.0.2.1,PORT=5004" to the end.
func isSoftEtherAddress(d []byte) bool {
	const ip, port = "IP=", "PORT="
	if len(d) < 17 || begins(d, ip) != Match {
		return false
	}
	d = d[len(ip):]
	n := 0
	for n < len(d) && d[n] != ',' {
		if c := d[n]; (c < '0' || c > '9') && c != '.' && c != ':' && (c|0x20 < 'a' || c|0x20 > 'f') {
			return false
		}
		n++
	}
	if n < 3 || n == len(d) || begins(d[n+1:], port) != Match {
		return false
	}
	value, digits := decimal(d[n+1+len(port):])
	rest := d[n+1+len(port)+digits:]
	return digits > 0 && value < 1<<16 && (len(rest) == 0 || isZero(rest))
}

// isSoftEtherPack reads the count of elements and the first two of them: a
// name, whose length counts one more, a type, a count of values.
func isSoftEtherPack(d []byte) bool {
	const most, types = 64, 5
	if len(d) < 32 || be32(d) < 2 || be32(d) > most {
		return false
	}
	at := 4
	for range 2 {
		if len(d) < at+4 {
			return false
		}
		n := int(be32(d[at:])) - 1
		if n < 1 || n > most || len(d) < at+4+n+12 {
			return false
		}
		for _, c := range d[at+4 : at+4+n] {
			if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				return false
			}
		}
		at += 4 + n
		kind, values := be32(d[at:]), be32(d[at+4:])
		if kind >= types || values != 1 {
			return false
		}
		at += 8
		switch kind {
		case 0: // a number
			at += 4
		case 4: // a long number
			at += 8
		default:
			if be32(d[at:]) > uint32(len(d)) {
				return false
			}
			at += 4 + int(be32(d[at:]))
		}
	}
	return at <= len(d)
}
