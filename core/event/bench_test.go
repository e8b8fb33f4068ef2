package event

import (
	"testing"
	"time"
)

// Lines are made without allocating once the buffer has grown.
func TestNoAllocations(t *testing.T) {
	f := sample()
	buf := make([]byte, 0, 64<<10)
	for name, fn := range map[string]func(){
		"flow 3":  func() { AppendFlow(buf, V3, f) },
		"flow 4":  func() { AppendFlow(buf, V4, f) },
		"flow 5":  func() { Complete(AppendFlow(buf, V5, f)) },
		"stats 5": func() { AppendStats(buf, V5, f) },
		"stats":   func() { AppendStats(buf, V4, within(f, time.Second)) },
		"purge":   func() { AppendPurge(buf, V4, within(f, time.Second), Idle) },
	} {
		if n := testing.AllocsPerRun(100, fn); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	fill(f.Attrs)
	if n := testing.AllocsPerRun(100, func() { AppendFlow(buf, V4, f) }); n != 0 {
		t.Errorf("all attributes: %v allocations", n)
	}
}

func BenchmarkFlow(b *testing.B) {
	for d := V3; d < NumDialects; d++ {
		b.Run(d.String(), func(b *testing.B) {
			f := sample()
			buf := AppendFlow(nil, d, f)
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				buf = AppendFlow(buf[:0], d, f)
			}
		})
	}
}

func BenchmarkStats(b *testing.B) {
	for d := V3; d < NumDialects; d++ {
		b.Run(d.String(), func(b *testing.B) {
			f := within(sample(), time.Second)
			buf := AppendStats(nil, d, f)
			b.SetBytes(int64(len(buf)))
			b.ReportAllocs()
			for b.Loop() {
				buf = AppendStats(buf[:0], d, f)
			}
		})
	}
}

func BenchmarkDigest(b *testing.B) {
	f := sample()
	b.ReportAllocs()
	for b.Loop() {
		f.Digest = Digest("br-lan", f.Rec)
	}
}
