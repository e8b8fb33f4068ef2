package query_test

import (
	"testing"

	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/query"
	"netifyd/core/query/querytest"
	"netifyd/core/usage"
)

// benchHouse has full tables: 256 devices that use
// 100 applications, 2048 cells.
func benchHouse() *counted {
	h := &counted{Still: querytest.House(), table: usage.New(device.New(device.Options{Devices: 256}), usage.Options{Cells: 2048})}
	at := int64(1_800_000_000) * 1e9
	where := &usage.Where{Addresses: flow.NewAddresses(nil, nil)}
	u := h.table
	for n := range 256 * 12 {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, App: uint32(1 + n*7%100), MAC: [2][6]byte{{0, 0, 0, 0, 1, byte(n)}}, First: at}
		r.Addr[0] = [16]byte{10, 0, 0, byte(n)}
		r.Bytes = [2]uint64{uint64(n * 7919 % 1009 * 100), uint64(n * 7919 % 1013 * 1000)} // in no order
		u.Devices.Lock()
		u.Book(r, where, uint32(at/1e9))
		u.Devices.Unlock()
	}
	for range 70 {
		at += 5e9
		u.Devices.Lock()
		u.Tick(at)
		u.Devices.Unlock()
	}
	h.Time = at
	return h
}

// BenchmarkOverview asks for an overview of full tables.
func BenchmarkOverview(b *testing.B) {
	s := query.New(benchHouse())
	for b.Loop() {
		if _, err := s.Ask("overview", nil, query.Caller{}); err != nil {
			b.Fatal(err)
		}
	}
}
