package ber

import (
	"bytes"
	"testing"
)

func TestHeader(t *testing.T) {
	for _, c := range []struct {
		in           []byte
		tag          uint8
		size, length int
		state        State
	}{
		{nil, 0, 0, 0, Short},
		{[]byte{0x30}, 0x30, 0, 0, Short},
		{[]byte{0x30, 0x0c}, 0x30, 2, 12, OK},
		{[]byte{0x30, 0x82, 0x01}, 0x30, 0, 0, Short},
		{[]byte{0x30, 0x82, 0x01, 0x02}, 0x30, 4, 258, OK},
		{[]byte{0x30, 0x84, 0, 0, 0, 5}, 0x30, 6, 5, OK},
		{[]byte{0x30, 0x80}, 0x30, 0, 0, Bad},
		{[]byte{0x30, 0x85, 0, 0, 0, 0, 1}, 0x30, 0, 0, Bad},
		{[]byte{0x30, 0x84, 0xff, 0, 0, 0}, 0x30, 0, 0, Bad},
		{[]byte{0x7f, 0x22}, 0x7f, 0, 0, Bad},
	} {
		tag, size, length, s := Header(c.in)
		if tag != c.tag || size != c.size || length != c.length || s != c.state {
			t.Errorf("%x: %x %d %d %d", c.in, tag, size, length, s)
		}
	}
}

func TestTakeAndEnter(t *testing.T) {
	msg := []byte{0x30, 0x06, 0x02, 0x01, 0x07, 0x04, 0x01, 'x', 0xee}
	_, body, rest, ok := Take(msg)
	if !ok || len(body) != 6 || !bytes.Equal(rest, []byte{0xee}) {
		t.Fatalf("%x %x %v", body, rest, ok)
	}
	v, rest, ok := Expect(body, Integer)
	if !ok || !bytes.Equal(v, []byte{7}) {
		t.Fatalf("%x %v", v, ok)
	}
	if _, _, ok = Expect(rest, Integer); ok {
		t.Error("an OCTET STRING passed for an INTEGER")
	}
	for n := range 8 {
		if _, _, _, ok := Take(msg[:n]); ok {
			t.Errorf("taken out of %d bytes", n)
		}
		if v, partial, ok := Enter(msg[:n], Sequence); !ok || !partial || len(v) != max(0, n-2) {
			t.Errorf("entered %d bytes: %x %v %v", n, v, partial, ok)
		}
	}
	if _, _, ok := Enter(msg, Set); ok {
		t.Error("a SEQUENCE passed for a SET")
	}
}
