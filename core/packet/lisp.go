package packet

// Of a data packet of LISP (RFC 9300, section 5.3).
const (
	lispLen      = 8
	lispNonce    = 0x80 // N: the next three bytes are a nonce
	lispEcho     = 0x20 // E: asks for it back
	lispVersions = 0x10 // V: they are versions
	lispInstance = 0x08 // I: the second word begins with the instance
	lispNext     = 0x04 // P: the fourth byte says what follows (RFC 9305, section 3)
	lispSecret   = 0x03 // K: a key's number (RFC 8061)
)

// lisp reads a LISP header and the packet behind it, by its own first nibble
// unless the header says what it is.
func (d *Decoder) lisp(b []byte, n int, v *View) Verdict {
	if len(b) <= lispLen {
		return OK
	}
	flags, id := b[0], uint32(0)
	if flags&lispSecret != 0 || flags&lispNonce != 0 && flags&lispVersions != 0 || flags&lispEcho != 0 && flags&lispNonce == 0 {
		return OK
	}
	if flags&lispInstance != 0 {
		id = be32(b[4:]) >> 8
	}
	next := b[3]
	b, n = b[lispLen:], n-lispLen
	t, sound := ipType(b, n)
	if flags&lispNext != 0 {
		t, sound = nextType(next), true
	}
	if !sound {
		return OK
	}
	return d.carry(TunnelLISP, id, t, b, n, v)
}
