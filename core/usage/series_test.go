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

// Where the clock is set no time has passed in the window: its rate is that of before.
func TestSamplesThroughTheClock(t *testing.T) {
	for _, by := range []int64{-3600, 3 * 3600, -86400 * 365, -7, 7} {
		tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 16})
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: 133, MAC: [2][6]byte{{0, 0, 0, 0, 0, 1}}}
		where := &Where{Addresses: flow.NewAddresses(nil, nil)}
		now := int64(1_700_000_000) * second
		for i := range 40 {
			if i == 17 {
				now += by * second
				tab.Shift(by * second)
			}
			for range window / second {
				now += second
				tab.Devices.Lock()
				r.Bytes[1] += 1000
				tab.Book(r, where, uint32(now/second))
				tab.Tick(now)
				tab.Devices.Unlock()
			}
		}
		list := tab.Samples(nil)
		if len(list) < 39 {
			t.Errorf("%d s: %d samples in 40 windows", by, len(list))
		}
		for i, s := range list[2:] { // the first window may be a part of one
			if s.Down < 990 || s.Down > 1010 {
				t.Errorf("%d s: sample %d is %d bytes a second, of 1000: %v", by, i+2, s.Down, list)
				break
			}
		}
	}
}
