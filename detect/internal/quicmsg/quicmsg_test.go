package quicmsg

import (
	"bytes"
	"math/rand"
	"testing"
)

func TestSpan(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	whole := make([]byte, 500)
	rng.Read(whole)
	for range 300 {
		s := Span{Room: make([]byte, 600)}
		have := make([]bool, len(whole))
		for range 60 {
			from := rng.Intn(len(whole))
			to := min(from+1+rng.Intn(40), len(whole))
			s.Add(from, whole[from:to])
			for i := from; i < to; i++ {
				have[i] = true
			}
		}
		n := 0
		for n < len(have) && have[n] {
			n++
		}
		if got := s.Bytes(); len(got) != n || !bytes.Equal(got, whole[:n]) {
			t.Fatalf("%d bytes without a gap, want %d", len(got), n)
		}
	}
}

// The first bytes that came stay: a later piece cannot rewrite them.
func TestSpanKeepsTheFirst(t *testing.T) {
	s := Span{Room: make([]byte, 8)}
	s.Add(2, []byte("cd"))
	s.Add(0, []byte("ABCDEFGHIJ"))
	if got := string(s.Bytes()); got != "ABcdEFGH" {
		t.Errorf("%q", got)
	}
	s.Add(100, []byte("x"))
	s.Add(-1, []byte("x"))
	s.Reset()
	if s.Bytes() != nil {
		t.Error("bytes after Reset")
	}
	for i := range 200 {
		s.Room = make([]byte, 1000)
		s.Add(2*i, []byte{1}) // more pieces apart than are remembered
	}
	if got := len(s.Bytes()); got != 1 {
		t.Errorf("%d bytes, want 1", got)
	}
}

func TestNext(t *testing.T) {
	body := make([]byte, 30)
	initial := append([]byte{0xc0, 0, 0, 0, 1, 4, 'd', 'c', 'i', 'd', 2, 's', 'c', 1, 'T', 30}, body...)
	handshake := append([]byte{0xe0, 0, 0, 0, 1, 4, 'd', 'c', 'i', 'd', 0, 0x40, 30}, body...)
	p, rest, ok := Next(append(bytes.Clone(initial), handshake...))
	if !ok || p.Type != Initial || p.Version != 1 || string(p.DCID) != "dcid" || string(p.SCID) != "sc" || p.Number != 16 || !bytes.Equal(p.Bytes, initial) || !p.Fixed {
		t.Errorf("%+v", p)
	}
	if p, rest, ok = Next(rest); !ok || p.Type != Handshake || p.Number != 13 || len(rest) != 0 {
		t.Errorf("%+v", p)
	}
	for n := range initial {
		if _, _, ok := Next(initial[:n:n]); ok {
			t.Errorf("a packet of %d bytes of %d", n, len(initial))
		}
	}
	v2 := bytes.Clone(initial)
	copy(v2, "\xd0\x6b\x33\x43\xcf")
	if p, _, ok := Next(v2); !ok || p.Type != Initial {
		t.Errorf("version 2: %+v", p)
	}
	long := bytes.Clone(initial)
	long[5] = 21
	if _, _, ok := Next(long); ok {
		t.Error("an identifier of 21 bytes")
	}
}

func TestNextCrypto(t *testing.T) {
	text := []byte{0, 1, 2, 5, 9, 1, 0, 1, 1, 3, 5, 9, 0, 0, 1, 2, 3, 6, 0x40, 7, 3, 'a', 'b', 'c', 0, 6, 1, 1, 'z', 0x1c, 6, 0, 1, 'n'}
	offset, data, rest, ok := NextCrypto(text, 1)
	if !ok || offset != 7 || string(data) != "abc" {
		t.Fatalf("%d %q %v", offset, data, ok)
	}
	offset, data, rest, ok = NextCrypto(rest, 1)
	if !ok || offset != 1 || string(data) != "z" {
		t.Fatalf("%d %q %v", offset, data, ok)
	}
	if _, _, _, ok = NextCrypto(rest, 1); ok {
		t.Error("a frame behind CONNECTION_CLOSE was read")
	}
}

func TestUserAgent(t *testing.T) {
	for _, c := range []struct{ name, params, want string }{
		{"numbers of variable length", "\x01\x02\x67\x10\x71\x29\x03abc", "abc"},
		{"behind a reserved one of eight bytes", "\xff\x11\x22\x33\x44\x55\x66\x77\x01x\x71\x29\x03abc", "abc"},
		{"numbers of two bytes", "\x00\x0c\x00\x01\x00\x01x\x31\x29\x00\x03abc", "abc"},
		{"none", "\x01\x02\x67\x10", ""},
		{"cut", "\x71\x29\x09abc", ""},
	} {
		if got := string(UserAgent([]byte(c.params))); got != c.want {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}

func FuzzPackets(f *testing.F) {
	f.Add([]byte("\xc0\x00\x00\x00\x01\x04dcid\x00\x00\x1e123456789012345678901234567890"))
	f.Add([]byte("\x0912345678Q043\x01123456789012\xa0\x01\x00\x04CHLO"))
	f.Add([]byte("\xc3Q046\x5012345678\x00\x00\x00\x01123456789012\xa4\x01\x04\x00\x00\x04CHLO"))
	f.Add([]byte("\x06\x00\x02ab\x00\x01\x06\x02\x01c"))
	f.Add([]byte("CHLO\x01\x00\x00\x00SNI\x00\x02\x00\x00\x00ab"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for p, rest, ok := Next(b); ok; p, rest, ok = Next(rest) {
			if len(p.Bytes) == 0 || p.Number > len(p.Bytes) {
				t.Fatalf("%+v", p)
			}
			if IsQ046(p.Version) {
				p.Q046Text()
			}
		}
		var s Span
		s.Room = make([]byte, 256)
		for _, version := range []uint32{1, 'Q'<<24 | '0'<<16 | '4'<<8 | '3', 'Q'<<24 | '0'<<16 | '2'<<8 | '5'} {
			for offset, data, rest, ok := NextCrypto(b, version); ok; offset, data, rest, ok = NextCrypto(rest, version) {
				s.Add(offset, data)
			}
			for _, offset, data, rest, ok := NextStream(b, version); ok; _, offset, data, rest, ok = NextStream(rest, version) {
				s.Add(offset, data)
			}
		}
		s.Bytes()
		GooglePacket(b)
		IsGoogleReply(b)
		ParseHello(b)
		UserAgent(b)
	})
}
