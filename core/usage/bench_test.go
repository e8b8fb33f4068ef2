package usage

import (
	"math/rand/v2"
	"testing"

	"netifyd/core/device"
	"netifyd/core/flow"
)

// BenchmarkHarvest books 8192 flows that all carried something.
func BenchmarkHarvest(b *testing.B) {
	t := New(device.New(device.Options{Devices: 256}), Options{Cells: 2048})
	rnd := rand.New(rand.NewPCG(1, 1))
	flows := make([]*flow.Record, 8192)
	for n := range flows {
		flows[n] = flowOf(n, rnd)
		flows[n].Other = flow.OtherRemote
	}
	a := flow.NewAddresses(nil, nil)
	for b.Loop() {
		for _, r := range flows {
			r.Bytes[0] += 1000
			t.Book(r, &Where{Addresses: a}, 1)
		}
	}
}
