package app

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"netifyd/core/proto"
)

var benchNames = []string{
	"occ-0-2773-2774.1.nflxso.net", "rr3---sn-4g5e6nez.googlevideo.com", "www.example.org", "scontent-fra3-1.xx.fbcdn.net",
	"a.very.long.name.with.many.labels.that.nobody.lists.example.co.uk", "graph.instagram.com", "v10.events.data.microsoft.com", "router.lan",
}

func BenchmarkHost(b *testing.B) {
	c := Default()
	names := make([][]byte, len(benchNames))
	for i, n := range benchNames {
		names[i] = []byte(n)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Host(names[i%len(names)])
	}
}

// BenchmarkMap is the loop to measure the others by where a machine is busy:
// one look into Go's own map for the same names, whole.
func BenchmarkMap(b *testing.B) {
	names, m := make([][]byte, len(benchNames)), map[string]int{}
	for i, n := range benchNames {
		names[i], m[n] = []byte(n), i
	}
	sum := 0
	for i := 0; b.Loop(); i++ {
		sum += m[string(names[i%len(names)])]
	}
	if sum < 0 {
		b.Fatal(sum)
	}
}

func BenchmarkAddress(b *testing.B) {
	c := Default()
	addrs := []netip.Addr{netip.MustParseAddr("142.250.1.1"), netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2a00:1450::1"), netip.MustParseAddr("2001:db8::1")}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		c.Address(addrs[i%len(addrs)])
	}
}

func BenchmarkTwin(b *testing.B) {
	c := Default()
	for b.Loop() {
		c.Twin(proto.Steam)
	}
}

// BenchmarkLoad is the start: nothing but the built-in catalogue.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Load("", ""); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkReload is with additions: a file of 100 applications with ten domains each.
func BenchmarkReload(b *testing.B) {
	dir := b.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "many.toml"), manyApps(100, 10), 0o644); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Load(dir, ""); err != nil {
			b.Fatal(err)
		}
	}
}
