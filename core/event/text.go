package event

import (
	"net/netip"
	"slices"
	"strconv"
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
	dst = append(dst, s[from:]...)
	return append(dst, '"')
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
	for i, c := range b {
		*(*[2]byte)(dst[at+2*i:]) = pairs[c]
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

func appendUint(dst []byte, v uint64) []byte {
	if v < 10 { // as most are
		return append(dst, '0'+byte(v))
	}
	return strconv.AppendUint(dst, v, 10)
}

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
	at := len(dst)
	dst = append(dst, `"00:00:00:00:00:00"`...)
	for i, c := range m {
		*(*[2]byte)(dst[at+1+3*i:]) = pairs[c]
	}
	return dst
}

// appendIP writes an address in quotes: dotted, or as in RFC 5952. IPv4 is in
// the first four bytes.
func appendIP(dst []byte, version uint8, a [16]byte) []byte {
	dst = append(dst, '"')
	dst = address(version == 6, a[:]).AppendTo(dst)
	return append(dst, '"')
}

func address(v6 bool, b []byte) netip.Addr {
	if v6 {
		return netip.AddrFrom16([16]byte(b))
	}
	return netip.AddrFrom4([4]byte(b))
}

// milliseconds of a packet's time; never negative.
func milliseconds(ns int64) uint64 { return uint64(max(ns, 0)) / 1e6 }
