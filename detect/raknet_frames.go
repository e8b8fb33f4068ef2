package detect

// Connected RakNet: datagrams of frames, numbered, and acknowledgements of those numbers.
const (
	rakFrames = 0x80 // to 0x8f
	rakAck    = 0xc0
)

// rakConnected judges the middle of a connection: a datagram that continues the
// numbers of one before it, or an acknowledgement of a number that was sent.
func rakConnected(in *Input, d []byte) Verdict {
	number, ok := rakNumber(d)
	from, to, acks := rakRange(d)
	if !ok && !acks {
		return No
	}
	const near = 8
	for b, fromServer, at := in.Datagram(0); b != nil; b, fromServer, at = in.Datagram(at) {
		n, sent := rakNumber(b)
		if !sent {
			continue
		}
		if acks && fromServer != in.FromServer && n >= from && n <= to || ok && fromServer == in.FromServer && n < number && number-n <= near {
			return Match
		}
	}
	return NeedMore
}

// rakNumber reads the number of a datagram whose frames fill it.
func rakNumber(d []byte) (number int, ok bool) {
	if len(d) < 8 || d[0]&0xf0 != rakFrames {
		return 0, false
	}
	for b := d[4:]; len(b) > 0; {
		n := rakFrame(b)
		if n == 0 {
			return 0, false
		}
		b = b[n:]
	}
	return le24(d[1:]), true
}

// rakFrame is the length of the frame that b begins with; 0: none. A frame
// tells its reliability, which says what numbers it has, and its size in bits.
func rakFrame(b []byte) int {
	const split, unused = 0x10, 0x0f
	if len(b) < 4 || b[0]&unused != 0 {
		return 0
	}
	n := 3
	switch b[0] >> 5 { // reliability
	case 0, 5:
	case 1: // sequenced
		n += 3 + 4
	case 2, 6: // reliable
		n += 3
	case 3, 7: // reliable, ordered
		n += 3 + 4
	case 4: // reliable, sequenced
		n += 3 + 3 + 4
	}
	if b[0]&split != 0 {
		n += 10
	}
	bits := be16(b[1:])
	n += (bits + 7) / 8
	if bits == 0 || n > len(b) {
		return 0
	}
	return n
}

// rakRange reads the first record of an acknowledgement whose records fill it.
func rakRange(d []byte) (from, to int, ok bool) {
	if len(d) < 7 || d[0] != rakAck || be16(d[1:]) == 0 {
		return 0, 0, false
	}
	b := d[3:]
	for i := range be16(d[1:]) {
		size := 7
		if len(b) > 0 && b[0] == 1 {
			size = 4
		}
		if len(b) < size || b[0] > 1 {
			return 0, 0, false
		}
		if i == 0 {
			from = le24(b[1:])
			if to = from; size == 7 {
				to = le24(b[4:])
			}
		}
		b = b[size:]
	}
	return from, to, len(b) == 0
}

func le24(b []byte) int { return int(b[2])<<16 | int(b[1])<<8 | int(b[0]) }
