// Package wire reads bytes that may end anywhere.
package wire

// Cursor walks a byte slice from front to back. A read past the end gives
// zero or nil and marks the cursor as short for good, so a caller may read
// several fields and ask Ok once, before it believes any of them. A loop must
// be bounded by Len or by Ok, never by a value that was read.
type Cursor struct {
	b     []byte
	off   int
	short bool
}

// New returns a cursor at the first byte of b. b is not copied.
func New(b []byte) Cursor { return Cursor{b: b} }

// Ok says whether every read so far was inside the bytes.
func (c *Cursor) Ok() bool { return !c.short }

// Len is the number of bytes not read yet; 0 once the cursor is short.
func (c *Cursor) Len() int {
	if c.short {
		return 0
	}
	return len(c.b) - c.off
}

// Offset is the number of bytes read.
func (c *Cursor) Offset() int { return c.off }

// Rest is what was not read yet, without moving. It aliases the input.
func (c *Cursor) Rest() []byte {
	if c.short {
		return nil
	}
	return c.b[c.off:]
}

func (c *Cursor) take(n int) []byte {
	if c.short || n < 0 || n > len(c.b)-c.off {
		c.short = true
		return nil
	}
	p := c.b[c.off : c.off+n]
	c.off += n
	return p
}

// U8 reads one byte.
func (c *Cursor) U8() uint8 {
	if p := c.take(1); p != nil {
		return p[0]
	}
	return 0
}

// U16 reads two bytes in network order.
func (c *Cursor) U16() uint16 {
	if p := c.take(2); p != nil {
		return uint16(p[0])<<8 | uint16(p[1])
	}
	return 0
}

// U24 reads three bytes in network order.
func (c *Cursor) U24() uint32 {
	if p := c.take(3); p != nil {
		return uint32(p[0])<<16 | uint32(p[1])<<8 | uint32(p[2])
	}
	return 0
}

// U32 reads four bytes in network order.
func (c *Cursor) U32() uint32 {
	if p := c.take(4); p != nil {
		return uint32(p[0])<<24 | uint32(p[1])<<16 | uint32(p[2])<<8 | uint32(p[3])
	}
	return 0
}

// U16LE reads two bytes, least significant first.
func (c *Cursor) U16LE() uint16 {
	if p := c.take(2); p != nil {
		return uint16(p[1])<<8 | uint16(p[0])
	}
	return 0
}

// U32LE reads four bytes, least significant first.
func (c *Cursor) U32LE() uint32 {
	if p := c.take(4); p != nil {
		return uint32(p[3])<<24 | uint32(p[2])<<16 | uint32(p[1])<<8 | uint32(p[0])
	}
	return 0
}

// Bytes reads n bytes. The result aliases the input; nil when they are not there.
func (c *Cursor) Bytes(n int) []byte { return c.take(n) }

// Skip passes over n bytes.
func (c *Cursor) Skip(n int) { c.take(n) }

// Vec8 reads a vector with a length of one byte before it (RFC 8446, section 3.4).
func (c *Cursor) Vec8() []byte { return c.take(int(c.U8())) }

// Vec16 reads a vector with a length of two bytes before it.
func (c *Cursor) Vec16() []byte { return c.take(int(c.U16())) }

// Vec24 reads a vector with a length of three bytes before it.
func (c *Cursor) Vec24() []byte { return c.take(int(c.U24())) }
