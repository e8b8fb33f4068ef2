package attr

import (
	"bytes"
	"testing"
)

func TestEveryKeyIsDescribedInOrder(t *testing.T) {
	seen := map[string]bool{}
	for k := Key(1); k < numKeys; k++ {
		i := k.Info()
		if (i.Name == "") != (k == Risks) || i.Limit == 0 {
			t.Errorf("key %d has no name or no limit", k)
		}
		if seen[i.Group+"."+i.Name] {
			t.Errorf("%s.%s twice", i.Group, i.Name)
		}
		seen[i.Group+"."+i.Name] = true
	}
}

func TestValues(t *testing.T) {
	var s Set
	s.PutString(TLSSNI, "example.org")
	s.PutUint(TLSVersion, 0x0304)
	s.PutString(TLSALPN, "h2")
	s.PutString(DNSQuery, "between")
	s.Put(TLSALPN, []byte("http/1.1"))
	if !bytes.Equal(s.Get(TLSSNI), []byte("example.org")) {
		t.Errorf("sni %q", s.Get(TLSSNI))
	}
	if n, ok := s.Number(TLSVersion); !ok || n != 0x0304 {
		t.Errorf("version %#x %v", n, ok)
	}
	var got []string
	for v, at := s.Next(TLSALPN, 0); at != 0; v, at = s.Next(TLSALPN, at) {
		got = append(got, string(v))
	}
	if len(got) != 2 || got[0] != "h2" || got[1] != "http/1.1" {
		t.Errorf("alpn %q", got)
	}
	s.PutString(TLSSNI, "later.example")
	if string(s.Get(TLSSNI)) != "later.example" {
		t.Errorf("a second Put must replace, got %q", s.Get(TLSSNI))
	}
	s.Reset()
	if s.Has(TLSSNI) || !s.Empty() || s.Get(TLSALPN) != nil {
		t.Error("Reset must forget")
	}
}

func TestFullSetLeavesOut(t *testing.T) {
	var s Set
	long := make([]byte, 1000)
	for i := 0; i < 100; i++ {
		s.Put(TLSSANs, long)
	}
	s.PutString(TLSSNI, "no room")
	if packed := s.AppendPacked(nil); len(packed) > Size {
		t.Errorf("%d bytes packed, Size is %d", len(packed), Size)
	}
	n := 0
	for v, at := s.Next(TLSSANs, 0); at != 0; v, at = s.Next(TLSSANs, at) {
		if len(v) != TLSSANs.Info().Limit {
			t.Errorf("length %d", len(v))
		}
		n++
	}
	if n != Size/(header+255) {
		t.Errorf("%d values kept", n)
	}
}

func BenchmarkPut(b *testing.B) {
	var s Set
	for b.Loop() {
		s.Reset()
		s.PutString(TLSSNI, "example.org")
		s.PutUint(TLSVersion, 0x0304)
	}
}
