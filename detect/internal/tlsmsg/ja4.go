package tlsmsg

import (
	"crypto/sha256"

	"netifyd/core/wire"
)

// Limits of what is sorted for a JA4; a hello with more has none.
const (
	usualValues   = 128 // half of it ciphers
	usualText     = 512
	maxCiphers    = 512
	maxExtensions = 128
)

// JA4Size is the length of a JA4.
const JA4Size = 36

// JA4 is the client fingerprint that FoxIO publishes under the BSD licence
// (github.com/FoxIO-LLC/ja4, technical_details/JA4.md). carrier is 't' for
// TCP, 'q' for QUIC, 'd' for DTLS. False where the hello is not whole.
func (h *ClientHello) JA4(carrier byte) (out [JA4Size]byte, ok bool) {
	if !h.Whole {
		return out, false
	}
	// To clear all that the longest hello needs would take longer than the rest.
	var values [usualValues]uint16
	var text [usualText]byte
	if ok = h.ja4(carrier, values[:usualValues/2], values[usualValues/2:], text[:], &out); !ok {
		var ciphers [maxCiphers]uint16
		var extensions [maxExtensions]uint16
		var text [maxCiphers * 5]byte
		ok = h.ja4(carrier, ciphers[:], extensions[:], text[:], &out)
	}
	return out, ok
}

// ja4 works in memory of its caller; false where that is too small.
func (h *ClientHello) ja4(carrier byte, ciphers, extensions []uint16, text []byte, out *[JA4Size]byte) bool {
	nc, ok1 := collect(ciphers, h.Ciphers)
	all, ne, ok2 := h.collectExtensions(extensions)
	if !ok1 || !ok2 {
		return false
	}
	out[0] = carrier
	version := ja4Version(h.highest())
	out[1], out[2] = version[0], version[1]
	out[3] = 'i'
	if _, found := h.Extensions.Find(extServerName); found {
		out[3] = 'd'
	}
	putTwo(out[4:], nc)
	putTwo(out[6:], all)
	out[8], out[9] = h.ja4Protocol()
	out[10], out[23] = '_', '_'

	order(ciphers[:nc])
	order(extensions[:ne])
	t := hexText{buf: text}
	t.list(ciphers[:nc])
	t.digest(out[11:23])
	t.n = 0
	t.list(extensions[:ne])
	if body, found := h.Extensions.Find(extSignatures); found && ne > 0 {
		c := wire.New(body)
		t.signatures(c.Vec16())
	}
	t.digest(out[24:36])
	return !t.full
}

// order sorts (Shell's method, with Ciura's gaps): a dozen values or two, of
// one type, for which package slices has 6 KB of code.
func order(v []uint16) {
	for _, gap := range [...]int{132, 57, 23, 10, 4, 1} {
		for i := gap; i < len(v); i++ {
			x, k := v[i], i
			for ; k >= gap && v[k-gap] > x; k -= gap {
				v[k] = v[k-gap]
			}
			v[k] = x
		}
	}
}

func collect(into []uint16, b []byte) (n int, ok bool) {
	for ; len(b) >= 2; b = b[2:] {
		v := uint16(b[0])<<8 | uint16(b[1])
		if isGREASE(v) {
			continue
		}
		if n == len(into) {
			return 0, false
		}
		into[n] = v
		n++
	}
	return n, true
}

// collectExtensions counts all extensions and keeps those that are part of
// the digest: all but the host name and ALPN.
func (h *ClientHello) collectExtensions(into []uint16) (all, n int, ok bool) {
	for e := h.Extensions; ; {
		typ, _, rest, more := e.Next()
		if !more {
			return all, n, true
		}
		e = rest
		if isGREASE(typ) {
			continue
		}
		all++
		if typ == extServerName || typ == extALPN {
			continue
		}
		if n == len(into) {
			return 0, 0, false
		}
		into[n] = typ
		n++
	}
}

// highest is the newest version that the client offers.
func (h *ClientHello) highest() uint16 {
	body, found := h.Extensions.Find(extVersions)
	if !found {
		return h.Version
	}
	c := wire.New(body)
	best, dtls := uint16(0), uint16(0xffff)
	for list := wire.New(c.Vec8()); list.Len() >= 2; {
		v := list.U16()
		switch {
		case isGREASE(v):
		case v>>8 == 0xfe: // DTLS counts down
			dtls = min(dtls, v)
		default:
			best = max(best, v)
		}
	}
	if dtls != 0xffff {
		return dtls
	}
	return best
}

func ja4Version(v uint16) string {
	switch v {
	case 0x0304:
		return "13"
	case 0x0303:
		return "12"
	case 0x0302:
		return "11"
	case 0x0301:
		return "10"
	case 0x0300:
		return "s3"
	case 0x0002:
		return "s2"
	case 0xfeff:
		return "d1"
	case 0xfefd:
		return "d2"
	case 0xfefc:
		return "d3"
	}
	return "00"
}

func putTwo(b []byte, n int) {
	n = min(n, 99)
	b[0], b[1] = '0'+byte(n/10), '0'+byte(n%10)
}

// ja4Protocol is the first and last character of the first ALPN name, of its
// hexadecimal digits where one of them is neither letter nor digit.
func (h *ClientHello) ja4Protocol() (first, last byte) {
	name, _ := NextProtocol(h.Extensions.Protocols())
	if len(name) == 0 {
		return '0', '0'
	}
	first, last = name[0], name[len(name)-1]
	if !isAlnum(first) || !isAlnum(last) {
		return digits[first>>4], digits[last&15]
	}
	return first, last
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

const digits = "0123456789abcdef"

// hexText is a list of four-digit numbers with commas between them, in a buffer of its caller.
type hexText struct {
	buf  []byte
	n    int
	full bool
}

// add appends a number behind sep; 0: nothing stands before it.
func (t *hexText) add(sep byte, v uint16) {
	if len(t.buf)-t.n < 5 {
		t.full = true
		return
	}
	if sep != 0 {
		t.buf[t.n] = sep
		t.n++
	}
	b := t.buf[t.n : t.n+4]
	b[0], b[1], b[2], b[3] = digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15]
	t.n += 4
}

func (t *hexText) list(values []uint16) {
	sep := byte(0)
	for _, v := range values {
		t.add(sep, v)
		sep = ','
	}
}

// signatures adds the algorithms in the client's order, behind an underscore.
func (t *hexText) signatures(b []byte) {
	for sep := byte('_'); len(b) >= 2; b = b[2:] {
		if v := uint16(b[0])<<8 | uint16(b[1]); !isGREASE(v) {
			t.add(sep, v)
			sep = ','
		}
	}
}

// digest writes the first twelve hexadecimal digits of the SHA-256; zeros where there is no text.
func (t *hexText) digest(out []byte) {
	if t.n == 0 {
		copy(out, "000000000000")
		return
	}
	sum := sha256.Sum256(t.buf[:t.n])
	for i := range 6 {
		out[2*i], out[2*i+1] = digits[sum[i]>>4], digits[sum[i]&15]
	}
}
