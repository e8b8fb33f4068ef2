package hpack

import (
	"encoding/hex"
	"strings"
	"testing"
)

func read(block []byte) string {
	d := New(block, make([]byte, 1024))
	var out []string
	for name, value, ok := d.Next(); ok; name, value, ok = d.Next() {
		out = append(out, string(name)+"="+string(value))
	}
	return strings.Join(out, " ")
}

// The examples of RFC 7541, appendix C, that need no dynamic table.
func TestExamples(t *testing.T) {
	for digits, want := range map[string]string{
		"400a637573746f6d2d6b65790d637573746f6d2d686561646572": "custom-key=custom-header",
		"040c2f73616d706c652f70617468":                         ":path=/sample/path",
		"100870617373776f726406736563726574":                   "password=secret",
		"82":                                                   ":method=GET",
		"828684410f7777772e6578616d706c652e636f6d":             ":method=GET :scheme=http :path=/ :authority=www.example.com",
		"828684418cf1e3c2e5f23a6ba0ab90f4ff":                   ":method=GET :scheme=http :path=/ :authority=www.example.com",
		"3fe11f82":                                             ":method=GET", // a new size of the table first
		"80":                                                   "",
		"ff":                                                   "", "7fffffffffff": "", "0085ffffffff": "", "00": "",
		"8286418cf1e3c2e5f23a6ba0ab90f4ff58": ":method=GET :scheme=http :authority=www.example.com", // cut off
	} {
		b, err := hex.DecodeString(digits)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(b); got != want {
			t.Errorf("%s: %q, want %q", digits, got, want)
		}
	}
}

// No more than the room is written, whatever the code stands for.
func TestRoom(t *testing.T) {
	b, _ := hex.DecodeString("418cf1e3c2e5f23a6ba0ab90f4ff")
	d := New(b, make([]byte, 4))
	if _, _, ok := d.Next(); ok {
		t.Error("a text of 15 bytes in room for 4")
	}
	if n := testing.AllocsPerRun(10, func() { d = New(b, d.room[:0:4]); d.Next() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzNext(f *testing.F) {
	b, _ := hex.DecodeString("828684418cf1e3c2e5f23a6ba0ab90f4ff")
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		for n := range b {
			read(b[:n])
		}
	})
}

func TestSound(t *testing.T) {
	for _, c := range []struct {
		block string
		sound bool
	}{
		{"\x82\x86\x84\xbe", true},           // 62 is of the table that grows
		{"\x3f\xe1\x1f\x82", true},           // a new size of it first
		{"\x7e\x04test\x40\x01a\x01b", true}, // a name of it; both written out
		{"\x0f\x0d\x0212", true}, {"\x10\x01a\x00", true},
		{"\xff\x80\x01", true}, // the number 255
		{"\x80", false}, {"\xff", false}, {"\x7e\x05test", false}, {"\x40\x01a", false}, {"\x40\x02a", false}, {"\x3f\xff\xff\xff\xff", false},
	} {
		if got := Sound([]byte(c.block)); got != c.sound {
			t.Errorf("%q: %v", c.block, got)
		}
	}
}
