package detect

import (
	"crypto/aes"
	"math/rand"
	"testing"
)

func TestAES256(t *testing.T) {
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
		if aes256(key[:], &block); block != want {
			t.Fatalf("%x, want %x", block, want)
		}
	}
	if a := testing.AllocsPerRun(10, func() { var b [16]byte; aes256(make([]byte, 32), &b) }); a != 0 {
		t.Errorf("%v allocations", a)
	}
}
