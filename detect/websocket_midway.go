package detect

import (
	"unicode/utf8"

	"netifyd/core/proto"
)

// WebSocket in a connection whose handshake was not seen, at any port: frames,
// one behind the other, which are masked from the client and not from the
// server (RFC 6455, section 5.2). Text that shows once the mask is taken off proves it.
var websocketMidwayCard = Protocol{ID: proto.Websocket, Over: TCP, Limit: 2048, Tier: Heuristic, Inspect: inspectWebsocketMidway}

func inspectWebsocketMidway(in *Input, res *Result) Verdict {
	if in.Opened {
		return No
	}
	const enough = 24 // characters under a mask: 33 bits and more
	a, b := in.ToServer, in.ToClient
	if wsMasked(b) || len(a) > 1 && !wsMasked(a) { // joined midway: either may be the client
		a, b = b, a
	}
	masked, ok := wsFrames(a, true)
	_, alsoOK := wsFrames(b, false)
	switch {
	case !ok || !alsoOK:
		return No
	case masked >= enough:
		res.Partial = true
		return Match
	}
	return NeedMore
}

func wsMasked(b []byte) bool { return len(b) > 1 && b[1]&0x80 != 0 }

// wsFrames walks the frames of one direction and counts the characters of whole
// texts in those that are masked. false: something is no frame.
func wsFrames(b []byte, masked bool) (text int, ok bool) {
	for len(b) > 0 {
		const final, reserved, textual, control = 0x80, 0x30, 1, 8
		opcode := b[0] & 0x0f
		if b[0]&reserved != 0 || opcode > 2 && opcode < control || opcode > 10 || opcode >= control && b[0]&(final|0x40) != final {
			return text, false
		}
		if len(b) < 2 {
			return text, true
		}
		if (b[1]&0x80 != 0) != masked {
			return text, false
		}
		head, n := 2, int(b[1]&0x7f)
		switch n {
		case 126:
			if head = 4; len(b) < head {
				return text, true
			}
			if n = be16(b[2:]); n < 126 {
				return text, false
			}
		case 127: // longer than what is kept
			return text, opcode < control && (len(b) < 10 || be32(b[2:]) == 0)
		}
		if opcode >= control && n > 125 {
			return text, false
		}
		if masked {
			head += 4
		}
		if len(b) < head+n {
			return text, true
		}
		if masked && b[0] == final|textual {
			k := wsText(b[head-4:head], b[head:head+n])
			if k < 0 {
				return text, false
			}
			text += k
		}
		b = b[head+n:]
	}
	return text, true
}

// wsText counts the characters of a text under a mask; -1: it is none. An empty
// mask hides nothing and proves nothing.
func wsText(mask, b []byte) int {
	if isZero(mask) {
		return 0
	}
	var rune4 [utf8.UTFMax]byte
	n := 0
	for i := 0; i < len(b); n++ {
		w := 0
		for ; w < len(rune4) && i+w < len(b); w++ {
			rune4[w] = b[i+w] ^ mask[(i+w)&3]
		}
		r, size := utf8.DecodeRune(rune4[:w])
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f {
			return -1
		}
		i += size
	}
	return n
}
