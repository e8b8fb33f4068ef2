package ask

import (
	"context"
	"fmt"
	"slices"
	"time"

	"netifyd/cmd/netifyctl/relay/lane"
	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/privacy"
	"netifyd/core/query/client"
)

// UsageColumns are those of kind usage. A row is all that a device used of a label
// from start on, for seconds, as far as it was known when it was asked for. A row
// with a higher version replaces one of the same device, label, scope and start:
// so it may be sent twice, late, or in another order. complete, estimated and
// lossy are 0 or 1.
var UsageColumns = []string{"start", "seconds", "device", "name", "label", "scope", "down", "up", "flows", "complete", "estimated", "lossy", "version"}

// Times of Usage.
const (
	hourEnds     = time.Minute      // after its end an hour is closed for certain
	refusedAgain = 15 * time.Minute // the output will not take it: a person must do something
	askAgain     = 30 * time.Second // the agent did not answer
	batchRows    = 500
	dayInHours   = 25
)

// Usage tells an output who used what, hour by hour, out of the agent's history:
// from where the output acknowledged last, however long ago that is. It is a
// lane.Puller.
type Usage struct {
	Agent    Agent
	UUID     func() string
	Filter   *privacy.Filter
	Objects  bool
	Local    bool                              // traffic between devices here too
	Interval time.Duration                     // the hour that runs is told so often; an hour or more: it is not told
	Bound    func(time.Duration) time.Duration // the interval that the other side wishes, never shorter; nil: Interval
	Spread   time.Duration                     // closed hours are told within so long
	File     string                            // remembers what was acknowledged; empty: only memory does
	Log      func(string, ...any)

	state   usageState
	loaded  bool
	step    *step // on its way
	next    time.Time
	trouble string
}

// step is a piece of time that is being told.
type step struct {
	batches []*output.Batch
	after   usageState // once all are acknowledged
	more    bool       // the next piece is there already
}

// Next gives the next batch that is due.
func (u *Usage) Next(ctx context.Context, at time.Time) (*output.Batch, func(bool), time.Duration) {
	if wait := u.next.Sub(at); wait > 0 {
		return nil, nil, wait
	}
	if u.step == nil {
		if err := u.prepare(ctx, at); err != nil {
			if text := err.Error(); text != u.trouble && ctx.Err() == nil {
				u.Log("usage: %v; it is asked again", err)
				u.trouble = text
			}
			u.next = at.Add(askAgain)
			return nil, nil, askAgain
		}
		u.trouble = ""
	}
	if len(u.step.batches) == 0 {
		u.commit(at)
		return nil, nil, max(u.next.Sub(at), time.Millisecond)
	}
	return u.step.batches[0], func(taken bool) {
		if !taken {
			u.next = time.Now().Add(refusedAgain)
			return
		}
		if u.step.batches = u.step.batches[1:]; len(u.step.batches) == 0 {
			u.commit(at)
		}
	}, 0
}

func (u *Usage) interval() time.Duration {
	if u.Bound == nil {
		return u.Interval
	}
	return u.Bound(u.Interval)
}

// commit remembers that a piece of time was acknowledged.
func (u *Usage) commit(at time.Time) {
	changed := len(u.step.after.Hours) > 0 || u.state.Next != u.step.after.Next
	u.state = u.step.after
	switch {
	case u.step.more:
		u.next = at
	case u.interval() >= time.Hour:
		u.next = at.Add(time.Duration(u.state.End-at.Unix())*time.Second + hourEnds + spread(u.UUID(), u.Spread))
		if u.next.Before(at) {
			u.next = at.Add(time.Minute)
		}
	default:
		u.next = at.Add(u.interval())
	}
	u.step = nil
	if changed {
		if err := u.state.save(u.File); err != nil && u.trouble != err.Error() {
			u.trouble = err.Error()
			u.Log("usage: what was acknowledged cannot be remembered: %v", err)
		}
	}
}

// prepare asks for the next piece of time.
func (u *Usage) prepare(ctx context.Context, at time.Time) error {
	if !u.loaded {
		u.state, u.loaded = loadUsage(u.File), true
	}
	return u.Agent.With(ctx, func(c *client.Client) error {
		now, err := now(c)
		if err != nil {
			return err
		}
		after := u.state.copy()
		if after.Next == 0 || after.Next > now+7200 { // the first time; or the clock was wrong
			yesterday, err := span(c, "day", now-86400)
			if err != nil {
				return err
			}
			after = usageState{Version: after.Version, Next: yesterday.from}
		}
		p, err := u.piece(c, &after, now)
		if err != nil {
			return err
		}
		after.Version = max(after.Version+1, uint64(at.UnixMilli()))
		rows := p.changes(&after)
		u.step = &step{after: after}
		running := now < p.to+int64(hourEnds/time.Second)
		if running && u.interval() >= time.Hour {
			u.step.after = u.state.copy()
			u.step.after.Next, u.step.after.End = p.from, p.to
			return nil
		}
		u.step.batches = u.batches(p, rows, !running, now, after.Version)
		u.step.after.acknowledge(p, !running)
		u.step.more = !running
		return nil
	})
}

// bounds are those of an hour or a day.
type bounds struct{ from, to int64 }

func span(c *client.Client, step string, at int64) (bounds, error) {
	var l list
	err := c.Ask("usage", arguments{"step": step, "from": at, "count": 1, "limit": 1}, &l)
	if err == nil && l.To <= l.From {
		err = fmt.Errorf("usage: the agent keeps no %ss", step)
	}
	return bounds{l.From, l.To}, err
}

// piece asks for the hour that comes next; where the agent has no hours any more
// of that day, for what is left of the day.
func (u *Usage) piece(c *client.Client, s *usageState, now int64) (*piece, error) {
	hour, err := span(c, "hour", s.Next)
	if err != nil {
		return nil, err
	}
	hour.from = max(hour.from, s.Next)
	day, err := span(c, "day", s.Next)
	if err != nil {
		return nil, err
	}
	s.within(day)
	if now-day.to < 86400 {
		return u.read(c, hour, hour.from, arguments{"step": "hour", "from": s.Next, "count": 1})
	}
	// Is the day still there by the hour?
	whole, err := u.read(c, day, day.from, arguments{"step": "hour", "from": day.from, "count": dayInHours})
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(whole.starts, func(start int64) bool { return start > day.from && start < day.to }) {
		return u.read(c, hour, hour.from, arguments{"step": "hour", "from": s.Next, "count": 1})
	}
	whole, err = u.read(c, bounds{s.Next, day.to}, s.Next, arguments{"step": "day", "from": day.from, "count": 1})
	if err == nil {
		whole.subtract(s.Day)
	}
	return whole, err
}

// read asks for the rows of a time, with the Internet and with devices here.
func (u *Usage) read(c *client.Client, b bounds, start int64, args arguments) (*piece, error) {
	for try := 0; ; try++ {
		p := newPiece(b, start)
		for _, scope := range u.scopes() {
			args["local"] = scope == "local"
			total := -1
			err := pagesOf(c, "usage", args, func(l *list) {
				if total >= 0 && total != l.Total {
					p.moved = true
				}
				total = l.Total
				p.estimated, p.lossy = p.estimated || l.Estimated, p.lossy || l.Lossy
				for i := range l.Rows.Rows {
					p.add(u.Filter, &l.Rows, i, scope)
				}
			})
			if err != nil {
				return nil, err
			}
		}
		if !p.moved || try == 2 {
			return p, nil
		}
	}
}

// batches writes rows.
func (u *Usage) batches(p *piece, rows []usageRow, complete bool, now int64, version uint64) (list []*output.Batch) {
	seconds := p.to - p.from
	if !complete {
		seconds = max(1, min(seconds, now-p.from))
	}
	for part := range slices.Chunk(rows, batchRows) {
		b := &output.Batch{Kind: "usage"}
		if !u.Objects {
			b.Columns = UsageColumns
		}
		for _, r := range part {
			values := []any{p.start, seconds, r.Device, u.Filter.Name(r.name), r.Label, r.Scope, r.Down, r.Up, r.Flows, bit(complete), bit(p.estimated), bit(p.lossy), version}
			var line []byte
			if u.Objects {
				line = lane.AppendObject(nil, UsageColumns, values)
			} else {
				line = lane.AppendArray(nil, values)
			}
			b.Lines = append(b.Lines, line)
		}
		list = append(list, b)
	}
	return list
}

func (u *Usage) scopes() []string {
	if u.Local {
		return []string{"internet", "local"}
	}
	return []string{"internet"}
}

func bit(v bool) int {
	if v {
		return 1
	}
	return 0
}
