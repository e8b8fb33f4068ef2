package netlink

import (
	"bytes"
	"testing"
)

// sample is a message with one attribute of each kind that the agent writes.
func sample() []byte {
	b, at := Message(nil, 0x0a0c, Create|Ack, 7, 1, 0)
	b = Text(b, 1, "fw4")
	b, list := Begin(b, 3)
	b = Uint8(b, 1, 0xab)
	b = Uint16(b, 2, 0xabcd)
	b = Uint32(b, 3, 0xabcdef01)
	b = Uint64(b, 4, 0xabcdef0123456789)
	b = Attribute(b, 5, []byte("12345"))
	Finish(b, list)
	End(b, at)
	return b
}

func TestMessage(t *testing.T) {
	b := append(sample(), sample()...)
	a, rest, ok := Next(b)
	if !ok || a.Kind != 0x0a0c || a.Flags != Create|Ack|Request || a.Number != 7 || len(rest) != len(b)/2 {
		t.Fatalf("head: %+v, rest %d, %v", a, len(rest), ok)
	}
	got := map[uint16][]byte{}
	if !Each(a.Attributes(), func(kind uint16, v []byte) bool {
		if kind == 3 {
			return Each(v, func(kind uint16, v []byte) bool { got[10+kind] = v; return true })
		}
		got[kind] = v
		return true
	}) {
		t.Fatal("the attributes are cut")
	}
	for kind, want := range map[uint16]string{1: "fw4\x00", 11: "\xab", 12: "\xab\xcd", 13: "\xab\xcd\xef\x01", 14: "\xab\xcd\xef\x01\x23\x45\x67\x89", 15: "12345"} {
		if string(got[kind]) != want {
			t.Errorf("attribute %d: %x, want %x", kind, got[kind], want)
		}
	}
}

// TestPrefix cuts a message at every length: no prefix is one.
func TestPrefix(t *testing.T) {
	b := sample()
	for n := range b {
		if _, _, ok := Next(b[:n]); ok {
			t.Errorf("%d of %d bytes are a message", n, len(b))
		}
	}
	// An attribute that is cut is said to be; less than a head is padding.
	one := Attribute(nil, 1, []byte("12345678"))
	for n := range one {
		whole := Each(one[:n], func(uint16, []byte) bool { return true })
		if want := n < 4; whole != want {
			t.Errorf("%d of %d bytes of an attribute: whole %v", n, len(one), whole)
		}
	}
}

func TestErrno(t *testing.T) {
	for _, c := range []struct {
		body []byte
		want int
	}{{nil, 0}, {[]byte{1, 2}, 0}, {native.AppendUint32(nil, 0), 0}, {native.AppendUint32(nil, ^uint32(0)), 1}} {
		if got := (&Answer{Body: c.body}).Errno(); got != c.want {
			t.Errorf("% x: %d, want %d", c.body, got, c.want)
		}
	}
}

func FuzzNext(f *testing.F) {
	f.Add(sample())
	f.Add(append(sample(), sample()...))
	f.Fuzz(func(t *testing.T, b []byte) {
		for len(b) > 0 {
			a, rest, ok := Next(b)
			if !ok {
				return
			}
			if len(rest) >= len(b) {
				t.Fatal("a message of no length")
			}
			var walk func(b []byte, depth int)
			walk = func(b []byte, depth int) {
				Each(b, func(_ uint16, v []byte) bool {
					if depth > 0 {
						walk(v, depth-1)
					}
					return true
				})
			}
			walk(a.Attributes(), 3)
			_ = a.Errno()
			if !bytes.HasSuffix(b, rest) {
				t.Fatal("the rest is not the end")
			}
			b = rest
		}
	})
}
