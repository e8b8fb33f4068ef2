package event

import (
	"encoding/binary"
	"math"
	"math/bits"
	"net/netip"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

const digits = "0123456789abcdef"

// appendString writes s as a JSON string (RFC 8259, section 7) in printable
// ASCII: everything else is escaped. So bytes are characters for readers that
// count these, and a terminal obeys no control character, also none of Unicode.
// Bytes that are no UTF-8 become U+FFFD.
func appendString[T string | []byte](dst []byte, s T) []byte {
	dst = append(dst, '"')
	from := len(dst)
	if dst = append(dst, s...); !isPlain(dst[from:]) {
		dst = appendEscaped(dst[:from], s)
	}
	return append(dst, '"')
}

// isPlain says that a JSON string holds b as it is.
func isPlain(b []byte) bool {
	for bits.UintSize == 64 && len(b) >= 8 {
		const each, top = 0x0101_0101_0101_0101, 0x8080_8080_8080_8080
		// The top bit of a byte is set if it is no ASCII, or DEL, or below a blank, or one of two others.
		// A byte may set that of the next too: the loop below looks again.
		x := binary.LittleEndian.Uint64(b)
		if (x|(x+each)|(x-' '*each)|((x^'"'*each)-each)|((x^'\\'*each)-each))&top != 0 {
			break
		}
		b = b[8:]
	}
	for _, c := range b {
		if !plain[c] {
			return false
		}
	}
	return true
}

// appendEscaped writes what a JSON string holds of s.
func appendEscaped[T string | []byte](dst []byte, s T) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		size := 1
		if c < utf8.RuneSelf {
			dst = appendEscape(dst, c)
		} else {
			dst, size = appendRune(dst, s[i:])
		}
		i += size
		from = i
	}
	return append(dst, s[from:]...)
}

// appendWord writes a word of the agent's own tables, which is plain, as a JSON string.
func appendWord(dst []byte, s string) []byte {
	return append(append(append(dst, '"'), s...), '"')
}

// AppendText writes s as a JSON string in printable ASCII, as in every event.
func AppendText[T string | []byte](dst []byte, s T) []byte { return appendString(dst, s) }

// plain are the bytes that a JSON string holds as they are.
var plain = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return
}()

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return appendUnit(dst, rune(c))
}

// appendRune escapes the first character of s, which is no ASCII. Above U+FFFF
// that is a surrogate pair.
func appendRune[T string | []byte](dst []byte, s T) ([]byte, int) {
	var b [utf8.UTFMax]byte
	r, size := utf8.DecodeRune(b[:copy(b[:], s)])
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(dst, high), low), size
	}
	return appendUnit(dst, r), size
}

// appendUnit writes an escape of four digits.
func appendUnit(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15])
}

// whole is s without a character that was cut in the middle at its end.
func whole(s []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if c := s[len(s)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRune(s[len(s)-n:]) {
				return s[:len(s)-n]
			}
			return s
		}
	}
	return s
}

// pairs are the two digits of each byte.
var pairs = func() (t [256][2]byte) {
	for c := range t {
		t[c] = [2]byte{digits[c>>4], digits[c&15]}
	}
	return
}()

func appendHex(dst, b []byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, 2*len(b))[:at+2*len(b)]
	out := dst[at:]
	for i, c := range b {
		p := &pairs[c]
		out[2*i+1], out[2*i] = p[1], p[0]
	}
	return dst
}

// appendHexNumber writes "0x" and n digits, in quotes.
func appendHexNumber(dst []byte, v uint64, n int) []byte {
	dst = append(dst, '"', '0', 'x')
	for n--; n >= 0; n-- {
		dst = append(dst, digits[v>>(4*n)&15])
	}
	return append(dst, '"')
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

// appendUint writes a number in decimal digits. A line has some twenty of them:
// this takes half the instructions of strconv, and divides 64 bits only for numbers beyond 32.
func appendUint(dst []byte, v uint64) []byte {
	if v < 10 { // as most are
		return append(dst, '0'+byte(v))
	}
	return appendLong(dst, v)
}

func appendLong(dst []byte, v uint64) []byte {
	if v < 100 {
		p := &decimal[v]
		return append(dst, p[0], p[1])
	}
	if v > math.MaxUint32 {
		high := v / 1e8
		low := uint32(v - high*1e8)
		return appendFour(appendFour(appendLong(dst, high), low/1e4), low%1e4)
	}
	n := uint32(v)
	switch {
	case n >= 1e8:
		low := n % 1e8
		return appendFour(appendFour(appendFew(dst, n/1e8), low/1e4), low%1e4)
	case n >= 1e4:
		return appendFour(appendFew(dst, n/1e4), n%1e4)
	}
	return appendFew(dst, n)
}

// appendFew writes a number below 10000.
func appendFew(dst []byte, n uint32) []byte {
	switch {
	case n < 10:
		return append(dst, '0'+byte(n))
	case n < 100:
		p := &decimal[n&127]
		return append(dst, p[0], p[1])
	case n < 1000:
		p := &decimal[n%100&127]
		return append(dst, '0'+byte(n/100), p[0], p[1])
	}
	return appendFour(dst, n)
}

// appendFour writes a number below 10000 in four digits.
func appendFour(dst []byte, n uint32) []byte {
	p, q := &decimal[n/100&127], &decimal[n%100&127]
	return append(dst, p[0], p[1], q[0], q[1])
}

// decimal are the two digits of each number below 100.
var decimal = func() (t [128][2]byte) {
	for n := range 100 {
		t[n] = [2]byte{'0' + byte(n/10), '0' + byte(n%10)}
	}
	return
}()

// appendTenths writes v / 10 with one digit after the point.
func appendTenths(dst []byte, v uint64) []byte {
	whole := v / 10
	return append(appendUint(dst, whole), '.', '0'+byte(v-whole*10))
}

// appendDecimal writes v / 10^places, with at least one digit after the point
// and no needless zeros.
func appendDecimal(dst []byte, v uint64, places int) []byte {
	scale := uint64(1)
	for range places {
		scale *= 10
	}
	dst = append(appendUint(dst, v/scale), '.')
	for rest := v % scale; ; {
		scale /= 10
		dst = append(dst, '0'+byte(rest/scale))
		if rest %= scale; rest == 0 {
			return dst
		}
	}
}

// appendMAC writes a hardware address in lower-case colon form, in quotes.
func appendMAC(dst []byte, m [6]byte) []byte {
	const empty = `"00:00:00:00:00:00"`
	at := len(dst)
	dst = append(dst, empty...)
	p := (*[len(empty)]byte)(dst[at:])
	*(*[2]byte)(p[1:]) = pairs[m[0]]
	*(*[2]byte)(p[4:]) = pairs[m[1]]
	*(*[2]byte)(p[7:]) = pairs[m[2]]
	*(*[2]byte)(p[10:]) = pairs[m[3]]
	*(*[2]byte)(p[13:]) = pairs[m[4]]
	*(*[2]byte)(p[16:]) = pairs[m[5]]
	return dst
}

// appendIP writes an address in quotes: dotted, or as in RFC 5952. IPv4 is in
// the first four bytes.
func appendIP(dst []byte, version uint8, a [16]byte) []byte {
	dst = append(dst, '"')
	if version == 6 {
		dst = netip.AddrFrom16(a).AppendTo(dst)
	} else {
		for _, c := range a[:4] {
			o := &octets[c]
			dst = append(dst, o.text[0], o.text[1], o.text[2], o.text[3])[:len(dst)+o.size]
		}
		dst = dst[:len(dst)-1] // the last point
	}
	return append(dst, '"')
}

// octets are the numbers of a dotted address, each with a point.
var octets = func() (t [256]struct {
	size int
	text [4]byte
}) {
	for n := range t {
		t[n].size = copy(t[n].text[:], append(appendFew(nil, uint32(n)), '.'))
	}
	return
}()

func address(v6 bool, b []byte) netip.Addr {
	if v6 {
		return netip.AddrFrom16([16]byte(b))
	}
	return netip.AddrFrom4([4]byte(b))
}

// milliseconds of a packet's time; never negative.
func milliseconds(ns int64) uint64 { return uint64(max(ns, 0)) / 1e6 }
