package attr

import (
	"bytes"
	"testing"
)

func filled() *Set {
	s := new(Set)
	s.PutString(TLSSNI, "www.example.org")
	s.PutString(HostName, "www.example.org")
	s.PutUint(TLSVersion, 0x0304)
	s.PutUint(TLSNotAfter, 0)
	s.PutString(TLSALPN, "h2")
	s.PutString(TLSALPN, "http/1.1")
	s.Put(TLSJA3, bytes.Repeat([]byte{7}, 16))
	return s
}

func TestPackedComesBack(t *testing.T) {
	s := filled()
	var got Set
	got.Unpack(append(s.AppendPacked(nil), 0, 0, 0))
	for k := Key(1); k < numKeys; k++ {
		a, b := 0, 0
		for {
			var v, w []byte
			v, a = s.Next(k, a)
			w, b = got.Next(k, b)
			if !bytes.Equal(v, w) || (a == 0) != (b == 0) {
				t.Errorf("%s: %x came back as %x", k.Info().Name, v, w)
			}
			if a == 0 || b == 0 {
				break
			}
		}
	}
}

func TestOneNumberOfPacked(t *testing.T) {
	for _, want := range []uint64{0, 1, 255, 256, 1 << 47, 1<<64 - 1} {
		var s Set
		s.PutString(HostName, "www.example.org")
		s.PutUint(Risks, want)
		s.PutUint(TLSVersion, 0x0304)
		b := s.AppendPacked(nil)
		if got := PackedNumber(b, Risks); got != want {
			t.Errorf("%x came back as %x", want, got)
		}
		if got := PackedNumber(b, TLSCipher); got != 0 {
			t.Errorf("a key that is not there is %x", got)
		}
	}
}

func TestOneKeyOfPacked(t *testing.T) {
	b := filled().AppendPacked(nil)
	for key, want := range map[Key]string{HostName: "www.example.org", TLSALPN: "h2", HTTPUserAgent: ""} {
		if got := Packed(b, key); string(got) != want {
			t.Errorf("%s: %q, want %q", key.Info().Name, got, want)
		}
	}
	for n := range b {
		Packed(b[:n], HTTPUserAgent)
	}
}

func TestBudgetKeepsTheHost(t *testing.T) {
	packed := Cut(filled().AppendPacked(nil), 30)
	if len(packed) > 30 {
		t.Fatalf("%d bytes", len(packed))
	}
	var got Set
	got.Unpack(packed)
	if string(got.Get(HostName)) != "www.example.org" {
		t.Errorf("host %q", got.Get(HostName))
	}
	if got.Has(TLSJA3) {
		t.Error("the fingerprint does not fit into 30 bytes")
	}
}

func TestCutEndsWithAWholeValue(t *testing.T) {
	s := filled()
	for n := range 12 {
		s.PutString(TLSSANs, "a.long.name.of.a.host.example.org"[:3*n])
	}
	whole := s.AppendPacked(nil)
	var ends []int // of values
	for at := 0; at < len(whole); at += 2 + int(whole[at+1]) {
		ends = append(ends, at)
	}
	ends = append(ends, len(whole))
	for limit := range len(whole) + 2 {
		want := 0
		for _, end := range ends {
			if end <= limit {
				want = end
			}
		}
		if got := Cut(bytes.Clone(whole), limit); !bytes.Equal(got, whole[:want]) {
			t.Errorf("%d bytes: %q, want %q", limit, got, whole[:want])
		}
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(filled().AppendPacked(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var s Set
		s.Unpack(b)
	})
}
