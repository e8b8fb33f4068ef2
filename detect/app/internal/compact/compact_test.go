package compact

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"strings"
	"testing"
)

func open(t testing.TB, b *Builder) *Table {
	t.Helper()
	table, err := Open(b.Compile())
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// first is the number of the application of a name; -1: none.
func first(t *Table, name string) int {
	var q Query
	n, ok := q.Ask([]byte(name))
	if !ok {
		return -1
	}
	if h, ok := t.First(n, &q); ok {
		return h.App
	}
	return -1
}

func TestAppsComeBack(t *testing.T) {
	var b Builder
	apps := []App{
		{1, "a", "The A", 3, false}, {70000, "b.b", "", 255, true}, {5, "netify.c", "C", 1, true}, {6, "netify.", "", 1, false},
		{4294967295, strings.Repeat("t", 64), "ü", 0, false}, {0, "", "", 1, false}, {0, "netify.two-words", "(Two) WORDS!", 2, false},
		{2, "two-words", "Two--Words", 2, false}, {3, "netify.x", strings.Repeat("ä b@[`{/:", 20), 2, true}, {4, strings.Repeat("l", 255), strings.Repeat("L", 255), 2, true},
	}
	for i, a := range apps {
		if n := b.App(a); n != i {
			t.Fatalf("application %d has the number %d", i, n)
		}
	}
	table := open(t, &b)
	if table.Apps() != len(apps) || table.Domains() != 0 {
		t.Fatalf("%d applications", table.Apps())
	}
	seen := 0
	err := table.Each(func(i int, got App, tag []byte) {
		got.Tag = string(tag)
		if i != seen || got != apps[i] {
			t.Errorf("%d: %+v, want %+v", i, got, apps[i])
		}
		seen++
	})
	if err != nil || seen != len(apps) {
		t.Errorf("%d of %d: %v", seen, len(apps), err)
	}
	if first(table, "example.com") != -1 {
		t.Error("an empty table finds something")
	}
}

// The table answers as a plain map does, for listed names, their children and their look-alikes.
func TestDomainsAgainstMap(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var b Builder
	want := map[string]int{}
	ends := []string{"com", "co.uk", "net", "d1.com", "d1.d1.com", "-d1.com", "a.b.c.d.d2.net", "x", "xy", "y.x"} // of the last three names shorter than a key
	for i := range 3000 {
		name := fmt.Sprintf("d%d.%s", r.IntN(1000), ends[r.IntN(len(ends))])
		if i%5 == 0 { // deep below what may be listed, too
			name = fmt.Sprintf("d%d.d%d.%s", r.IntN(4), r.IntN(4), name)
		}
		if i%3 == 0 { // between a name and what is below it
			name = fmt.Sprintf("%c-%s", 'a'+r.IntN(20), name)
		}
		want[name] = i % 100
		b.Domain(name, i%100)
	}
	table := open(t, &b)
	if table.Domains() != len(want) {
		t.Errorf("%d domains, want %d", table.Domains(), len(want))
	}
	plain := func(name string) int {
		for {
			if n, ok := want[name]; ok {
				return n
			}
			_, rest, more := strings.Cut(name, ".")
			if !more {
				return -1
			}
			name = rest
		}
	}
	for name := range want {
		for _, n := range []string{name, "www." + name, "a.b." + name, "x." + strings.Repeat("y.", 20) + name, "0." + name, "zz." + name, "-." + name, "x" + name, name + "x", strings.Replace(name, "d", "D", 1) + ".", name[1:]} {
			if got, want := first(table, n), plain(strings.TrimSuffix(strings.ToLower(n), ".")); got != want {
				t.Errorf("%s: %d, want %d", n, got, want)
			}
		}
	}
}

// Eight bytes at a time or one: the answer is the same.
func TestAskAgainstBytes(t *testing.T) {
	plain := func(name string) (string, bool) {
		name = strings.TrimSuffix(name, ".")
		out := make([]byte, len(name))
		for i := range len(name) {
			c := fold[name[i]]
			if c == 0 || c == '.' && (i == 0 || i == len(name)-1 || name[i-1] == '.') {
				return "", false
			}
			out[len(name)-1-i] = c
		}
		return string(out), len(name) > 0 && len(name) <= MaxName
	}
	try := func(name string) {
		var q Query
		asked, ok := q.Ask([]byte(name))
		want, fine := plain(name)
		if ok != fine || ok && (string(q.text[:q.size]) != want || string(asked) != strings.TrimSuffix(name, ".")) {
			t.Errorf("%q: %q %v, want %q %v", name, q.text[:q.size], ok, want, fine)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	for size := range MaxName + 3 {
		name := []byte(strings.Repeat("aB3-_", 60)[:size])
		try(string(name))
		for range 40 {
			for range 1 + r.IntN(3) { // dots fall side by side and at the ends too
				if size > 0 {
					name[r.IntN(size)] = '.'
				}
			}
			try(string(name))
			copy(name, strings.Repeat("aB3-_", 60))
		}
	}
	for at := range 20 { // every byte, at every place of a word and of what is left of one
		for c := range 256 {
			name := []byte("abcdefghijklmnopqrst")
			name[at] = byte(c)
			try(string(name))
			try(string(name[:at+1]))
		}
	}
}

func TestRules(t *testing.T) {
	var b Builder
	b.Domain("example.com", 0)
	b.Domain("cdn.example.com", 1)
	b.Rule("edge-*.example.com", 2)
	b.Rule("edge-*-x.example.com", 3)
	b.Rule("*.media.*.example.net", 4)
	b.Rule("*film*.example.org", 5)
	table := open(t, &b)
	for name, want := range map[string]int{
		"example.com": 0, "www.example.com": 0, "edge-1.example.com": 2, "a.b.edge-1.example.com": 2, "edge-1-x.example.com": 3,
		"edge.example.com": 0, "edge-1.cdn.example.com": 1, "EDGE-1.example.com": 2, "edge-.example.com": 2, "xedge-1.example.com": 0,
		"a.media.b.example.net": 4, "z.a.media.b.example.net": 4, "media.b.example.net": -1, "a.media.example.net": -1, "example.net": -1,
		"myfilms.example.org": 5, "film.example.org": 5, "fil.m.example.org": -1, "fifilm.example.org": 5,
	} {
		if got := first(table, name); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
}

// Next walks on from an entry that the caller does not want.
func TestNext(t *testing.T) {
	var b Builder
	b.Domain("example.com", 0)
	b.Domain("a.example.com", 1)
	b.Rule("x-*.example.com", 2)
	table := open(t, &b)
	walk := func(name string) (apps []int) {
		var q Query
		n, _ := q.Ask([]byte(name))
		for h, ok := table.First(n, &q); ok; h, ok = table.Next(n, &q, h) {
			apps = append(apps, h.App)
		}
		return apps
	}
	if got := fmt.Sprint(walk("b.a.example.com"), walk("x-1.example.com"), walk("com")); got != "[1 0] [2 0] []" {
		t.Error(got)
	}
}

func TestSplit(t *testing.T) {
	for name, want := range map[string]string{
		"a.b.c": "a.b.c b.c c", "a.b.": "a.b b", "a": "a", "": "no", ".": "no", "..": "no", ".a": "no", "a..b": "no", "a b": "no", "a\x00": "no",
		"a\x7f": "no", "\x80": "no", strings.Repeat("a", 256): "no",
	} {
		var s Suffixes
		got := "no"
		if n, ok := s.Split([]byte(name)); ok {
			var parts []string
			for i := s.Len() - 1; i >= 0; i-- {
				parts = append(parts, string(n[s.From(i):]))
			}
			got = strings.Join(parts, " ")
		}
		if got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
		var q Query
		if n, ok := q.Ask([]byte(name)); ok != (want != "no") || ok && string(n) != strings.TrimSuffix(name, ".") {
			t.Errorf("%q is asked for as %q, %v", name, n, ok)
		}
	}
}

// Address agrees with looking through all prefixes.
func TestNetworksAgainstList(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var b Builder
	var nets []netip.Prefix
	last := map[netip.Prefix]int{}
	add := func(p netip.Prefix) {
		p = p.Masked()
		nets = append(nets, p)
		last[p] = len(nets) - 1
		b.Network(p, len(nets)-1)
	}
	for _, s := range []string{"0.0.0.0/1", "255.0.0.0/8", "255.255.255.255/32", "10.0.0.0/8", "10.0.0.0/24", "10.255.255.0/24", "::/3", "ffff::/16", "2001:db8::/32", "2001:db8::1/128"} {
		add(netip.MustParsePrefix(s))
	}
	for range 300 {
		a := [4]byte{byte(r.IntN(4)) + 9, byte(r.IntN(3)), byte(r.IntN(256)), byte(r.IntN(256))}
		add(netip.PrefixFrom(netip.AddrFrom4(a), 8+r.IntN(25)))
	}
	table := open(t, &b)
	check := func(a netip.Addr) {
		want, best := -1, netip.Prefix{}
		for p, n := range last {
			if p.Contains(a) && (want < 0 || p.Bits() > best.Bits()) {
				want, best = n, p
			}
		}
		got, p, ok := table.Address(a)
		if !ok {
			got = -1
		}
		if got != want || ok && p != best {
			t.Errorf("%s: %d %v, want %d %v", a, got, p, want, best)
		}
	}
	for _, p := range nets {
		check(p.Addr())
		if e := after(p); e.IsValid() {
			check(e)
			check(e.Prev())
		}
		if e := p.Addr().Prev(); e.IsValid() {
			check(e)
		}
	}
	for range 2000 {
		check(netip.AddrFrom4([4]byte{byte(r.IntN(5)) + 8, byte(r.IntN(4)), byte(r.IntN(256)), byte(r.IntN(256))}))
	}
	if _, _, ok := table.Address(netip.Addr{}); ok {
		t.Error("no address at all is found")
	}
}

func TestTwinsLastCounts(t *testing.T) {
	var b Builder
	b.Twin(5, 1)
	b.Twin(6, 2)
	b.Twin(5, 3)
	got := ""
	open(t, &b).Twins(func(p uint16, app int) { got += fmt.Sprint(p, "=", app, " ") })
	if got != "6=2 5=3 " {
		t.Error(got)
	}
}

// A damaged header is refused, and none panics.
func TestOpenDamaged(t *testing.T) {
	var b Builder
	b.App(App{ID: 1, Tag: "a"})
	b.Domain("example.com", 0)
	data := b.Compile()
	for i := range data {
		if _, err := Open(data[:i]); err == nil {
			t.Errorf("%d bytes of %d are enough", i, len(data))
		}
	}
	if _, err := Open("x" + data[1:]); err == nil {
		t.Error("another form was read")
	}
}

func TestNamesFirstCounts(t *testing.T) {
	text := "b.example a.example"
	n := NewNames(text, 3, func(fn func(from, size int, value uint16)) {
		fn(0, 9, 1)
		fn(10, 9, 2)
		fn(0, 9, 3)
	})
	var s Suffixes
	for name, want := range map[string]uint16{"x.b.example": 1, "x.a.example": 2} {
		name, _ := s.Split([]byte(name))
		if v, from := n.Find(name, &s); v != want || from != 2 || n.Len() != 2 {
			t.Errorf("%s: %d at %d of %d", name, v, from, n.Len())
		}
	}
}

// Making a set of names takes the memory that it has, and no more: a reload of a
// long list happens beside all else that the agent holds.
func TestNamesInPlace(t *testing.T) {
	const count = 100_000
	var b strings.Builder
	for i := range count {
		fmt.Fprintf(&b, "%07d.example ", i*7%(count/2)) // each twice
	}
	text := b.String()
	each := func(fn func(from, size int, value uint16)) {
		for i := range count {
			fn(i*16, 15, uint16(1+i%1000))
		}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	n := NewNames(text, count, each)
	runtime.ReadMemStats(&after)
	if took, has := int(after.TotalAlloc-before.TotalAlloc), count*(nameSize+4); took > has+has/20 {
		t.Errorf("%d bytes were taken for %d", took, has)
	}
	if n.Len() != count/2 {
		t.Errorf("%d names of %d", n.Len(), count/2)
	}
	var s Suffixes
	for i := range count / 2 {
		name, _ := s.Split([]byte(text[i*16 : i*16+15]))
		if v, _ := n.Find(name, &s); v != uint16(1+i%1000) {
			t.Fatalf("%s has the value %d, want %d", name, v, 1+i%1000)
		}
	}
}
