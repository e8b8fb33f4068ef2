package compact

import (
	"crypto/sha256"
	"net/netip"
	"testing"
)

// everything is a catalogue with something in each section.
func everything() string {
	b := Builder{Date: 20261231}
	b.App(App{ID: 1, Tag: "netify.one", Label: "One", Category: 3})
	b.App(App{ID: 20000, Tag: "two", Label: "Two", Category: 4, Network: true})
	for _, d := range []string{"a.example", "b.a.example", "long-name.example", "example.net", "x.example.net"} {
		b.Domain(d, len(d)%2)
	}
	for i := range 45 {
		b.Domain(string(rune('a'+i%26))+string(rune('a'+i/26))+".example.org", i%2)
	}
	b.Rule("r-*.a.example", 1)
	b.Rule("*.fixed.example.com", 0)
	b.Network(netip.MustParsePrefix("192.0.2.0/24"), 0)
	b.Network(netip.MustParsePrefix("2001:db8::/32"), 1)
	b.Twin(7, 1)
	return b.Compile()
}

// sealed puts the right checksum over data, as somebody who means harm would.
func sealed(data []byte) string {
	if len(data) >= dateAt {
		sum := sha256.Sum256(data[dateAt:])
		copy(data[digestAt:], sum[:])
	}
	return string(data)
}

// use asks a table everything that an agent asks.
func use(t *Table) {
	_ = t.Each(func(int, App, []byte) {})
	t.Twins(func(uint16, int) {})
	for _, name := range []string{"a.example", "c.b.a.example", "r-1.a.example", "x.fixed.example.com", "zz.example.org", "aa.example.org", "example", "\x01", "www.example.net"} {
		var q Query
		if n, ok := q.Ask([]byte(name)); ok {
			for h, ok := t.First(n, &q); ok; h, ok = t.Next(n, &q, h) {
				inside(t, h.App)
			}
		}
	}
	for _, a := range []string{"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "2001:db8::1", "ffff::"} {
		if n, _, ok := t.Address(netip.MustParseAddr(a)); ok {
			inside(t, n)
		}
	}
}

// inside panics where app is none of a table's applications.
func inside(t *Table, app int) {
	if app < 0 || app >= t.Apps() {
		panic("an application that is not there")
	}
}

func TestCheckTakesWhatIsWhole(t *testing.T) {
	table, err := Check(everything())
	if err != nil {
		t.Fatal(err)
	}
	if table.Date != 20261231 || table.Domains() == 0 || table.Rules() != 2 || table.Networks() == 0 {
		t.Errorf("%+v", table)
	}
	use(table)
	if _, err := Check((&Builder{}).Compile()); err == nil {
		t.Error("a catalogue of nothing is good")
	}
}

// No part of the beginning of a catalogue is a catalogue.
func TestEveryPrefixIsRefused(t *testing.T) {
	whole := everything()
	for n := range len(whole) {
		if _, err := Check(whole[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are good", n, len(whole))
		}
		if table, err := Check(sealed([]byte(whole[:n]))); err == nil {
			t.Errorf("the first %d bytes with their checksum are good", n)
			use(table)
		}
	}
}

// A byte that is another, under the right checksum, is refused or does no harm.
func TestEveryByteChanged(t *testing.T) {
	whole := everything()
	for i := dateAt; i < len(whole); i++ {
		for _, with := range []byte{0, 1, 0x7f, 0x80, 0xff, whole[i] + 1, whole[i] - 1} {
			b := []byte(whole)
			b[i] = with
			if table, err := Check(sealed(b)); err == nil {
				use(table)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(everything()))
	f.Add([]byte((&Builder{}).Compile()))
	f.Fuzz(func(t *testing.T, data []byte) {
		if table, err := Check(sealed(append([]byte(nil), data...))); err == nil {
			use(table)
		}
	})
}
