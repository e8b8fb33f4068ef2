package detect

import (
	"crypto/sha1"
	"testing"
)

func TestCertMemo(t *testing.T) {
	m := new(certMemo)
	for round := range 3 {
		for i := range 500 { // more than it remembers
			der := []byte{0x30, byte(i), byte(i >> 8), byte(i * 7)}
			if got := m.fingerprint(der); got != sha1.Sum(der) {
				t.Fatalf("round %d, certificate %d: %x", round, i, got)
			}
		}
	}
}
