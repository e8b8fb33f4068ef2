package detect

import "netifyd/core/proto"

// imo has no public description; its datagrams were read off its calls: a
// length (seven bits a byte, most significant first), a kind, and as many
// bytes as the length says. The server puts a zero before it. Kind 0x0d has a number (2).
const (
	imoPing, imoPong, imoData, imoHello, imoMedia = 0x02, 0x03, 0x0d, 0x0e, 0x1a
)

var imoCard = Protocol{ID: proto.IMO, Over: UDP, Limit: 4096, Inspect: inspectIMO}

// inspectIMO wants datagrams whose lengths are right from both sides, with the
// same number, or a ping and the pong that repeats its eight bytes.
func inspectIMO(in *Input, _ *Result) Verdict {
	d := in.Newest()
	if len(d) == 0 {
		return No
	}
	body := imoBody(d)
	if body == nil {
		if len(d) > 2 {
			return No
		}
		return NeedMore // punching a hole
	}
	if body[0] == imoHello || body[0] == imoMedia {
		return NeedMore
	}
	for at := 0; ; {
		var other []byte
		var from bool
		if other, from, at = in.Datagram(at); other == nil {
			return NeedMore
		}
		if from == in.FromServer {
			continue
		}
		b := imoBody(other)
		if len(b) < 3 || len(body) < 3 {
			continue
		}
		if b[0] == imoData && body[0] == imoData && same(b[1:3], body[1:3]) && len(b) > 16 && len(body) > 16 && (d[0] == 0) != (other[0] == 0) {
			return Match
		}
		if b[0] == imoPing && body[0] == imoPong && len(b) == 9 && len(body) == 9 && same(b[1:], body[1:]) && !isZero(b[1:]) {
			return Match
		}
	}
}

// imoBody is the first message of a datagram that holds nothing but messages
// of known kinds, as long as their lengths say, without its length. nil: not so.
func imoBody(d []byte) []byte {
	if len(d) > 0 && d[0] == 0 {
		d = d[1:]
	}
	var first []byte
	for len(d) > 0 {
		n, at := 0, 0
		for at < len(d) && at < 2 && d[at]&0x80 != 0 {
			n = n<<7 | int(d[at]&0x7f)
			at++
		}
		if at == len(d) || d[at]&0x80 != 0 {
			return nil
		}
		n = n<<7 | int(d[at])
		d = d[at+1:]
		if n == 0 || n > len(d) {
			return nil
		}
		switch d[0] {
		case imoPing, imoPong, imoData, imoHello, imoMedia:
		default:
			return nil
		}
		if first == nil {
			first = d[:n]
		}
		d = d[n:]
	}
	return first
}
