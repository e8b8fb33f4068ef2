package digest

import (
	"crypto/md5"
	"crypto/sha1"
	"testing"
)

func TestMemo(t *testing.T) {
	sha, md := new(Memo), new(Memo)
	for round := range 3 {
		for i := range 500 { // more than they remember
			b := []byte{0x30, byte(i), byte(i >> 8), byte(i * 7)}[:i%5]
			if got := sha.SHA1(b); got != sha1.Sum(b) {
				t.Fatalf("round %d, %d: SHA-1 %x", round, i, got)
			}
			if got := md.MD5(b); got != md5.Sum(b) {
				t.Fatalf("round %d, %d: MD5 %x", round, i, got)
			}
			if _, known := sha.find(b); !known {
				t.Fatalf("round %d, %d: forgotten at once", round, i)
			}
		}
	}
	if n := testing.AllocsPerRun(100, func() { sha.SHA1([]byte("a certificate")) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
