package engine

import (
	"errors"
	"fmt"
	"io"
	"sort"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/hint"
	"netifyd/core/proto"
	"netifyd/core/sink"
	"netifyd/core/usage"
	"netifyd/detect/app"
)

// Summary is what a replay has seen.
type Summary struct {
	Packets, Bytes uint64
	Flows          uint64
	Discarded      uint64 // frames that carried no IP packet, or could not be read
	Evicted        uint64 // flows that ended because the table was full
	SlotsExhausted uint64
	Faults         uint64
	Protocols      map[proto.ID]uint64 // flows by protocol
	Usage          *usage.Table        // who used what; nil: not asked for
	Rules          []action.RuleStatus // what each rule matched; nothing is told to any target
}

// Replay reads a capture file and puts the events of its flows into out. The
// file's packets are the clock, so the same file gives the same events. An
// error that wraps pcapfile.ErrTruncated comes after everything readable.
func Replay(c *config.Config, apps *app.Catalogue, path, name string, out sink.Outlet) (Summary, error) {
	ifc := fileIface(c, path, name)
	set := newSettings(c, apps, []*iface{ifc})
	hints := hint.New(c.Hints, uint32(c.HintTTL.Seconds()), 1)
	s := newShard(c, set, 1, hints, 1, out)
	s.usage, _ = newUsage(c, true, nil)
	room, err := replayRules(s, c, apps)
	if err != nil {
		return Summary{}, err
	}
	src, err := pcapfile.Open(path)
	if err != nil {
		return Summary{}, err
	}
	defer src.Close()
	err = s.walkAll(ifc, src)
	n := &s.counts[0]
	return Summary{
		Packets: n.Raw, Bytes: n.WireBytes - 24*n.Raw, Flows: s.stats.Opened, Discarded: n.Discarded,
		Evicted: s.table.Evicted, SlotsExhausted: s.stats.SlotsExhausted, Faults: s.stats.Faults, Protocols: s.stats.byProtocol(),
		Usage: s.usage, Rules: room.Rules(s.now),
	}, err
}

// walkAll takes all frames of a file down the corridor, and ends what flows are left.
func (s *Shard) walkAll(ifc *iface, src core.Source) error {
	var b core.Batch
	err := src.Next(&b)
	for ; err == nil; err = src.Next(&b) {
		s.walk(ifc, &b)
		s.rejudge(true)
	}
	s.finish(ifc, false)
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// replayRules lets the rules of a configuration judge the flows of a file.
func replayRules(s *Shard, c *config.Config, apps *app.Catalogue) (*action.Room, error) {
	room := action.NewRoom(action.Options{})
	if !action.Wanted(c) {
		return room, nil
	}
	own, other, _, err := action.Documents(c)
	if err != nil {
		return nil, err
	}
	set, _, err := action.Compile(nil, ruleNames(c, apps), c.Rules.GroupsDir, own, other)
	if err != nil {
		return nil, err
	}
	room.Announce(set)
	s.door = room.Door(s.table.Cap(), true)
	s.door.Take(0)
	return room, nil
}

// WriteSummary prints a summary for people.
func WriteSummary(w io.Writer, name string, sum *Summary) {
	fmt.Fprintf(w, "%s: %d packets, %d bytes, %d flows\n", name, sum.Packets, sum.Bytes, sum.Flows)
	fmt.Fprintf(w, "  not IP or unreadable %d, flows evicted %d, no slot %d, detector faults %d\n", sum.Discarded, sum.Evicted, sum.SlotsExhausted, sum.Faults)
	for i := range sum.Rules {
		fmt.Fprintf(w, "  rule %-15s %d\n", sum.Rules[i].Name, sum.Rules[i].Hits)
	}
	ids := make([]proto.ID, 0, len(sum.Protocols))
	for id := range sum.Protocols {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool {
		a, b := ids[i], ids[j]
		if sum.Protocols[a] != sum.Protocols[b] {
			return sum.Protocols[a] > sum.Protocols[b]
		}
		return a < b
	})
	for _, id := range ids {
		fmt.Fprintf(w, "  %-20s %d\n", id.Name(), sum.Protocols[id])
	}
}
