package usage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/proto"
)

// visit lets a device have bytes with a name.
func visit(tab *Table, mac byte, name string, down, up uint64) {
	r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, MAC: [2][6]byte{{0, 0, 0, 0, 0, mac}}, App: 133}
	r.Addr[0] = [16]byte{10, 0, 0, mac}
	r.Bytes = [2]uint64{up, down}
	w := &Where{Addresses: flow.NewAddresses(nil, nil)}
	tab.Book(r, w, 1)
	tab.Visit(r, []byte(name), true)
	tab.End(r, w, 1)
}

func TestHosts(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Hosts: 64})
	long := strings.Repeat("long.", 20) + "example.org"
	visit(tab, 1, "www.Example.org", 100, 10)
	visit(tab, 1, "WWW.example.org", 50, 5)
	visit(tab, 2, "www.example.org", 7, 0)
	visit(tab, 2, "", 7, 0)
	visit(tab, 2, long, 3, 0)
	var have []string
	tab.Hosts(func(h *Host) {
		have = append(have, fmt.Sprint(tab.Devices.Text(h.Device), " ", string(h.Name), " ", h.Cut, h.Down, h.Up, h.Flows, h.Before))
	})
	for _, want := range []string{"00:00:00:00:00:01 www.example.org false 150 15 2 0", "00:00:00:00:00:02 www.example.org false 7 0 1 0", "00:00:00:00:00:02 " + long[len(long)-hostRoom:] + " true 3 0 1 0"} {
		found := false
		for _, x := range have {
			found = found || x == want
		}
		if !found || len(have) != 3 {
			t.Errorf("no %q in %q", want, have)
		}
	}
}

// The query for a name ends after the connection that it was made for. The name
// stays that of the connection's application.
func TestHostsKeepTheirApplication(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Hosts: 64})
	w := &Where{Addresses: flow.NewAddresses(nil, nil)}
	label := func(id proto.ID, app uint32) (l Label) {
		r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote, MAC: [2][6]byte{{0, 0, 0, 0, 0, 1}}, Proto: id, App: app, Bytes: [2]uint64{10, 100}}
		tab.Book(r, w, 1)
		tab.Visit(r, []byte("www.example.org"), true)
		tab.End(r, w, 1)
		tab.Hosts(func(h *Host) { l = h.Label })
		return l
	}
	query := Protocol(proto.DNS, Internet)
	for i, x := range []struct {
		id   proto.ID
		app  uint32
		want Label
	}{{proto.DNS, 133, query}, {proto.HTTPS, 133, App(133, Internet)}, {proto.DNS, 133, App(133, Internet)}, {proto.HTTPS, 0, Protocol(proto.HTTPS, Internet)}, {proto.DNS, 0, Protocol(proto.HTTPS, Internet)}} {
		if have := label(x.id, x.app); have != x.want {
			t.Errorf("%d: %v, want %v", i, have, x.want)
		}
	}
}

// However full the table is: what a name has, and what may be missing, bound what it really had.
func TestHostsAreBounded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 3))
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Hosts: 32})
	real := map[string]uint64{}
	for range 20000 {
		n := int(rnd.ExpFloat64() * 40)
		name, bytes := fmt.Sprintf("h%d.example", n), uint64(rnd.IntN(1000))
		visit(tab, 1, name, bytes, bytes/10)
		real[name] += bytes + bytes/10
	}
	seen := 0
	tab.Hosts(func(h *Host) {
		seen++
		if has, truth := h.Sum(), real[string(h.Name)]; has > truth || truth > has+h.Before {
			t.Errorf("%s had %d, told %d and at most %d missing", h.Name, truth, has, h.Before)
		}
	})
	if seen != 32 {
		t.Errorf("%d names", seen)
	}
}

func TestHostsOfADay(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Hosts: 64, Clock: clock(t, berlin, "1"), Trusted: 1})
	at := unix("2026-11-30T21:00:00Z")
	tab.Tick(at * second)
	visit(tab, 1, "www.example.org", 100, 10)
	count := func() (n int) { tab.Hosts(func(*Host) { n++ }); return }
	tab.Tick((at + 3600) * second)
	if count() != 1 {
		t.Error("forgotten within the day")
	}
	tab.Tick((at + 2*3600) * second)
	if count() != 0 {
		t.Error("kept over midnight")
	}
	if since := tab.Hosts(func(*Host) {}); since != at+2*3600 {
		t.Error(since)
	}
	visit(tab, 1, "www.example.org", 100, 10)
	id := tab.Devices.Find([6]byte{0, 0, 0, 0, 0, 1})
	tab.Devices.Drop(id)
	if count() != 0 {
		t.Error("the names of a device that left")
	}
}

func TestVisitsAllocateNothing(t *testing.T) {
	tab := New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Hosts: 32})
	r := &flow.Record{Key: flow.Key{Version: 4}, Other: flow.OtherRemote}
	tab.Book(r, &Where{Addresses: flow.NewAddresses(nil, nil)}, 1)
	r.Device = 5
	names := [][]byte{[]byte("a.example"), []byte("b.example")}
	if n := testing.AllocsPerRun(100, func() {
		for _, name := range names {
			tab.Visit(r, name, false)
		}
	}); n > 0 {
		t.Error(n)
	}
}
