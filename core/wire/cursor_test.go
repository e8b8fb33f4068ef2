package wire

import (
	"bytes"
	"testing"
)

func TestReads(t *testing.T) {
	c := New([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 2, 0xaa, 0xbb, 0, 1, 0xcc})
	if v := c.U8(); v != 1 {
		t.Errorf("U8 %d", v)
	}
	if v := c.U16(); v != 0x0203 {
		t.Errorf("U16 %#x", v)
	}
	if v := c.U24(); v != 0x040506 {
		t.Errorf("U24 %#x", v)
	}
	if v := c.U32LE(); v != 0x0a090807 {
		t.Errorf("U32LE %#x", v)
	}
	if v := c.Vec8(); !bytes.Equal(v, []byte{0xaa, 0xbb}) {
		t.Errorf("Vec8 %x", v)
	}
	if v := c.Vec16(); !bytes.Equal(v, []byte{0xcc}) {
		t.Errorf("Vec16 %x", v)
	}
	if c.Len() != 0 || !c.Ok() {
		t.Errorf("len %d ok %v at the end", c.Len(), c.Ok())
	}
}

func TestShortStaysShort(t *testing.T) {
	c := New([]byte{1, 2, 3})
	if v := c.U32(); v != 0 || c.Ok() {
		t.Errorf("U32 of three bytes: %d ok %v", v, c.Ok())
	}
	if v := c.U8(); v != 0 || c.Ok() || c.Len() != 0 || c.Rest() != nil {
		t.Error("a short cursor must give nothing more")
	}
	d := New([]byte{1})
	if d.Bytes(-1) != nil || d.Ok() {
		t.Error("negative length must make the cursor short")
	}
}
