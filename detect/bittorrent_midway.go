package detect

// inspectBitTorrentMidway recognises the messages of peers (BEP 3, "peer
// messages"; BEP 6; BEP 10) in a connection whose handshake was not seen: three
// of them in a row, all told, of which one asks for a block or brings one; one
// that brings a block of the usual size suffices.
func inspectBitTorrentMidway(in *Input, res *Result) Verdict {
	if in.Opened {
		return No
	}
	messages, blocks, v := 0, 0, Match
	for _, b := range [2][]byte{in.ToServer, in.ToClient} {
		n, k, w := btMessages(b)
		messages, blocks, v = messages+n, blocks+k, min(v, w)
	}
	switch {
	case v == No:
		return No
	case messages >= 3 && blocks > 0:
		res.Partial = true
		return Match
	}
	return NeedMore
}

// btMessages counts the messages that begin a direction, and those that are
// about a block. No: something is none. One message at least must be there once
// a whole one would fit.
func btMessages(b []byte) (n, blocks int, v Verdict) {
	const most, usual = 16, 1 << 14 // messages; bytes of a block (BEP 3)
	for len(b) >= 5 && n < most {
		length, kind := be32(b), b[4]
		if length == 0 { // a keep-alive says nothing
			b = b[4:]
			continue
		}
		if !btLength(kind, length) {
			return n, blocks, No
		}
		if about := kind == 6 || kind == 7 || kind == 8 || kind == 16; about {
			if len(b) < 13 {
				return n, blocks, NeedMore
			}
			// A block begins at a multiple of a kilobyte, in a piece of 64 MiB at most.
			if begin := be32(b[9:]); begin%1024 != 0 || begin >= 1<<26 || be32(b[5:]) >= 1<<24 {
				return n, blocks, No
			}
			if kind != 7 && len(b) >= 17 && (be32(b[13:]) == 0 || be32(b[13:]) > 1<<17) {
				return n, blocks, No
			}
			blocks++
			if kind == 7 && length == 9+usual && be32(b[9:])%usual == 0 {
				n += 2 // what brings a block of the usual size is too long for another to follow here, and has more that must fit
			}
		}
		n++
		if uint32(len(b)) < 4+length {
			return n, blocks, Match
		}
		b = b[4+length:]
	}
	return n, blocks, Match
}

// btLength says that a message of a kind has a length.
func btLength(kind byte, length uint32) bool {
	switch kind {
	case 0, 1, 2, 3, 14, 15: // choke, unchoke, interested, not interested, have all, have none
		return length == 1
	case 4, 13, 17: // have, suggest, allowed fast
		return length == 5
	case 5: // bitfield
		return length > 1 && length < 1<<17
	case 6, 8, 16: // request, cancel, reject
		return length == 13
	case 7: // piece
		return length > 9 && length <= 9+1<<17
	case 9: // port
		return length == 3
	case 20: // extended
		return length > 2 && length < 1<<20
	}
	return false
}
