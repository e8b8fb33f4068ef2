package quicmsg

import "netifyd/core/wire"

// Flags of the public header that Google's versions up to Q043 share.
const (
	flagVersion = 0x01
	flagReset   = 0x02
	flagNonce   = 0x04 // server's diversification nonce
	flagCID     = 0x08
	hashSize    = 12 // of the message, in packets that are not encrypted
)

// GooglePacket reads a client's packet with the public header of Google's
// versions before Q044: flags, connection identifier, version, packet number.
// text is the frames behind the hash that null encryption puts before them.
func GooglePacket(b []byte) (version uint32, text []byte, ok bool) {
	c := wire.New(b)
	flags := c.U8()
	if flags&(flagVersion|flagReset|flagCID) != flagVersion|flagCID || flags&0x80 != 0 {
		return 0, nil, false
	}
	c.Skip(8)
	version = c.U32()
	if !c.Ok() || !IsTagged(version) || number(version) >= 44 {
		return version, nil, false
	}
	c.Skip([4]int{1, 2, 4, 6}[flags>>4&3])
	c.Skip(hashSize)
	if number(version) < 34 { // private flags: entropy, FEC group present, FEC
		const fecGroup = 2
		if c.U8()&fecGroup != 0 {
			c.Skip(1)
		}
	}
	return version, c.Rest(), c.Ok()
}

// nextQ046 reads the long header of Q044 to Q049, which has both lengths of
// identifiers in one byte and no length of its own.
func nextQ046(b []byte, p Packet, first byte) (Packet, []byte, bool) {
	c := wire.New(b)
	c.Skip(5)
	lengths := c.U8()
	p.DCID = c.Bytes(cidLength(lengths >> 4))
	p.SCID = c.Bytes(cidLength(lengths & 15))
	p.Number = c.Offset()
	c.Skip(int(first&3) + 1)
	if first&0x40 == 0 || !c.Ok() {
		return p, nil, false
	}
	p.Type = Initial
	if lengths>>4 == 0 { // a server's
		p.Type = Handshake
	}
	p.Bytes = b
	return p, nil, true
}

func cidLength(nibble byte) int {
	if nibble == 0 {
		return 0
	}
	return int(nibble) + 3
}

// Q046Text is the frames of a packet that Next read, behind the message hash.
func (p *Packet) Q046Text() []byte {
	c := wire.New(p.Bytes)
	c.Skip(p.Number + int(p.Bytes[0]&3) + 1 + hashSize)
	return c.Rest()
}

// NextStream takes the frames up to and with the first STREAM frame off the
// text of a packet of Q046 and before ("QUIC Wire Layout Specification", Google).
// False where no further one is there.
func NextStream(text []byte, version uint32) (stream, offset int, data, rest []byte, ok bool) {
	c := wire.New(text)
	for c.Len() > 0 {
		t := c.U8()
		switch {
		case t == 0 || t == 7: // padding, ping
			continue
		case t&0x80 == 0:
			return 0, 0, nil, nil, false
		}
		little := number(version) < 39
		stream = int(wide(&c, int(t&3)+1, little))
		if n := int(t >> 2 & 7); n > 0 {
			offset = int(wide(&c, n+1, little))
		} else {
			offset = 0
		}
		if t&0x20 != 0 {
			data = c.Bytes(int(wide(&c, 2, little)))
		} else {
			data = c.Bytes(c.Len())
		}
		return stream, offset, data, c.Rest(), c.Ok()
	}
	return 0, 0, nil, nil, false
}

// skipGoogleAck passes over an ACK frame of type 01ntllmm: n several blocks,
// ll and mm the lengths of numbers.
func skipGoogleAck(c *wire.Cursor, t byte) {
	lengths := [4]int{1, 2, 4, 6}
	blocks := 0
	c.Skip(lengths[t>>2&3] + 2) // largest, delay
	if t&0x20 != 0 {
		blocks = int(c.U8())
	}
	size := lengths[t&3]
	c.Skip(size + blocks*(1+size))
	if stamps := int(c.U8()); stamps > 0 {
		c.Skip(1 + 4 + (stamps-1)*(1+2))
	}
}

// wide reads a number of n bytes in either order; one that fits no message makes the cursor short.
func wide(c *wire.Cursor, n int, little bool) uint32 {
	var v uint64
	for i := range n {
		if b := uint64(c.U8()); little {
			v |= b << (8 * i)
		} else {
			v = v<<8 | b
		}
	}
	if v > 1<<30 {
		c.Skip(1 << 30)
		return 0
	}
	return uint32(v)
}

// Hello is Google's CHLO ("QUIC Crypto", Google): the values of interest.
type Hello struct {
	ServerName, UserAgent []byte
	Whole                 bool
}

// IsHello says that a message begins as a client's hello.
func IsHello(b []byte) bool { return len(b) >= 4 && string(b[:4]) == "CHLO" }

// ParseHello reads a tagged message: tag, number of pairs, then each pair's
// tag and end of its value, then the values.
func ParseHello(b []byte) (h Hello, ok bool) {
	c := wire.New(b)
	c.Skip(4)
	n := int(c.U16LE())
	c.Skip(2)
	if !IsHello(b) || n > 256 {
		return h, false
	}
	table := wire.New(c.Bytes(8 * n))
	values := c.Rest()
	if !c.Ok() {
		return h, true
	}
	from := 0
	h.Whole = true
	for table.Len() > 0 {
		tag, to := table.U32(), int(table.U32LE())
		if to < from || to > len(values) {
			h.Whole = false
			return h, true
		}
		switch tag {
		case 'S'<<24 | 'N'<<16 | 'I'<<8:
			h.ServerName = values[from:to]
		case 'U'<<24 | 'A'<<16 | 'I'<<8 | 'D':
			h.UserAgent = values[from:to]
		}
		from = to
	}
	return h, true
}

// IsGoogleReply says that a datagram is a server's in the clear before Q044: the
// public header without a version, then, behind acknowledgements, the
// handshake stream with a rejection or a hello.
func IsGoogleReply(b []byte) bool {
	c := wire.New(b)
	flags := c.U8()
	if flags&(flagVersion|flagReset|flagCID|0xc0) != flagCID {
		return false
	}
	c.Skip(8)
	if flags&flagNonce != 0 {
		c.Skip(32)
	}
	size := [4]int{1, 2, 4, 6}[flags>>4&3]
	c.Skip(size + hashSize)
	for c.Len() > 0 {
		rest := c.Rest()
		switch t := c.U8(); {
		case t == 6: // STOP_WAITING
			c.Skip(size)
		case t&0xc0 == googleAck:
			skipGoogleAck(&c, t)
		case t&0x80 != 0:
			stream, offset, data, _, ok := NextStream(rest, 'Q'<<24|'0'<<16|'4'<<8|'3')
			return ok && stream == 1 && offset == 0 && len(data) >= 4 &&
				(string(data[:4]) == "REJ\x00" || string(data[:4]) == "SREJ" || string(data[:4]) == "SHLO")
		default:
			return false
		}
	}
	return false
}
