package detect

// A connection of QUIC whose handshake was not seen, or that moved to another
// path, has packets with short headers only (RFC 9000, section 17.3.1): two
// fixed bits, six that look random once they are protected, the receiver's
// connection identifier, and what is sealed. Its own port and an identifier
// that stays while everything around it changes are the evidence.
const (
	quicPort        = 443
	quicShortest    = 21 // RFC 9001, section 5.4.2: flags, identifier, number and what the protection samples
	quicShortCID    = 4  // bytes of an identifier that are compared; some servers have no more
	quicShortEnough = 3  // datagrams one way
	quicTag         = 16 // the seal's tag, at the end (RFC 9001, section 5.3)
)

// isShortQUIC says that a datagram may be a packet with a short header.
func isShortQUIC(d []byte) bool { return len(d) >= quicShortest && d[0]&0xc0 == 0x40 }

// shortQUIC judges a flow at QUIC's port by its short headers.
func shortQUIC(in *Input, res *Result) Verdict {
	var ways [2]quicWay
	for d, fromServer, at := in.Datagram(0); d != nil; d, fromServer, at = in.Datagram(at) {
		if !isShortQUIC(d) {
			return No
		}
		w := &ways[0]
		if fromServer {
			w = &ways[1]
		}
		w.add(d)
	}
	if ways[0].proven() || ways[1].proven() {
		res.Partial = true
		return Match
	}
	return NeedMore
}

// quicWay is what the datagrams of one direction have in common.
type quicWay struct {
	first  []byte
	n      int
	varies bool // the flags differ
	odd    bool // something does not look as in QUIC
	high   int  // bytes of tags beyond ASCII
}

func (w *quicWay) add(d []byte) {
	if w.n++; w.n == 1 {
		w.first = d
	} else {
		w.varies = w.varies || d[0] != w.first[0]
		w.odd = w.odd || string(d[1:1+quicShortCID]) != string(w.first[1:1+quicShortCID]) ||
			string(d[len(d)-quicTag:]) == string(w.first[len(w.first)-quicTag:])
	}
	tag := d[len(d)-quicTag:]
	w.odd = w.odd || distinct(tag) < quicTag*2/3
	for _, c := range tag {
		w.high += int(c >> 7)
	}
}

// proven says that an identifier stayed, that it is no count or text, and that the rest looks sealed.
func (w *quicWay) proven() bool {
	if w.n < quicShortEnough || !w.varies || w.odd || w.high < w.n*quicTag/4 {
		return false
	}
	cid := w.first[1 : 1+quicShortCID]
	high := 0
	for _, c := range cid {
		if c == 0 || c == 0xff {
			return false
		}
		high += int(c >> 7)
	}
	return distinct(cid) == len(cid) && high > 0
}

// distinct counts the different bytes of b.
func distinct(b []byte) (n int) {
	var seen [4]uint64
	for _, c := range b {
		if bit := uint64(1) << (c & 63); seen[c>>6]&bit == 0 {
			seen[c>>6] |= bit
			n++
		}
	}
	return n
}
