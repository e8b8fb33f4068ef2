package engine

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"

	"netifyd/core"
)

// pressed is a source that never makes its reader wait: a millisecond passes
// with each batch, until somebody else ran or a hundred have passed.
type pressed struct {
	batches int
	ran     atomic.Bool
	over    chan int // how many there were
	closed  chan struct{}
}

func (p *pressed) Next(b *core.Batch) error {
	if p.batches == 0 {
		go p.ran.Store(true)
	}
	if p.ran.Load() || p.batches == 100 {
		p.over <- p.batches
		<-p.closed
		return os.ErrClosed
	}
	p.batches++
	b.Frames, b.Now, b.Steady = nil, 1e18+int64(p.batches)*1e6, int64(p.batches)*1e6
	return nil
}
func (p *pressed) Counters() core.Counters { return core.Counters{} }
func (p *pressed) Close() error            { close(p.closed); return nil }

// A reader that always has packets gives way before the scheduler must
// interrupt it, which takes 10 ms.
func TestReaderGivesWay(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	p := &pressed{over: make(chan int, 1), closed: make(chan struct{})}
	_, end := running(t, p, nil)
	if n := <-p.over; n > 10 {
		t.Errorf("the reader gave way after %d ms", n)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
