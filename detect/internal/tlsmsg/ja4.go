package tlsmsg

import (
	"crypto/sha256"
	"slices"

	"netifyd/core/wire"
)

// Limits of what is sorted for a JA4; a hello with more has none.
const (
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
	var ciphers [maxCiphers]uint16
	var extensions [maxExtensions]uint16
	nc, ok1 := collect(ciphers[:], h.Ciphers)
	all, ne, ok2 := h.collectExtensions(extensions[:])
	if !ok1 || !ok2 {
		return out, false
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

	slices.Sort(ciphers[:nc])
	slices.Sort(extensions[:ne])
	var t hexText
	t.list(ciphers[:nc])
	t.digest(out[11:23])
	t.n = 0
	t.list(extensions[:ne])
	if body, found := h.Extensions.Find(extSignatures); found && ne > 0 {
		c := wire.New(body)
		t.signatures(c.Vec16())
	}
	t.digest(out[24:36])
	return out, !t.full
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

// hexText is a list of four-digit numbers with commas between them.
type hexText struct {
	buf  [maxCiphers * 5]byte
	n    int
	full bool
}

func (t *hexText) add(v uint16) {
	if t.n+4 > len(t.buf) {
		t.full = true
		return
	}
	t.buf[t.n] = digits[v>>12]
	t.buf[t.n+1] = digits[v>>8&15]
	t.buf[t.n+2] = digits[v>>4&15]
	t.buf[t.n+3] = digits[v&15]
	t.n += 4
}

func (t *hexText) byte(c byte) {
	if t.n == len(t.buf) {
		t.full = true
		return
	}
	t.buf[t.n] = c
	t.n++
}

func (t *hexText) list(values []uint16) {
	for i, v := range values {
		if i > 0 {
			t.byte(',')
		}
		t.add(v)
	}
}

// signatures adds the algorithms in the client's order, behind an underscore.
func (t *hexText) signatures(b []byte) {
	sep := byte('_')
	for c := wire.New(b); c.Len() >= 2; {
		if v := c.U16(); !isGREASE(v) {
			t.byte(sep)
			t.add(v)
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
