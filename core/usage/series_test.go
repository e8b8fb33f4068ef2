package usage

import (
	"testing"

	"netifyd/core/device"
	"netifyd/core/flow"
)

// Two shards tell the time, one a little behind the other. What flows evenly is
// an even curve: no sample of zero, none of more than there was.
func TestSamplesOfTwoShards(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 16})
	d := tab.Devices
	r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: 133, MAC: [2][6]byte{{0, 0, 0, 0, 0, 1}}}
	where := &Where{Addresses: flow.NewAddresses(nil, nil)}
	now := int64(1_700_000_000) * second
	for range 40 {
		now += window
		d.Lock()
		r.Bytes[1] += 5000
		tab.Book(r, where, uint32(now/second))
		tab.Tick(now)
		tab.Tick(now - 300e6) // the other shard has had no packet since
		d.Unlock()
	}
	list := tab.Samples(nil)
	if len(list) != 40 {
		t.Errorf("%d samples in 40 windows", len(list))
	}
	for i, s := range list[1:] {
		if s.Down != 1000 {
			t.Fatalf("sample %d is %d bytes a second, of 1000: %v", i+1, s.Down, list)
		}
	}
	// A clock that falls back far begins a window anew.
	d.Lock()
	tab.Tick(now - 3600*second)
	tab.Tick(now - 3600*second + window)
	d.Unlock()
	if n := len(tab.Samples(nil)); n != 42 {
		t.Errorf("%d samples after the clock fell back", n)
	}
}
