package dnsmsg

import (
	"strings"
	"testing"
)

// response answers "www.example.org" with an alias, whose address follows;
// names are compressed (RFC 1035, section 4.1.4).
var response = []byte("\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x01" +
	"\x03www\x07example\x03org\x00\x00\x01\x00\x01" + // 12
	"\xc0\x0c\x00\x05\x00\x01\x00\x00\x01\x2c\x00\x06\x03cdn\xc0\x10" + // 33
	"\x03CDN\xc0\x10\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01" + // 51
	"\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x00")

func TestWholeAndEveryPrefix(t *testing.T) {
	if !Whole(response) {
		t.Fatal("a sound message is refused")
	}
	for n := range response {
		if Whole(response[:n:n]) {
			t.Errorf("cut after %d bytes it is still whole", n)
		}
	}
	if Whole(append(response[:len(response):len(response)], 0)) {
		t.Error("a byte after the last record must be refused")
	}
}

func TestRecords(t *testing.T) {
	q, at, ok := ReadQuestion(response, HeaderLen)
	if !ok || q.Type != A || q.Class != 1 {
		t.Fatalf("question %+v %v", q, ok)
	}
	if off, ok := Answers(response); off != at || !ok {
		t.Errorf("answers at %d %v, want %d", off, ok, at)
	}
	alias, at, ok := ReadRecord(response, at)
	if !ok || alias.Type != CNAME || alias.TTL != 300 || !Same(response, alias.Name, q.Name) {
		t.Errorf("alias %+v %v", alias, ok)
	}
	addr, _, ok := ReadRecord(response, at)
	if !ok || addr.Type != A || addr.Len != 4 || addr.TTL != 60 {
		t.Errorf("address %+v %v", addr, ok)
	}
	if !Same(response, addr.Name, alias.Data) {
		t.Error("the address's owner is the alias's target but for case")
	}
	if Same(response, addr.Name, q.Name) {
		t.Error("the address's owner is not the queried name")
	}
	var room [MaxName]byte
	for off, want := range map[int]string{q.Name: "www.example.org", alias.Data: "cdn.example.org", addr.Name: "CDN.example.org"} {
		if got, ok := Text(room[:], response, off); !ok || string(got) != want {
			t.Errorf("at %d: %q %v, want %q", off, got, ok, want)
		}
	}
	if _, ok := Text(room[:10], response, q.Name); ok {
		t.Error("a name longer than the room must be refused")
	}
}

func TestPointers(t *testing.T) {
	for name, msg := range map[string]string{
		"to itself":  "\xc0\x00",
		"forward":    "\xc0\x02\x01a\x00",
		"cut":        "\x01a\xc0",
		"no end":     "\x01a",
		"reserved":   "\x41a\x00",
		"into a run": "\x01a\xc0\x00",
	} {
		if got, ok := Text(make([]byte, MaxName), []byte(msg), 0); ok {
			t.Errorf("%s: %q", name, got)
		}
		if _, ok := SkipName([]byte(msg), 0); ok {
			t.Errorf("%s: skipped", name)
		}
	}
}

// TestTextEscapes: what is inside a label is not what is between labels.
func TestTextEscapes(t *testing.T) {
	for msg, want := range map[string][2]string{
		"\x0bwww.example\x03org\x00":      {`www\.example.org`, `www\.example.org`},
		"\x0cexample.org\x00\x04evil\x00": {`example\.org\000.evil`, `example\.org\000.evil`},
		"\x03a\\b\x01c\x00":               {`a\\b.c`, `a\\b.c`},
		"\x0bLiving Room\x05local\x00":    {`Living\032Room.local`, `Living Room.local`},
		"\x07b\xc3\xbccher\x05local\x00":  {`b\195\188cher.local`, "b\u00fccher.local"},
		"\x00":                            {"", ""},
	} {
		room := make([]byte, MaxName)
		strict, ok := Text(room, []byte(msg), 0)
		if !ok || string(strict) != want[0] {
			t.Errorf("%q: %q %v, want %q", msg, strict, ok, want[0])
		}
		if ok && len(want[0]) > 0 {
			if cut, ok := Text(room[:len(want[0])-1:len(want[0])-1], []byte(msg), 0); ok {
				t.Errorf("%q in less room: %q", msg, cut)
			}
		}
		if shown, ok := Unicode(room, []byte(msg), 0); !ok || string(shown) != want[1] {
			t.Errorf("%q: shown as %q %v, want %q", msg, shown, ok, want[1])
		}
	}
}

func TestHash(t *testing.T) {
	hash := func(msg string) uint64 {
		name, _ := Text(make([]byte, MaxName), []byte(msg), 0)
		return Hash(name)
	}
	if hash("\x03www\x01a\x00") != hash("\x03WWW\x01A\x00") {
		t.Error("case counts")
	}
	if hash("\x03www\x01a\x00") == hash("\x05www.a\x00") {
		t.Error("a dot in a label is a border")
	}
	seen := map[uint64]string{}
	for n := range 1 << 12 {
		name := strings.Repeat("a", n%41) + string(rune('a'+n/41%26)) + strings.Repeat("-", n/1066)
		if old, ok := seen[Hash([]byte(name))]; ok && old != name {
			t.Errorf("%q and %q are one", old, name)
		}
		seen[Hash([]byte(name))] = name
	}
}

func TestService(t *testing.T) {
	data := "\x00\x01\x00" + "\x00\x01\x00\x03\x02h3" + "\x00\x04\x00\x08\xc0\x00\x02\x01\xc0\x00\x02\x02" + "\x00\x06\x00\x10\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"
	s, ok := ReadService([]byte(data), Record{Len: len(data)})
	if !ok || s.Alias || len(s.IPv4) != 8 || len(s.IPv6) != 16 {
		t.Errorf("%+v %v", s, ok)
	}
	if s, ok := ReadService([]byte("\x00\x00\x01a\x00"), Record{Len: 5}); !ok || !s.Alias || s.Target != 2 {
		t.Errorf("%+v %v", s, ok)
	}
	for n := range len(data) {
		s, ok := ReadService([]byte(data[:n]), Record{Len: n})
		if ok && n != 3 && n != 10 && n != 22 {
			t.Errorf("cut after %d: %+v", n, s)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(response)
	f.Fuzz(func(t *testing.T, msg []byte) {
		whole := Whole(msg)
		off, ok := Answers(msg)
		if whole && !ok {
			t.Error("whole, but its questions cannot be read")
		}
		var room [MaxName]byte
		for ok && off < len(msg) {
			var r Record
			if r, off, ok = ReadRecord(msg, off); ok {
				Text(room[:], msg, r.Name)
				Same(msg, r.Name, HeaderLen)
				Hash(msg[r.Name:])
				ReadService(msg, r)
			}
		}
	})
}
