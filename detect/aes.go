package detect

// aes256 enciphers one block in place with a key of 32 bytes (FIPS 197). The
// one of the standard library allocates its key schedule; this one lives on
// the stack, for detectors that open a block or two. It is no secret that is kept here.
func aes256(key []byte, block *[16]byte) {
	const words, rounds = 8, 14
	var w [4 * (rounds + 1)]uint32
	rcon := uint32(1)
	for i := range w {
		if i < words {
			w[i] = be32(key[4*i:])
			continue
		}
		t := w[i-1]
		switch i % words {
		case 0:
			t = aesSub(t<<8|t>>24) ^ rcon<<24
			rcon <<= 1
		case 4:
			t = aesSub(t)
		}
		w[i] = w[i-words] ^ t
	}
	s := block
	aesAdd(s, w[:4])
	for round := 1; ; round++ {
		var t [16]byte
		for i := range t { // SubBytes and ShiftRows
			t[i] = aesBox[s[(i+4*(i%4))%16]]
		}
		if round == rounds {
			*s = t
			aesAdd(s, w[4*round:])
			return
		}
		for c := 0; c < 16; c += 4 { // MixColumns
			all := t[c] ^ t[c+1] ^ t[c+2] ^ t[c+3]
			for r := range 4 {
				s[c+r] = t[c+r] ^ all ^ aesDouble(t[c+r]^t[c+(r+1)%4])
			}
		}
		aesAdd(s, w[4*round:])
	}
}

func aesAdd(s *[16]byte, w []uint32) {
	for i := range s {
		s[i] ^= byte(w[i/4] >> (24 - 8*(i%4)))
	}
}

func aesSub(w uint32) uint32 {
	return uint32(aesBox[w>>24])<<24 | uint32(aesBox[w>>16&0xff])<<16 | uint32(aesBox[w>>8&0xff])<<8 | uint32(aesBox[w&0xff])
}

func aesDouble(b byte) byte { return b<<1 ^ b>>7*0x1b }

var aesBox = aesMakeBox()

// aesMakeBox walks the field with the generator 3 and its inverse side by side.
func aesMakeBox() (box [256]byte) {
	p, q := byte(1), byte(1)
	for {
		p ^= aesDouble(p)
		q ^= q << 1
		q ^= q << 2
		q ^= q << 4
		q ^= q >> 7 * 0x09
		turn := func(n int) byte { return q<<n | q>>(8-n) }
		box[p] = q ^ turn(1) ^ turn(2) ^ turn(3) ^ turn(4) ^ 0x63
		if p == 1 {
			box[0] = 0x63
			return box
		}
	}
}
