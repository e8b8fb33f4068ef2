package pipe

import (
	"bytes"
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redpanda-data/benthos/v4/public/service"

	"netifyd/fleet/store"
)

// clickhouse writes batches of messages into the store. A message counts as
// written when the store said so; one that the store will never take is logged
// and let go, since it would stand in the way of all others for ever.
type clickhouse struct {
	store *store.Store
	log   *service.Logger
	bad   *service.MetricCounter
	rows  *service.MetricCounter
	away  atomic.Bool
}

func (c *clickhouse) Connect(ctx context.Context) error {
	_, err := c.store.Exec(ctx, "SELECT 1")
	return err
}

func (c *clickhouse) WriteBatch(ctx context.Context, batch service.MessageBatch) error {
	tables := map[string]*bytes.Buffer{}
	single := map[string][][]byte{}
	for _, m := range batch {
		payload, err := m.AsBytes()
		if err != nil {
			return err
		}
		topic, _ := m.MetaGet("topic")
		agent, kind, err := Topic(topic)
		var rows []byte
		if err == nil {
			rows, err = Rows(agent, kind, payload)
		}
		if err != nil {
			c.refuse(topic, err)
			continue
		}
		if tables[kind] == nil {
			tables[kind] = new(bytes.Buffer)
		}
		tables[kind].Write(rows)
		single[kind] = append(single[kind], rows)
	}
	for kind, all := range tables {
		if err := c.insert(ctx, kind, all.Bytes(), single[kind]); err != nil {
			return err
		}
	}
	return nil
}

// insert writes rows of a kind, for as long as it takes. Where the store does
// not like them, it is asked about each message alone.
func (c *clickhouse) insert(ctx context.Context, kind string, rows []byte, single [][]byte) error {
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 10*time.Second) {
		err := c.store.Insert(ctx, kind+"_in", rows)
		switch {
		case err == nil:
			c.rows.Incr(int64(bytes.Count(rows, []byte("\n"))))
			if c.away.Swap(false) {
				c.log.Info("the store is back")
			}
			return nil
		case hopeless(err) && len(single) > 1:
			for _, one := range single {
				if err := c.insert(ctx, kind, one, nil); err != nil {
					return err
				}
			}
			return nil
		case hopeless(err):
			c.refuse(kind, err)
			return nil
		}
		if !c.away.Swap(true) {
			c.log.Warnf("the store does not take rows, trying again: %v", err)
		}
		select {
		case <-time.After(wait): // then all again: rows that are there already change nothing
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *clickhouse) refuse(what string, err error) {
	c.bad.Incr(1)
	c.log.Warnf("%s: a batch is let go: %v", what, err)
}

func (c *clickhouse) Close(context.Context) error { return nil }

// hopeless errors are about the rows themselves, by ClickHouse's numbers
// (dbms/src/Common/ErrorCodes.cpp): cannot parse, wrong type or number,
// duplicate column.
func hopeless(err error) bool {
	text := err.Error()
	for _, code := range []string{"6", "26", "27", "38", "41", "53", "69", "72", "117", "130", "321"} {
		if strings.Contains(text, "Code: "+code+",") || strings.Contains(text, "Code: "+code+".") {
			return true
		}
	}
	return false
}
