package quiccrypto

import (
	"crypto/aes"
	"math/rand"
	"testing"
)

func TestEncryptBlock256(t *testing.T) {
	rng := rand.New(rand.NewSource(7))
	for range 200 {
		var key [32]byte
		var block, want [16]byte
		rng.Read(key[:])
		rng.Read(block[:])
		c, err := aes.NewCipher(key[:])
		if err != nil {
			t.Fatal(err)
		}
		c.Encrypt(want[:], block[:])
		if EncryptBlock256(&key, &block); block != want {
			t.Fatalf("%x, want %x", block, want)
		}
	}
}
