// Package ask turns answers of the agent's control socket into rows: usage,
// devices, alerts, status.
package ask

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"time"

	"netifyd/cmd/netifyctl/stream"
	"netifyd/core/query/client"
)

// Agent is whom to ask.
type Agent struct {
	Control string // address of the control socket
}

// With asks over one connection.
func (a Agent) With(ctx context.Context, fn func(*client.Client) error) error {
	c, err := a.dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	return fn(c)
}

func (a Agent) dial(ctx context.Context) (*client.Client, error) {
	network, place := stream.Network(a.Control)
	if network == "unix" {
		return client.Dial(place)
	}
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, network, place)
	if err != nil {
		return nil, err
	}
	return client.New(conn), nil
}

// arguments of a question.
type arguments map[string]any

// list is an answer with rows, and what stands beside them.
type list struct {
	Now       int64  `json:"now"`
	From      int64  `json:"from"`
	To        int64  `json:"to"`
	Newest    uint64 `json:"newest"`
	Estimated bool   `json:"estimated"`
	Lossy     bool   `json:"lossy"`
	client.Rows
}

// page is how many rows are asked for at a time, and pages how many times.
const (
	page  = 200
	pages = 200
)

// pagesOf asks for all rows of a list. What they hold may change between two
// pages: then a row may be there twice, or be missing.
func pagesOf(c *client.Client, method string, args arguments, each func(*list)) error {
	for offset, n := 0, 0; n < pages; n++ {
		args["offset"], args["limit"] = offset, page
		var l list
		if err := c.Ask(method, args, &l); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		each(&l)
		offset += len(l.Rows.Rows)
		if len(l.Rows.Rows) == 0 || offset >= l.Total {
			return nil
		}
	}
	return errors.New(method + ": too many rows")
}

// UUID asks who the agent is.
func (a Agent) UUID(ctx context.Context) (uuid string) {
	_ = a.With(ctx, func(c *client.Client) error {
		var status struct{ UUID string }
		err := c.Ask("status", nil, &status)
		uuid = status.UUID
		return err
	})
	return uuid
}

// now asks for the agent's time.
func now(c *client.Client) (int64, error) {
	var status struct{ Now int64 }
	err := c.Ask("status", nil, &status)
	if err == nil && status.Now == 0 {
		err = errors.New("status: the agent does not say what time it is")
	}
	return status.Now, err
}

// spread is a time within most that is the same for an agent each time, and
// another for others.
func spread(agent string, most time.Duration) time.Duration {
	if most <= 0 {
		return 0
	}
	h := fnv.New64a()
	h.Write([]byte(agent))
	return time.Duration(h.Sum64() % uint64(most))
}

// bools reads a cell that is true or false.
func truth(r *client.Rows, row int, column string) (v bool) {
	if i := r.Column(column); i >= 0 && i < len(r.Rows[row]) {
		_ = json.Unmarshal(r.Rows[row][i], &v)
	}
	return v
}
