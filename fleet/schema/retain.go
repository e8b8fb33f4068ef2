package schema

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"netifyd/fleet/store"
)

// Limits say how long rows are kept, and how much room they may take.
type Limits struct {
	Usage, Flow, Batch, Alert time.Duration // 0: for ever
	Bytes                     uint64        // of all tables together; 0: as much as there is
}

// Defaults are those of the tables' TTL on a current server.
var Defaults = Limits{Usage: 396 * day, Flow: 30 * day, Batch: 90 * day, Alert: 396 * day}

const day = 24 * time.Hour

// partition is a day or a month of a table.
type partition struct {
	table, name string
	end         time.Time // no row of it is younger
	bytes       uint64
}

// Retain drops partitions that are over their time, and then, while all tables
// together are above the limit of bytes, the oldest: days of flows first, months
// of usage last, and never the newest of a table. It gives what it dropped. Run
// it once a day; a current server does the part of time by itself.
func Retain(ctx context.Context, s *store.Store, l Limits, now time.Time) (dropped []string, err error) {
	for table, age := range map[string]time.Duration{"flow": l.Flow, "agent_batch": l.Batch, "alert": l.Alert, "usage": l.Usage, "usage_adrift": 31 * day} {
		parts, err := partitions(ctx, s, table)
		if err != nil {
			return dropped, err
		}
		for _, p := range parts {
			if age > 0 && p.end.Before(now.Add(-age)) {
				if err := p.drop(ctx, s); err != nil {
					return dropped, err
				}
				dropped = append(dropped, p.table+" "+p.name)
			}
		}
	}
	if l.Bytes == 0 {
		return dropped, nil
	}
	total := uint64(0)
	var order []partition
	for _, table := range []string{"flow", "agent_batch", "usage_adrift", "alert", "usage"} {
		parts, err := partitions(ctx, s, table)
		if err != nil {
			return dropped, err
		}
		for i, p := range parts {
			total += p.bytes
			if i < len(parts)-1 {
				order = append(order, p)
			}
		}
	}
	for _, p := range order {
		if total <= l.Bytes {
			return dropped, nil
		}
		if err := p.drop(ctx, s); err != nil {
			return dropped, err
		}
		total -= p.bytes
		dropped = append(dropped, p.table+" "+p.name)
	}
	if total > l.Bytes {
		return dropped, fmt.Errorf("the newest partitions alone take %d bytes, more than the limit of %d", total, l.Bytes)
	}
	return dropped, nil
}

func (p partition) drop(ctx context.Context, s *store.Store) error {
	_, err := s.Exec(ctx, "ALTER TABLE "+p.table+" DROP PARTITION "+p.name)
	return err
}

// partitions are those of a table, the oldest first.
func partitions(ctx context.Context, s *store.Store, table string) (all []partition, err error) {
	_, rows, err := s.Rows(ctx, "SELECT partition, sum(bytes_on_disk) AS size FROM system.parts WHERE active AND database = '"+s.Database+"' AND table = '"+table+"' GROUP BY partition ORDER BY partition")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		p := partition{table: table, name: fmt.Sprint(r["partition"])}
		p.bytes, _ = strconv.ParseUint(fmt.Sprint(r["size"]), 10, 64)
		if t, err := time.Parse("20060102", p.name); err == nil {
			p.end = t.AddDate(0, 0, 1)
		} else if t, err := time.Parse("200601", p.name); err == nil {
			p.end = t.AddDate(0, 1, 0)
		} else {
			continue // not one of ours
		}
		all = append(all, p)
	}
	return all, nil
}
