package detect

import "netifyd/core/proto"

// Viber has no public description; what follows was read off its traffic.
// Messages over TCP (4244, 5242): length of the whole (2) and number (4), both
// least significant first. A client of today opens with a message that has
// 0xfffc and a type 0x80NN behind the number, and zeros at 16. Calls over UDP
// (7985, 7987): mark of the flow (2), kind (2), then the client's token (8),
// behind a counter (2) in some kinds; the server repeats mark and token.
var viberCard = Protocol{ID: proto.Viber, Over: TCP | UDP, Ports: []uint16{4244, 5242, 7985, 7987, 5243, 9785}, Limit: 4096, Inspect: inspectViber}

func inspectViber(in *Input, _ *Result) Verdict {
	if in.Over == UDP {
		return viberCall(in)
	}
	if len(in.ToServer) == 0 && len(in.ToClient) > 0 {
		return No
	}
	usual := in.HasPort(4244) || in.HasPort(5242)
	up := viberStream(in.ToServer, usual)
	if up != NeedMore {
		return up
	}
	if len(in.ToClient) > 0 {
		return viberStream(in.ToClient, usual)
	}
	return NeedMore
}

// viberStream wants the hello of today, or two messages whose numbers follow
// each other; at ports of others whole ones, and the number of a third where there is more.
func viberStream(b []byte, usual bool) Verdict {
	const header, minLength, maxLength, maxNumber = 6, 16, 2048, 1 << 16
	if len(b) < 2 {
		return NeedMore
	}
	n := le16(b)
	if n < minLength || n > maxLength {
		return No
	}
	if v := viberHello(b); v != No {
		return v
	}
	if len(b) < header {
		return NeedMore
	}
	number := le32(b[2:])
	if number == 0 || number >= maxNumber {
		return No
	}
	if len(b) < n+header {
		return NeedMore
	}
	next := le16(b[n:])
	if next < minLength || next > maxLength || le32(b[n+2:]) != number+1 {
		return No
	}
	switch end := n + next; {
	case usual || len(b) == end:
		return Match
	case len(b) < end+header:
		return NeedMore
	case le32(b[end+2:]) != number+2:
		return No
	}
	return Match
}

func viberHello(b []byte) Verdict {
	const size = 20
	if le16(b) < size || len(b) > 6 && b[6] != 0xfc || len(b) > 7 && b[7] != 0xff {
		return No
	}
	if len(b) > 8 && b[8] > 0x0f || len(b) > 9 && b[9] != 0x80 {
		return No
	}
	if len(b) < size {
		return NeedMore
	}
	if !isZero(b[16:20]) {
		return No
	}
	return Match
}

// viberKinds are the kinds of a call's datagrams: the side that sends them,
// their length (the least for kind 1), where the token stands.
var viberKinds = [...]struct {
	kind, size, token int
	fromServer        bool
}{
	{0x01, 128, 6, false}, {0x09, 20, 12, false}, {0x19, 34, 4, false},
	{0x0c, 76, 6, true}, {0x1a, 20, 4, true},
}

func viberToken(d []byte, fromServer bool) []byte {
	if len(d) < 20 {
		return nil
	}
	for i := range viberKinds {
		k := &viberKinds[i]
		if le16(d[2:]) == k.kind && fromServer == k.fromServer && (len(d) == k.size || k.kind == 1 && len(d) >= k.size) {
			return d[k.token : k.token+8]
		}
	}
	return nil
}

func viberCall(in *Input) Verdict {
	d := in.Newest()
	if len(d) < 4 || d[3] != 0 {
		return No
	}
	token := viberToken(d, in.FromServer)
	known := token != nil // a datagram of a known kind was seen
	for at := 0; ; {
		var other []byte
		var from bool
		if other, from, at = in.Datagram(at); other == nil {
			break
		}
		t := viberToken(other, from)
		if t == nil || !same(other[:2], d[:2]) {
			continue
		}
		known = true
		if from != in.FromServer && same(t, token) && !isZero(t) {
			return Match
		}
	}
	if known {
		return NeedMore
	}
	return No
}
