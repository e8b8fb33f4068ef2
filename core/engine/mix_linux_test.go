package engine

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/sink"
)

// BenchmarkMix walks the large captures of `make bench-files` down the corridor
// and counts the processor time of that alone: not of reading the file. Events
// are written in so many dialects. They
// lie in BENCH_DIR, /var/tmp/netifyd-bench where it is not set.
func BenchmarkMix(b *testing.B) {
	dir := os.Getenv("BENCH_DIR")
	if dir == "" {
		dir = "/var/tmp/netifyd-bench"
	}
	for _, c := range []struct {
		name string
		out  sink.Outlet
	}{{"mix", nobody{}}, {"mix", silent{}}, {"elephant", nobody{}}, {"manyflows", nobody{}}} {
		path := filepath.Join(dir, c.name+".pcap")
		if _, err := os.Stat(path); err != nil {
			b.Skipf("%v (make bench-files writes it)", err)
		}
		b.Run(fmt.Sprintf("%s/dialects=%d", c.name, bits.OnesCount8(uint8(c.out.Dialects()))), func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var spent time.Duration
			packets := 0
			b.ReportAllocs()
			for b.Loop() {
				w := newWorld(nil, func(c *config.Config) { c.MaxFlows = 8192 })
				w.shard.out = c.out
				src, err := pcapfile.Open(path)
				if err != nil {
					b.Fatal(err)
				}
				var batch core.Batch
				for err = src.Next(&batch); err == nil; err = src.Next(&batch) {
					from := threadTime(b)
					w.shard.walk(w.iface, &batch)
					spent += threadTime(b) - from
					packets += len(batch.Frames)
				}
				src.Close()
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(spent.Nanoseconds())/float64(packets), "ns/packet")
		})
	}
}

// only listens in some dialects and keeps nothing.
type only struct {
	silent
	dialects event.Dialects
}

func (o only) Dialects() event.Dialects                { return o.dialects }
func (o only) Wants(d event.Dialect, _ core.Kind) bool { return o.dialects.Has(d) }

// BenchmarkDialects is what a client costs in each dialect: the packets of all
// captures of testdata, short flows that are told of at their beginning and end.
func BenchmarkDialects(b *testing.B) {
	frames := library(b)
	for _, c := range []struct {
		name string
		out  sink.Outlet
	}{
		{"nobody", nobody{}}, {"3", only{dialects: event.Dialects(0).With(event.V3)}},
		{"4", only{dialects: event.Dialects(0).With(event.V4)}}, {"5", only{dialects: event.Dialects(0).With(event.V5)}},
	} {
		b.Run(c.name, func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			var spent time.Duration
			for b.Loop() {
				w := newWorld(nil, func(c *config.Config) { c.MaxFlows = 8192 })
				w.shard.out = c.out
				from := threadTime(b)
				for i := 0; i < len(frames); i += 64 {
					part := frames[i:min(i+64, len(frames))]
					w.shard.walk(w.iface, &core.Batch{Frames: part, Now: part[len(part)-1].Time})
				}
				w.shard.finish(w.iface, false)
				spent += threadTime(b) - from
			}
			b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N*len(frames)), "ns/packet")
		})
	}
}

// nobody listens: events need not be written.
type nobody struct{ silent }

func (nobody) Dialects() event.Dialects { return 0 }

func threadTime(b *testing.B) time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		b.Fatal(err)
	}
	return time.Duration(t.Nano())
}
