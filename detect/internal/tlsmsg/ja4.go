package tlsmsg

import (
	"crypto/sha256"
	"math/bits"
	"math/rand/v2"

	"netifyd/core/wire"
)

// Limits of what is sorted for a JA4; a hello with more has none.
const (
	maxCiphers    = 512
	maxExtensions = 128
)

// JA4Size is the length of a JA4.
const JA4Size = 36

// JA4Memo remembers the two digests of JA4s: few programs make most hellos,
// and a digest takes ten times as long as finding it here. It belongs to one
// goroutine; the zero value is empty.
type JA4Memo struct {
	seed  uint64
	known [128]struct {
		key     uint64
		digests [25]byte
	}
}

// JA4 is the client fingerprint that FoxIO publishes under the BSD licence
// (github.com/FoxIO-LLC/ja4, technical_details/JA4.md). carrier is 't' for
// TCP, 'q' for QUIC, 'd' for DTLS. False where the hello is not whole.
func (h *ClientHello) JA4(carrier byte, memo *JA4Memo) (out [JA4Size]byte, ok bool) {
	if !h.Whole {
		return out, false
	}
	if memo.seed == 0 {
		memo.seed = rand.Uint64() | 1
	}
	ciphers, extensions, key := h.summary(memo.seed)
	out[0] = carrier
	version := ja4Version(h.highest())
	out[1], out[2] = version[0], version[1]
	out[3] = 'i'
	if _, found := h.Extensions.Find(extServerName); found {
		out[3] = 'd'
	}
	putTwo(out[4:], ciphers)
	putTwo(out[6:], extensions)
	out[8], out[9] = h.ja4Protocol()
	out[10] = '_'
	e := &memo.known[key%uint64(len(memo.known))]
	if e.key != key {
		if e.digests, ok = h.ja4Digests(); !ok {
			e.key = 0
			return out, false
		}
		e.key = key
	}
	copy(out[11:], e.digests[:])
	return out, true
}

// summary counts ciphers and extensions without GREASE, and makes a key of all
// that the digests are made of, whatever the order of what they sort.
func (h *ClientHello) summary(seed uint64) (ciphers, extensions int, key uint64) {
	key = seed // not 0, which is that of a free place
	for b := h.Ciphers; len(b) >= 2; b = b[2:] {
		if v := uint16(b[0])<<8 | uint16(b[1]); !isGREASE(v) {
			ciphers++
			key += scatter(seed, uint64(v))
		}
	}
	signed := false
	for e := h.Extensions; ; {
		typ, body, rest, more := e.Next()
		if !more {
			return ciphers, extensions, key
		}
		e = rest
		if isGREASE(typ) {
			continue
		}
		extensions++
		if typ == extServerName || typ == extALPN {
			continue
		}
		key += scatter(seed, 1<<16|uint64(typ))
		if typ == extSignatures && !signed { // the first one counts, as in Find
			signed = true
			chain := seed
			for ; len(body) >= 2; body = body[2:] {
				chain = scatter(seed, chain^(uint64(body[0])<<8|uint64(body[1])))
			}
			key += chain
		}
	}
}

// scatter spreads v over 64 bits, in a way that nobody outside can foresee.
func scatter(seed, v uint64) uint64 {
	hi, lo := bits.Mul64(v^seed, 0xe7037ed1a0b428db^seed<<1)
	return hi ^ lo
}

// ja4Digests are the digests of the ciphers and of the extensions, with an
// underscore between them.
func (h *ClientHello) ja4Digests() (out [25]byte, ok bool) {
	var ciphers [maxCiphers]uint16
	var extensions [maxExtensions]uint16
	nc, ok1 := collect(ciphers[:], h.Ciphers)
	ne, ok2 := h.collectExtensions(extensions[:])
	if !ok1 || !ok2 {
		return out, false
	}
	order(ciphers[:nc])
	order(extensions[:ne])
	var t hexText
	t.list(ciphers[:nc])
	t.digest(out[:12])
	out[12] = '_'
	t.n = 0
	t.list(extensions[:ne])
	if body, found := h.Extensions.Find(extSignatures); found && ne > 0 {
		c := wire.New(body)
		t.signatures(c.Vec16())
	}
	t.digest(out[13:])
	return out, !t.full
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

// collectExtensions keeps the extensions that are part of the digest: all but
// the host name and ALPN.
func (h *ClientHello) collectExtensions(into []uint16) (n int, ok bool) {
	for e := h.Extensions; ; {
		typ, _, rest, more := e.Next()
		if !more {
			return n, true
		}
		e = rest
		if isGREASE(typ) || typ == extServerName || typ == extALPN {
			continue
		}
		if n == len(into) {
			return 0, false
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
