package tlsmsg

import (
	"netifyd/core/wire"
	"netifyd/detect/internal/digest"
)

// maxJA3 and maxJA3S bound the text that a fingerprint is the digest of; a hello with more has none.
const (
	usualJA3 = 512
	maxJA3   = 4096
	maxJA3S  = 1024
)

// text is a line under construction in a buffer of its caller.
type text struct {
	buf  []byte
	n    int
	full bool
}

func (t *text) add(v uint16, sep byte) {
	if t.n > len(t.buf)-6 {
		t.full = true
		return
	}
	if t.n > 0 && t.buf[t.n-1] != ',' {
		t.buf[t.n] = sep
		t.n++
	}
	b, n := t.buf[t.n:t.n+5], uint32(v)
	switch {
	case n >= 10000:
		b[0], b[1], b[2], b[3], b[4] = '0'+byte(n/10000), '0'+byte(n/1000%10), '0'+byte(n/100%10), '0'+byte(n/10%10), '0'+byte(n%10)
		t.n += 5
	case n >= 1000:
		b[0], b[1], b[2], b[3] = '0'+byte(n/1000), '0'+byte(n/100%10), '0'+byte(n/10%10), '0'+byte(n%10)
		t.n += 4
	case n >= 100:
		b[0], b[1], b[2] = '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10)
		t.n += 3
	case n >= 10:
		b[0], b[1] = '0'+byte(n/10), '0'+byte(n%10)
		t.n += 2
	default:
		b[0] = '0' + byte(n)
		t.n++
	}
}

func (t *text) field() {
	t.buf[min(t.n, len(t.buf)-1)] = ','
	t.n++
}

// list adds the values in b, of two bytes each, GREASE left out.
func (t *text) list(b []byte) {
	for ; len(b) >= 2; b = b[2:] {
		if v := uint16(b[0])<<8 | uint16(b[1]); !isGREASE(v) {
			t.add(v, '-')
		}
	}
}

func (t *text) extensions(e Extensions) {
	for {
		typ, _, rest, ok := e.Next()
		if !ok {
			return
		}
		if !isGREASE(typ) {
			t.add(typ, '-')
		}
		e = rest
	}
}

// JA3 is the digest of the line
// "version,ciphers,extensions,groups,point formats" in decimal numbers joined
// by dashes, without GREASE (github.com/salesforce/ja3). False where the hello
// is not whole or longer than any real one.
func (h *ClientHello) JA3(memo *digest.Memo) (sum [16]byte, ok bool) {
	if !h.Whole {
		return sum, false
	}
	var room [usualJA3]byte // to clear all that the longest needs would take as long as the digest
	if sum, ok = h.ja3(room[:], memo); !ok {
		var room [maxJA3]byte
		sum, ok = h.ja3(room[:], memo)
	}
	return sum, ok
}

func (h *ClientHello) ja3(room []byte, memo *digest.Memo) (sum [16]byte, ok bool) {
	t := text{buf: room}
	t.add(h.Version, '-')
	t.field()
	t.list(h.Ciphers)
	t.field()
	t.extensions(h.Extensions)
	t.field()
	if body, found := h.Extensions.Find(extGroups); found {
		c := wire.New(body)
		t.list(c.Vec16())
	}
	t.field()
	if body, found := h.Extensions.Find(extPoints); found {
		c := wire.New(body)
		for _, p := range c.Vec8() {
			t.add(uint16(p), '-')
		}
	}
	return t.sum(memo)
}

// JA3S is the digest of the server's "version,cipher,extensions".
func (h *ServerHello) JA3S(memo *digest.Memo) (sum [16]byte, ok bool) {
	if !h.Whole {
		return sum, false
	}
	var room [maxJA3S]byte
	t := text{buf: room[:]}
	t.add(h.Legacy, '-')
	t.field()
	t.add(h.Cipher, '-')
	t.field()
	t.extensions(h.Extensions)
	return t.sum(memo)
}

func (t *text) sum(memo *digest.Memo) (sum [16]byte, ok bool) {
	if t.full || t.n > len(t.buf) {
		return sum, false
	}
	return memo.MD5(t.buf[:t.n]), true
}
