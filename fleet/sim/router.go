package sim

import (
	"bytes"
	"context"
	"errors"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/stream"
)

// router is one relay: it pulls the hours that are due. All hours but the last
// are over when it begins, as if it had been away; the last ends an hour later.
type router struct {
	f     *fleet
	h     *household
	begin time.Time     // of the simulated time
	shift time.Duration // of the real time: routers do not all send at once
	next  int           // hour
	ready []*output.Batch
}

// Next gives what is due: closed hours, in batches of at most 500 rows.
func (r *router) Next(_ context.Context, now time.Time) (*output.Batch, func(bool), time.Duration) {
	if len(r.ready) == 0 {
		hours := r.f.o.Hours
		if r.next == hours {
			return nil, nil, time.Hour
		}
		due := r.f.began.Add(r.shift)
		if r.next == hours-1 {
			due = due.Add(r.f.o.Hour)
		}
		if wait := due.Sub(now); wait > 0 {
			return nil, nil, wait
		}
		rows, down := r.h.hour(r.begin.Add(time.Duration(r.next) * time.Hour))
		r.f.down.Add(down)
		r.f.rows.Add(uint64(len(rows)))
		if r.next++; r.next == hours {
			r.f.ended.Add(1)
		}
		for len(rows) > 0 {
			n := min(500, len(rows))
			b := &output.Batch{Kind: "usage", Columns: columns, Lines: rows[:n]}
			if r.f.o.Way == "http" {
				b.Columns, b.Lines = nil, objects(rows[:n])
			}
			r.ready, rows = append(r.ready, b), rows[n:]
		}
	}
	return r.ready[0], func(taken bool) {
		if taken {
			r.ready = r.ready[1:]
		}
	}, 0
}

// objects makes objects of arrays.
func objects(rows [][]byte) [][]byte {
	all := make([][]byte, len(rows))
	for i, row := range rows {
		cells := bytes.Split(row[1:len(row)-1], []byte{','}) // no text here holds a comma
		b := []byte{'{'}
		for j, c := range cells {
			if j > 0 {
				b = append(b, ',')
			}
			b = append(append(append(append(b, '"'), columns[j]...), '"', ':'), c...)
		}
		all[i] = append(b, '}')
	}
	return all
}

// hasty is an output whose relay waits between attempts as it does, but with
// the times of the simulation: an hour that lasts a minute has waits of a
// second that last 17 ms.
type hasty struct {
	output.Output
	wait stream.Backoff
}

func (h *hasty) Send(ctx context.Context, b *output.Batch) error {
	err := h.Output.Send(ctx, b)
	var later *output.Later
	var refused *output.Refused
	var person *output.Unauthorized
	switch {
	case err == nil:
		h.wait.Reset()
	case errors.As(err, &later), errors.As(err, &refused), errors.As(err, &person), errors.Is(err, output.ErrTooLarge):
	default:
		return &output.Later{After: h.wait.Next(), Err: err}
	}
	return err
}
