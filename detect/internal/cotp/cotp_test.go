package cotp

import (
	"encoding/hex"
	"testing"
)

func bytes(t *testing.T, digits string) []byte {
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestData(t *testing.T) {
	request := "0300001611e00000000100c0010ac1020100c2020102"
	for _, c := range []struct {
		in    string
		user  string
		whole bool
		state State
	}{
		{"", "", false, Short},
		{"04", "", false, Bad},
		{"0301", "", false, Bad},
		{request, "", false, Short},
		{request + "0300000902f0803207", "3207", true, OK},
		{request + "0300000a02f0803207", "3207", false, OK},
		{request + "0300000702f0800300000802f08055", "55", true, OK},
		{"0300000902f1803207", "3207", true, OK},
		{"0300000903f0803207", "", false, Bad},
		{"0300000502f080", "", false, Bad},
		{"03000007027080", "", false, Bad},
	} {
		user, whole, state := Data(bytes(t, c.in))
		if hex.EncodeToString(user) != c.user || whole != c.whole || state != c.state {
			t.Errorf("%s: %x %v %v, want %s %v %v", c.in, user, whole, state, c.user, c.whole, c.state)
		}
	}
}

func TestDataPrefixes(t *testing.T) {
	b := bytes(t, "0300001611e00000000100c0010ac1020100c20201020300000902f0803207")
	for n := range b {
		if _, _, s := Data(b[:n]); s == Bad {
			t.Errorf("bad after %d bytes", n)
		}
	}
}

func FuzzData(f *testing.F) {
	f.Add([]byte("\x03\x00\x00\x09\x02\xf0\x80\x32\x07"))
	f.Fuzz(func(t *testing.T, b []byte) {
		user, whole, s := Data(b)
		if s == OK && len(user) == 0 || s != OK && (user != nil || whole) {
			t.Errorf("%x: %x %v %v", b, user, whole, s)
		}
	})
}
