package engine

import (
	"errors"
	"testing"
	"time"

	"netifyd/core"
)

// dialler is a kernel whose interface goes and comes: what it had of flows may
// be lost with it, and nothing is taken while it is away.
type dialler struct {
	kernel
	away bool
}

func (d *dialler) Shunt(t *core.Tuple) error {
	if d.away {
		return errors.New("the interface is gone")
	}
	return d.kernel.Shunt(t)
}

// TestRedialsKeepEveryPlace: after many redials with flows that end before,
// while and after the interface is away, every place is free and each is there once.
func TestRedialsKeepEveryPlace(t *testing.T) {
	w := newWorld(t, nil)
	d := &dialler{kernel: kernel{flows: map[core.Tuple]core.Count{}}}
	w.shard.shunts.sources[0] = d
	port := 20000
	for round := range 40 {
		for n := range 8 {
			port++
			c := w.dial("192.168.1.7", port, "198.51.100.1", 8080)
			c.up(request)
			c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
			for range 2 * shuntAfter {
				c.down("more")
			}
			if n%4 == 0 {
				c.close()
			}
			d.away = n >= 6
		}
		if round%2 == 0 { // the kernel's map went with the interface
			clear(d.flows)
		}
		w.wait(20 * time.Second)
		d.away = false
	}
	w.wait(30 * time.Minute)
	x := &w.shard.shunts
	if x.used != 0 || len(d.flows) != 0 || w.shard.stats.Shunted < 200 {
		t.Errorf("%d places are taken, the kernel has %d directions, %d flows were left to it", x.used, len(d.flows), w.shard.stats.Shunted)
	}
	seen := map[uint16]bool{}
	for at := x.free; at != 0 && !seen[at]; at = x.table[at-1].next {
		seen[at] = true
	}
	if len(seen) != maxShunted {
		t.Errorf("%d places are free, want %d", len(seen), maxShunted)
	}
}
