//go:build cgo && gopacket && linux

package afpacket

import (
	"testing"
	"time"

	"netifyd/core"
)

// TestAsGopacket reads the same packets at once through our ring and gopacket's.
func TestAsGopacket(t *testing.T) {
	for _, text := range []string{"", "udp port 53", "vlan 100"} {
		here, there := pair(t)
		c := Config{Interface: here, Filter: text, SnapLength: 200, Timeout: 10 * time.Millisecond, Wait: 50 * time.Millisecond, Promiscuous: true}
		other, err := OpenGopacket(c)
		if err != nil {
			t.Fatal(err)
		}
		own := mustOpen(t, c)
		a, b := read(t, own), read(t, other)
		out := newSender(t, there)
		const n = 3000 // less than a ring holds, so that a slow reader loses none
		want := 0
		for i := range uint32(n) {
			port, tag := uint16(53+i%2), uint16(i%5)*50
			out.send(frame(i, port, tag, 32+int(i%700)))
			if text == "" || text == "udp port 53" && port == 53 || text == "vlan 100" && tag == 100 {
				want++
			}
		}
		ours, theirs := a.want(want), b.want(want)
		for i := range ours {
			x, y := ours[i], theirs[i]
			// Each socket of its own asks the clock for a packet's time.
			near := x.Time-y.Time < 1e7 && y.Time-x.Time < 1e7
			if string(x.bytes) != string(y.bytes) || x.Length != y.Length || x.VLAN != y.VLAN || x.HasVLAN != y.HasVLAN || x.Link != y.Link || !near {
				t.Fatalf("%q: packet %d: %+v, by gopacket %+v", text, i, x.Frame, y.Frame)
			}
		}
		a.none()
		b.none()
		if x, y := own.Counters(), other.Counters(); x != y || x.Received != uint64(want) {
			t.Errorf("%q: counters %+v, by gopacket %+v", text, x, y)
		}
		run(t, "ip link del "+here)
	}
}

func TestGopacketInterfaceLife(t *testing.T) {
	here, there := pair(t)
	told := newEvents(t)
	s, err := OpenGopacket(Config{Interface: here, Wait: 20 * time.Millisecond, Timeout: 5 * time.Millisecond, Event: told.tell})
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, s)
	newSender(t, there).send(frame(1, 53, 0, 32))
	r.want(1)
	run(t, "ip link set "+here+" down")
	told.want(core.Down)
	running(t, here)
	told.want(core.Up)
	newSender(t, there).send(frame(2, 53, 0, 32))
	r.want(1)
	run(t, "ip link set "+here+" down")
	told.want(core.Down)
	run(t, "ip link del "+here)
	told.want(core.Vanished)
	link(t, here, there)
	told.want(core.Returned)
	newSender(t, there).send(frame(3, 53, 0, 32))
	r.want(1)
	r.none()
	if c := s.Counters(); c.Received != 3 {
		t.Errorf("counters over a reopening: %+v", c)
	}
}
