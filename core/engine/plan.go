package engine

import (
	"fmt"
	"io"
	"unsafe"

	"netifyd/core/action"
	"netifyd/core/alert"
	"netifyd/core/config"
	"netifyd/core/device"
	"netifyd/core/flow"
	"netifyd/core/hint"
	"netifyd/core/packet"
	"netifyd/core/sink"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// Sizes that follow from the number of flows, or that nobody needs to set.
const (
	tunnelPlaces = 256
	devicePlaces = 512
)

// blocksFor is how many blocks of metadata flows have: most keep less than two full.
func blocksFor(flows int) int { return max(flows*7/4, 16) }

// Item is one line of the memory bill.
type Item struct {
	What    string
	Setting string // by which it grows; empty: by none
	Count   int
	Bytes   int
}

// Plan is what the tables take by the configuration, ifaces captures at a
// time. What is "at most" is taken when there is the first client that lags,
// the first connection that the kernel offloads. The runtime itself comes on top.
func Plan(c *config.Config, ifaces int, apps *app.Catalogue) []Item {
	shards := shardCount(c, ifaces)
	per := perShard(c.MaxFlows, shards)
	slots, frags := perShard(c.Slots, shards), perShard(c.Fragments, shards)
	items := []Item{
		{"flow table", "flows.max", per * shards, flow.Bytes(per) * shards},
		{"flow metadata, 60 byte blocks", "flows.max", blocksFor(per) * shards, flow.BlockBytes(blocksFor(per)) * shards},
		{"reassembly slots", "detection.slots", slots * shards, flow.SlotBytes(slots) * shards},
		{"IP fragments being joined", "detection.fragments", frags * shards, packet.Bytes(frags) * shards},
		{"DNS hints", "hints.max", c.Hints, hint.Bytes(c.Hints)},
		{"tunnels", "", tunnelPlaces * shards, flow.TunnelBytes(tunnelPlaces) * shards},
		{"addresses of devices", "", devicePlaces * shards, device.PairBytes(devicePlaces) * shards},
		{"capture rings", "capture.ring", ringCount(c, ifaces), ringCount(c, ifaces) * c.Capture.RingKB << 10},
		{"client queues, at most", "clients.queue", c.Clients, int(sink.Options{Clients: c.Clients, Queue: c.ClientQueueKB << 10}.Memory())},
		{"offloaded connections, at most", "", maxOffloaded, offloadBytes()},
		{"translated connections", "flows.max", natCount(c), natCount(c) * int(unsafe.Sizeof(natEntry{}))},
		{"applications", "", 1, apps.Bytes()},
		{"shard buffers", "capture.shards", shards, shards * shardBytes},
	}
	if n := apps.Added(); n > 0 { // those of before are in use until they are read
		items = append(items, Item{"applications that a reload reads", "", 1, n})
	}
	if u := &c.Usage; u.Enabled {
		items = append(items, Item{"devices", "usage.devices", u.Devices, device.Bytes(u.Devices)}, Item{"usage by application", "usage.cells", u.Cells, usage.Bytes(u.Devices, u.Cells)},
			Item{"names of servers", "usage.hosts", u.Hosts, usage.HostBytes(u.Hosts)},
			Item{"alerts", "", alert.Size, alert.Bytes + alert.ProbeBytes + int(unsafe.Sizeof(alert.Seen{}))})
		if u.Directory == "none" || u.SizeKB == 0 {
			items = append(items, Item{"history in memory, at most", "usage.directory", 1, inMemory})
		}
	}
	if b := action.BillOf(c); b.Rules > 0 {
		rules, elements, groups := b.Bytes()
		items = append(items, Item{"rules, about", "", b.Rules, rules}, Item{"flows that rules match", "flows.max", per * shards, per * shards * action.FlowBytes},
			Item{"changes for targets", "actions.queue", c.Rules.Queue * shards, action.QueueBytes(c.Rules.Queue) * shards}, Item{"elements of targets", "", b.Elements, elements})
		if b.Groups > 0 {
			items = append(items, Item{"files of address groups", "actions.groups_dir", b.Groups, groups})
		}
	}
	return items
}

// Total is the sum of a plan, in bytes.
func Total(items []Item) (n int) {
	for _, i := range items {
		n += i.Bytes
	}
	return n
}

// WritePlan prints a plan for people; memTotal is the machine's memory in bytes, 0 if it is not known.
func WritePlan(w io.Writer, items []Item, memTotal uint64) {
	for _, i := range items {
		fmt.Fprintf(w, "%-32s %8d  %8d KiB\n", i.What, i.Count, (i.Bytes+1023)>>10)
	}
	fmt.Fprintf(w, "%-32s %8s  %8d KiB\n", "sum", "", (Total(items)+1023)>>10)
	if memTotal > 0 {
		fmt.Fprintf(w, "%-32s %8s  %8d KiB\n", "memory of this machine", "", memTotal>>10)
	}
}

// shardCount is how many flow tables there are: one a shard of an interface,
// but interfaces of one group share, and a file has one.
func shardCount(c *config.Config, ifaces int) int {
	groups := map[string]bool{}
	files, n := 0, 0
	for i := range c.Interfaces {
		g := c.Interfaces[i].Group
		switch {
		case c.Interfaces[i].File != "":
			files++
		case g == "" || !groups[g]:
			groups[g] = true
			n++
		}
	}
	if files+n == 0 {
		n = max(1, ifaces)
	}
	return files + n*max(1, c.Capture.Shards)
}

// ringCount is how many rings there are: one a shard of a device.
func ringCount(c *config.Config, ifaces int) int {
	for i := range c.Interfaces {
		if c.Interfaces[i].File != "" {
			ifaces--
		}
	}
	return max(0, ifaces) * max(1, c.Capture.Shards)
}

func perShard(n, shards int) int { return max(1, (n+shards-1)/shards) }
