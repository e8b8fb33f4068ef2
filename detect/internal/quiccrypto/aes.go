// Package quiccrypto opens QUIC Initial packets, whose keys follow from what
// is in the clear (RFC 9001, section 5). It works on the caller's memory and
// never allocates, which crypto/aes does for every key. All keys here are
// public, so nothing needs to run in constant time.
package quiccrypto

import (
	"encoding/binary"
	"math/bits"
)

// aesKey is the expanded key of AES-128 (FIPS 197, section 5.2), as whichever
// of the two ciphers here wants it: as words, or where the processor has AES as
// the bytes of FIPS 197.
type aesKey [44]uint32

// Tables of FIPS 197: the S-box, and the S-box followed by MixColumns for each
// byte of a column. The last three could be had by rotating the first, at twice
// the instructions, and more where a processor has no rotation (MIPS32).
var (
	sbox [256]byte
	mix  [4][256]uint32
)

func init() {
	// Walk the field by the generator 3 and its inverse at once.
	p, q := byte(1), byte(1)
	for {
		p ^= double(p)
		q ^= q << 1
		q ^= q << 2
		q ^= q << 4
		if q&0x80 != 0 {
			q ^= 0x09
		}
		sbox[p] = q ^ rotate(q, 1) ^ rotate(q, 2) ^ rotate(q, 3) ^ rotate(q, 4) ^ 0x63
		if p == 1 {
			break
		}
	}
	sbox[0] = 0x63
	for i, s := range sbox {
		d := double(s)
		w := uint32(d)<<24 | uint32(s)<<16 | uint32(s)<<8 | uint32(d^s)
		for n := range mix {
			mix[n][i] = w
			w = w>>8 | w<<24
		}
	}
}

// double multiplies by x in GF(2^8).
func double(b byte) byte {
	if b&0x80 != 0 {
		return b<<1 ^ 0x1b
	}
	return b << 1
}

func rotate(b byte, n int) byte { return b<<n | b>>(8-n) }

func subWord(w uint32) uint32 {
	return uint32(sbox[w>>24])<<24 | uint32(sbox[w>>16&0xff])<<16 | uint32(sbox[w>>8&0xff])<<8 | uint32(sbox[w&0xff])
}

func (k *aesKey) expand(key *[16]byte) {
	k.expandWords(key)
	if hasAES {
		for i, w := range k {
			k[i] = bits.ReverseBytes32(w)
		}
	}
}

func (k *aesKey) expandWords(key *[16]byte) {
	a, b, c, d := binary.BigEndian.Uint32(key[0:]), binary.BigEndian.Uint32(key[4:]), binary.BigEndian.Uint32(key[8:]), binary.BigEndian.Uint32(key[12:])
	k[0], k[1], k[2], k[3] = a, b, c, d
	round := byte(1)
	for i := 4; i < len(k)-3; i += 4 {
		a ^= subWord(d<<8|d>>24) ^ uint32(round)<<24
		b ^= a
		c ^= b
		d ^= c
		k[i], k[i+1], k[i+2], k[i+3] = a, b, c, d
		round = double(round)
	}
}

// encrypt is the cipher (FIPS 197, section 5.1) on one block.
func (k *aesKey) encrypt(dst, src *[16]byte) {
	var blocks [64]byte
	copy(blocks[:], src[:])
	k.encrypt4(&blocks, &blocks, len(src))
	copy(dst[:], blocks[:])
}

// encrypt4 is encrypt on four blocks; those behind the first n bytes may be left out.
func (k *aesKey) encrypt4(dst, src *[64]byte, n int) {
	if hasAES {
		encryptAES(k, dst, src)
		return
	}
	for i := 0; i < min(n, len(src)); i += 16 {
		k.encryptWords((*[16]byte)(dst[i:]), (*[16]byte)(src[i:]))
	}
}

func (k *aesKey) encryptWords(dst, src *[16]byte) {
	a := binary.BigEndian.Uint32(src[0:]) ^ k[0]
	b := binary.BigEndian.Uint32(src[4:]) ^ k[1]
	c := binary.BigEndian.Uint32(src[8:]) ^ k[2]
	d := binary.BigEndian.Uint32(src[12:]) ^ k[3]
	i := 4
	for ; i < 40; i += 4 {
		a, b, c, d = column(a, b, c, d)^k[i], column(b, c, d, a)^k[i+1], column(c, d, a, b)^k[i+2], column(d, a, b, c)^k[i+3]
	}
	binary.BigEndian.PutUint32(dst[0:], last(a, b, c, d)^k[40])
	binary.BigEndian.PutUint32(dst[4:], last(b, c, d, a)^k[41])
	binary.BigEndian.PutUint32(dst[8:], last(c, d, a, b)^k[42])
	binary.BigEndian.PutUint32(dst[12:], last(d, a, b, c)^k[43])
}

// column is SubBytes, ShiftRows and MixColumns for one column.
func column(a, b, c, d uint32) uint32 {
	return mix[0][a>>24] ^ mix[1][b>>16&0xff] ^ mix[2][c>>8&0xff] ^ mix[3][d&0xff]
}

// last is SubBytes and ShiftRows for one column.
func last(a, b, c, d uint32) uint32 {
	return uint32(sbox[a>>24])<<24 | uint32(sbox[b>>16&0xff])<<16 | uint32(sbox[c>>8&0xff])<<8 | uint32(sbox[d&0xff])
}
