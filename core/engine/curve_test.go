package engine

import (
	"testing"

	"netifyd/core"
	"netifyd/core/flow"
	"netifyd/core/usage"
)

// What flows evenly through two shards is an even curve, whenever each of them
// began, however late each learns of the time, and however often they book.
func TestCurveOfTwoShards(t *testing.T) {
	for _, interval := range []int64{2, 5, 7} {
		one := newWorld(t, nil)
		worlds := [2]*world{one, newWorld(t, nil)}
		worlds[1].shard.usage = one.shard.usage
		one.shard.usage.SetInterval(interval * second)
		began := [2]int64{1_700_000_001_250e6, 1_700_000_003_900e6}
		var flows [2]*flow.Record
		for n, w := range worlds {
			w.shard.set.book = interval * second
			r, _ := w.shard.table.Touch(&flow.Key{Version: 4, Protocol: ipTCP, Group: 1, Port: [2]uint16{uint16(n), 443}}, began[n], w.shard.onEnd)
			r.Other, r.App, r.MAC[0] = flow.OtherRemote, 133, [6]byte{0, 0, 0, 0, 1, byte(n)}
			flows[n] = r
		}
		for at := began[0]; at < began[0]+400*second; at += 10e6 {
			for n, w := range worlds {
				if at < began[n] {
					continue
				}
				if at/10e6%10 == int64(7*n) { // each has its own rhythm, ten times a second, and polls end late
					w.shard.walk(w.iface, &core.Batch{Now: at + at/100e6*7919%83*1e6})
				}
				r := flows[n]
				r.Bytes[1] += 1000
				r.Last, r.Flags = at, r.Flags|flow.Active
			}
		}
		u := one.shard.usage
		u.Devices.Lock()
		list := u.Samples(nil)
		var rates []uint64
		u.Shares(func(x *usage.Share) {
			if x.Rate() > 0 {
				rates = append(rates, x.Rate())
			}
		})
		u.Devices.Unlock()
		if len(list) < 40 {
			t.Errorf("interval %d: %d samples in 400 seconds", interval, len(list))
		}
		for i, x := range list[2:] {
			if x.Down < 196_000 || x.Down > 204_000 {
				t.Fatalf("interval %d: sample %d of %v is not 200 000 bytes a second", interval, i+2, list)
			}
		}
		for _, r := range rates {
			if r < 95_000 || r > 105_000 && r < 190_000 || r > 210_000 {
				t.Errorf("interval %d: rates %v, want 100 000 for each device and 200 000 for the label", interval, rates)
				break
			}
		}
	}
}
