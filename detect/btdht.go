package detect

import "netifyd/core/attr"

// btDHT recognises a KRPC message (BEP 5): one bencoded dictionary that fills
// the datagram, with a kind ("y" of "q", "r" or "e") and what that kind must
// have. Requests for a torrent have its info hash.
func btDHT(d []byte, res *Result) bool {
	if d[0] != 'd' || d[1] < '1' || d[1] > '9' || d[len(d)-1] != 'e' {
		return false
	}
	var kind byte
	var body, query, hash []byte
	b := d[1:]
	for len(b) > 0 && b[0] != 'e' {
		key, rest, ok := bencodeString(b)
		if !ok {
			return false
		}
		value, size, ok := bencodeValue(rest, 0)
		if !ok {
			return false
		}
		if len(key) == 1 {
			switch key[0] {
			case 'y':
				if s, _, ok := bencodeString(value); ok && len(s) == 1 {
					kind = s[0]
				}
			case 'a', 'r', 'e':
				body = value
			case 'q':
				query = value
			}
		}
		b = rest[size:]
	}
	if len(b) != 1 || len(body) < 2 {
		return false
	}
	switch kind {
	case 'q':
		if query == nil || body[0] != 'd' {
			return false
		}
		hash = following(body, "9:info_hash20:")
	case 'r':
		if body[0] != 'd' {
			return false
		}
	case 'e':
		if body[0] != 'l' {
			return false
		}
	default:
		return false
	}
	if len(hash) >= 20 {
		res.Put(attr.BTInfoHash, hash[:20])
	}
	return true
}

// bencodeString reads "4:spam".
func bencodeString(b []byte) (s, rest []byte, ok bool) {
	n, digits := decimal(b)
	if digits == 0 || digits >= len(b) || b[digits] != ':' || n > len(b)-digits-1 {
		return nil, nil, false
	}
	b = b[digits+1:]
	return b[:n], b[n:], true
}

// bencodeValue measures one value: a string, a number, a list or a dictionary.
func bencodeValue(b []byte, depth int) (value []byte, size int, ok bool) {
	if len(b) == 0 || depth > 8 {
		return nil, 0, false
	}
	switch b[0] {
	case 'i':
		for n := 1; n < len(b) && n < 24; n++ {
			if b[n] == 'e' {
				return b[:n+1], n + 1, n > 1
			}
			if b[n] != '-' && (b[n] < '0' || b[n] > '9') {
				break
			}
		}
		return nil, 0, false
	case 'l', 'd':
		at := 1
		for at < len(b) && b[at] != 'e' {
			_, n, ok := bencodeValue(b[at:], depth+1)
			if !ok {
				return nil, 0, false
			}
			at += n
		}
		if at >= len(b) {
			return nil, 0, false
		}
		return b[:at+1], at + 1, true
	}
	_, rest, ok := bencodeString(b)
	if !ok {
		return nil, 0, false
	}
	size = len(b) - len(rest)
	return b[:size], size, true
}
