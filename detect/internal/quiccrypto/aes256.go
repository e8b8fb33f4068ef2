package quiccrypto

import "encoding/binary"

// EncryptBlock256 enciphers one block in place with AES-256 (FIPS 197). It is
// for detectors that open a single block: the key is expanded on the way.
func EncryptBlock256(key *[32]byte, block *[16]byte) {
	const words, rounds = 8, 14
	var k [4 * (rounds + 1)]uint32
	round := byte(1)
	for i := range k {
		if i < words {
			k[i] = binary.BigEndian.Uint32(key[4*i:])
			continue
		}
		t := k[i-1]
		switch i % words {
		case 0:
			t = subWord(t<<8|t>>24) ^ uint32(round)<<24
			round = double(round)
		case words / 2:
			t = subWord(t)
		}
		k[i] = k[i-words] ^ t
	}
	a := binary.BigEndian.Uint32(block[0:]) ^ k[0]
	b := binary.BigEndian.Uint32(block[4:]) ^ k[1]
	c := binary.BigEndian.Uint32(block[8:]) ^ k[2]
	d := binary.BigEndian.Uint32(block[12:]) ^ k[3]
	i := 4
	for ; i < 4*rounds; i += 4 {
		a, b, c, d = column(a, b, c, d)^k[i], column(b, c, d, a)^k[i+1], column(c, d, a, b)^k[i+2], column(d, a, b, c)^k[i+3]
	}
	binary.BigEndian.PutUint32(block[0:], last(a, b, c, d)^k[i])
	binary.BigEndian.PutUint32(block[4:], last(b, c, d, a)^k[i+1])
	binary.BigEndian.PutUint32(block[8:], last(c, d, a, b)^k[i+2])
	binary.BigEndian.PutUint32(block[12:], last(d, a, b, c)^k[i+3])
}
