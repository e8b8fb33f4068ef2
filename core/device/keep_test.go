package device

import (
	"encoding/binary"
	"errors"
	"strconv"
	"testing"
)

// plainSeal fills in the length only.
func plainSeal(b []byte, at int) []byte {
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

func copied(t *testing.T, d *Table) *Table {
	t.Helper()
	b, changed := d.Export(nil, plainSeal)
	if !changed {
		t.Fatal("nothing to write")
	}
	if _, again := d.Export(nil, plainSeal); again {
		t.Error("written twice")
	}
	out := New(Options{Devices: 4})
	for len(b) > 0 {
		n := 4 + binary.LittleEndian.Uint32(b)
		out.Import(b[4:n])
		b = b[n:]
	}
	return out
}

// What somebody said of a device, and what it said itself, is there again.
func TestExport(t *testing.T) {
	d, id := listening(t)
	d.name(id, FromDHCP, []byte("laptop"))
	d.Rename(id, "Ann's laptop")
	d.SetType(id, "work laptop")
	d.Hide(id, true)
	o := copied(t, d)
	again := o.Find(laptop)
	x := o.At(again)
	if x == nil || x.Number != d.At(id).Number || x.Name() != "Ann's laptop" || x.Names()[1].String() != "laptop" || x.Flags != Randomised|Hidden || x.V4 != d.At(id).V4 {
		t.Fatalf("%+v", x)
	}
	if kind, why := o.Type(x); kind != "work laptop" || why != "user" {
		t.Error(kind, why)
	}
	if next, _ := o.Of(&tablet, 4, v4("192.168.1.3"), true, 100); o.At(next).Number <= x.Number {
		t.Error("a number was given twice")
	}
}

func TestUserSaysWhatItIs(t *testing.T) {
	d, id := listening(t)
	d.weigh(id, byDHCP60, []byte("MSFT 5.0"))
	for _, c := range []struct{ said, want string }{{"tv", "tv"}, {"", "windows"}, {"\x1b", "windows"}} {
		if !d.SetType(id, c.said) {
			t.Error("refused")
		}
		if kind, _ := d.Type(d.At(id)); kind != c.want {
			t.Errorf("said %q: %q", c.said, kind)
		}
	}
	for n := range saidTypes + 5 {
		if ok := d.SetType(id, strconv.Itoa(n)); ok != (n < saidTypes-1) {
			t.Errorf("type %d: %v", n, ok)
		}
	}
}

func TestForget(t *testing.T) {
	d, id := listening(t)
	d.At(id).Flows = 1
	if !errors.Is(d.Forget(id), ErrInUse) || d.Forget(Others) == nil || d.Forget(99) == nil {
		t.Error("forgotten")
	}
	d.At(id).Flows = 0
	if err := d.Forget(id); err != nil || d.Find(laptop) != None {
		t.Error(err)
	}
}
