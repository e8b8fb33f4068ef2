package quiccrypto

import (
	"crypto/subtle"
	"encoding/binary"
)

// TagSize is the length of the tag at the end of a protected packet.
const TagSize = 16

// element of GF(2^128) in GCM's order of bits: hi holds the first eight bytes,
// and the top bit is the coefficient of x^0.
type element struct{ hi, lo uint64 }

// ghash is the universal hash of GCM (NIST SP 800-38D, section 6.4) with
// products of its key by all four-bit values.
type ghash struct {
	table [16]element
	sum   element
}

// reduce[r] is what the four bits r that are shifted out at the end bring back at the front.
var reduce [16]uint64

func init() {
	for r := range reduce {
		v := uint64(0)
		for bit := range 4 {
			if r>>bit&1 != 0 {
				v ^= uint64(0xe1) << 56 >> (3 - bit)
			}
		}
		reduce[r] = v
	}
}

func (g *ghash) init(k *aesKey) {
	var h [16]byte
	k.encrypt(&h, &h)
	// The top bit of a nibble is the lowest power of x.
	v := element{binary.BigEndian.Uint64(h[:]), binary.BigEndian.Uint64(h[8:])}
	g.sum = element{}
	g.table[0] = element{}
	g.table[8] = v
	for i := 4; i > 0; i >>= 1 {
		carry := v.lo & 1
		v.lo = v.lo>>1 | v.hi<<63
		v.hi = v.hi>>1 ^ carry*(0xe1<<56)
		g.table[i] = v
	}
	for i := 2; i < 16; i <<= 1 {
		for j := 1; j < i; j++ {
			g.table[i+j] = element{g.table[i].hi ^ g.table[j].hi, g.table[i].lo ^ g.table[j].lo}
		}
	}
}

// block adds 16 bytes.
func (g *ghash) block(hi, lo uint64) {
	hi ^= g.sum.hi
	lo ^= g.sum.lo
	var z element
	for _, word := range [2]uint64{lo, hi} {
		for range 16 {
			out := z.lo & 15
			z.lo = z.lo>>4 | z.hi<<60
			z.hi = z.hi>>4 ^ reduce[out]
			t := &g.table[word&15]
			z.hi ^= t.hi
			z.lo ^= t.lo
			word >>= 4
		}
	}
	g.sum = z
}

// write adds b, filled up with zeros to a whole block.
func (g *ghash) write(b []byte) {
	for ; len(b) >= 16; b = b[16:] {
		g.block(binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]))
	}
	if len(b) > 0 {
		var last [16]byte
		copy(last[:], b)
		g.block(binary.BigEndian.Uint64(last[:]), binary.BigEndian.Uint64(last[8:]))
	}
}

// genuine says that the tag at the end of sealed is right (NIST SP 800-38D,
// section 7.2, steps 5 to 8).
func genuine(k *aesKey, nonce *[12]byte, header, sealed []byte) bool {
	text, tag := sealed[:len(sealed)-TagSize], sealed[len(sealed)-TagSize:]
	var g ghash
	g.init(k)
	g.write(header)
	g.write(text)
	g.block(uint64(len(header))*8, uint64(len(text))*8)

	var counter, pad [16]byte
	copy(counter[:], nonce[:])
	counter[15] = 1
	k.encrypt(&pad, &counter)
	return binary.BigEndian.Uint64(tag)^binary.BigEndian.Uint64(pad[:]) == g.sum.hi &&
		binary.BigEndian.Uint64(tag[8:])^binary.BigEndian.Uint64(pad[8:]) == g.sum.lo
}

// decrypt writes the text of sealed to dst, which has room for it (NIST SP
// 800-38D, section 7.2, step 4). Both begin at a place in the packet's text that is a
// multiple of 16. It knows nothing of the tag.
func decrypt(k *aesKey, nonce *[12]byte, sealed, dst []byte, place int) {
	var counters, pad [64]byte
	for i := 0; i < len(counters); i += 16 {
		copy(counters[i:], nonce[:])
	}
	for n := uint32(place/16 + 2); len(sealed) > 0; n += 4 {
		for i := range 4 {
			binary.BigEndian.PutUint32(counters[16*i+12:], n+uint32(i))
		}
		k.encrypt4(&pad, &counters, len(sealed))
		if len(sealed) < len(pad) {
			subtle.XORBytes(dst, sealed, pad[:])
			return
		}
		for i := 0; i < len(pad); i += 8 {
			binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(sealed[i:])^binary.LittleEndian.Uint64(pad[i:]))
		}
		dst, sealed = dst[len(pad):], sealed[len(pad):]
	}
}
