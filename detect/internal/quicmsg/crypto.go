package quicmsg

import (
	"encoding/binary"

	"netifyd/core/wire"
)

// Frame types (RFC 9000, section 19).
const (
	framePadding = 0x00
	framePing    = 0x01
	frameAck     = 0x02
	frameAckECN  = 0x03
	frameCrypto  = 0x06
	frameClose   = 0x1c
)

// Frame types of Google's versions from 48 on, which kept them until they
// spoke the IETF's (Chromium, quic/core/quic_types.h).
const (
	googlePing   = 7
	googleCrypto = 8
	googleAck    = 0x40 // and five bits of lengths
)

// NextCrypto takes the frames up to and with the first CRYPTO frame off the
// text of an Initial packet of a version. False where no further one is there.
func NextCrypto(text []byte, version uint32) (offset int, data, rest []byte, ok bool) {
	offset, data, rest, _ = nextCrypto(text, IsGoogle(version))
	return offset, data, rest, data != nil
}

// nextCrypto is NextCrypto; where there is none, data is nil and clean says
// that the text ended with a frame.
func nextCrypto(text []byte, google bool) (offset int, data, rest []byte, clean bool) {
	for {
		if text = afterPadding(text); len(text) == 0 {
			return 0, nil, nil, true
		}
		c := wire.New(text)
		switch t := c.U8(); {
		case t == framePing && !google, t == googlePing && google:
		case (t == frameAck || t == frameAckECN) && !google:
			skipAck(&c, t == frameAckECN)
		case t&0xc0 == googleAck && google:
			skipGoogleAck(&c, t)
		case t == frameCrypto && !google, t == googleCrypto && google:
			offset = int(varint(&c))
			if data = c.Bytes(int(varint(&c))); data != nil {
				return offset, data, c.Rest(), true
			}
		default: // CONNECTION_CLOSE, or a frame that Initial packets do not have
			return 0, nil, nil, false
		}
		if !c.Ok() {
			return 0, nil, nil, false
		}
		text = c.Rest()
	}
}

// afterPadding skips PADDING frames, of which there are hundreds.
func afterPadding(text []byte) []byte {
	for len(text) >= 8 && binary.NativeEndian.Uint64(text) == 0 {
		text = text[8:]
	}
	for len(text) > 0 && text[0] == framePadding {
		text = text[1:]
	}
	return text
}

// Sound gives a test for the opened text of Initial packets of a version, from
// its start on and whole or not. It accepts a text that begins with a whole
// hello, or one that has part of a handshake and is nothing but frames to its
// last byte. What wrong keys make of a packet passes with a chance of less than
// one in a million, and the test costs less than that of the packet's tag.
// Garbage is a text that begins with no frame that an Initial packet may have
// (RFC 9000, section 12.4), as 39 of 40 do that wrong keys made.
func Sound(version uint32) func(text []byte, whole bool) (sound, garbage bool) {
	if IsGoogle(version) {
		return soundGoogle
	}
	return soundIETF
}

func soundGoogle(text []byte, whole bool) (sound, garbage bool) {
	return whole && framed(text, true), false
}

func soundIETF(text []byte, whole bool) (sound, garbage bool) {
	if len(text) > 0 && text[0] != framePadding && text[0] != framePing && text[0] != frameAck && text[0] != frameAckECN &&
		text[0] != frameCrypto && text[0] != frameClose {
		return false, true
	}
	offset, data, _, _ := nextCrypto(text, false)
	if data == nil && !whole {
		return false, false
	}
	const header = 4 // of a handshake message (RFC 8446, section 4)
	if offset == 0 && len(data) > header && isTLSHello(data) && int(data[2])<<8|int(data[3])+header == len(data) {
		return true, false
	}
	return whole && framed(text, false), false
}

// isTLSHello says that a handshake begins with a ClientHello or a ServerHello.
func isTLSHello(data []byte) bool {
	return len(data) >= 4 && (data[0] == 1 || data[0] == 2) && data[1] == 0
}

// framed says that a text is long enough to be sure and nothing but frames.
func framed(text []byte, google bool) bool {
	const enough, longest = 64, 1 << 16 // bytes of text, of a handshake
	if len(text) < enough {
		return false
	}
	for some := false; ; some = true {
		offset, data, rest, clean := nextCrypto(text, google)
		switch {
		case data == nil:
			return clean && some
		case offset > longest, offset == 0 && !google && !isTLSHello(data):
			return false
		}
		text = rest
	}
}

func skipAck(c *wire.Cursor, ecn bool) {
	long(c) // largest
	long(c) // delay
	ranges := varint(c)
	long(c) // first range
	for ; ranges > 0 && c.Ok(); ranges-- {
		long(c)
		long(c)
	}
	for n := 0; ecn && n < 3; n++ {
		long(c)
	}
}

// Parameters of the client's transport parameters that are of interest
// (Chromium, quic/core/crypto/transport_parameters.cc).
const paramUserAgent = 0x3129

// UserAgent is Google's user_agent among the transport parameters of a hello;
// nil where there is none. Before draft 27 the parameters stood in a vector,
// and their numbers and lengths were two bytes wide.
func UserAgent(params []byte) []byte {
	c := wire.New(params)
	wide := len(params) > 2 && int(params[0])<<8|int(params[1]) == len(params)-2
	if wide {
		c.Skip(2)
	}
	for c.Len() > 0 {
		var id uint64
		var v []byte
		if wide {
			id, v = uint64(c.U16()), c.Vec16()
		} else {
			id = long(&c)
			v = c.Bytes(int(varint(&c)))
		}
		if c.Ok() && id == paramUserAgent {
			return v
		}
	}
	return nil
}

// long is varint for numbers of any size, such as reserved parameters have.
func long(c *wire.Cursor) uint64 {
	first := c.U8()
	v := uint64(first & 0x3f)
	for range 1<<(first>>6) - 1 {
		v = v<<8 | uint64(c.U8())
	}
	return v
}
