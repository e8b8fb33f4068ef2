package engine

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"testing"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/flow"
	"netifyd/core/packet"
)

// fanout is the shard that a frame goes to: by the addresses and ports of the
// outermost IP header, both ways alike, as PACKET_FANOUT_HASH does; a fragment
// goes by its addresses alone. VXLAN has -1: its sender's port differs by
// direction (RFC 7348, section 5), so the kernel parts what belongs together,
// and an interface that carries VXLAN wants one shard.
func fanout(f *core.Frame, shards int) int {
	var v packet.View
	var k flow.Key
	if packet.New(4).Decode(f, &v) != packet.OK {
		return 0
	}
	if v.Tunnel.Type == packet.TunnelVXLAN {
		return -1
	}
	if t := &v.Tunnel; t.Type != packet.TunnelNone {
		v.Version, v.Protocol, v.Src, v.Dst, v.SrcPort, v.DstPort = t.Version, 0, t.Src, t.Dst, t.SrcPort, t.DstPort
	}
	if v.Seen&packet.SeenFragment != 0 {
		v.SrcPort, v.DstPort = 0, 0
	}
	flow.MakeKey(&k, v.Version, v.Protocol, 0, &v.Src, &v.Dst, v.SrcPort, v.DstPort)
	h := fnv.New32a()
	fmt.Fprint(h, k)
	return int(h.Sum32()>>8) % shards
}

// eventsOf runs the captures of testdata through so many shards and gives the
// lines in the order of the alphabet.
func eventsOf(t *testing.T, frames []core.Frame, shards int) (lines []string) {
	first := newWorld(t, nil).shard
	worlds := make([]*world, shards)
	for n := range worlds {
		w := newWorld(t, func(c *config.Config) { c.MaxFlows = 16384; c.Slots = 4096 })
		w.shard.hints, w.shard.expect, w.shard.kin = first.hints, first.expect, first.kin
		worlds[n] = w
	}
	now := worlds[0].now
	for i := range frames {
		now += 1e6
		f := frames[i]
		f.Time = now
		to := fanout(&f, shards)
		if to < 0 {
			continue
		}
		for n, w := range worlds {
			b := core.Batch{Now: now}
			if n == to {
				b.Frames = []core.Frame{f}
			}
			w.shard.walk(w.iface, &b)
		}
	}
	for _, w := range worlds {
		w.shard.finish(w.iface, false)
		if w.shard.table.Evicted > 0 || w.shard.stats.SlotsExhausted > 0 {
			t.Fatal("the tables of this test are too small")
		}
		w.out.Flush()
		for l := range strings.Lines(w.lines.String()) {
			lines = append(lines, l)
		}
	}
	slices.Sort(lines)
	return lines
}

// TestShardsTellTheSame compares the events of one shard with those of several.
func TestShardsTellTheSame(t *testing.T) {
	frames := library(t)
	one := eventsOf(t, frames, 1)
	if len(one) < 500 {
		t.Fatalf("only %d events", len(one))
	}
	for _, shards := range []int{2, 3, 8} {
		got := eventsOf(t, frames, shards)
		missing, extra := difference(one, got)
		if len(missing)+len(extra) > 0 {
			t.Errorf("%d shards: %d events of one shard are missing, %d are new; the first\n%s%s", shards, len(missing), len(extra), first(missing), first(extra))
		}
	}
}

// difference gives what only one of two sorted lists has.
func difference(a, b []string) (onlyA, onlyB []string) {
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			onlyA, a = append(onlyA, a[0]), a[1:]
		case len(a) == 0 || b[0] < a[0]:
			onlyB, b = append(onlyB, b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return onlyA, onlyB
}

func first(lines []string) string {
	if len(lines) == 0 {
		return "none\n"
	}
	return lines[0]
}
