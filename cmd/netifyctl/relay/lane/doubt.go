package lane

import (
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// A server that answers a batch with a fault of its own (HTTP 500) may be broken, or
// break at a row of it. After faultsInARow answers the batch lets the others past, and is
// tried again beside them. If one of its kind is taken meanwhile and the batch has a fault
// again, it is the batch: it goes on in halves, down to the row, which is given up after
// strikes such faults. As long as the server takes nothing of the kind, nothing is given up.
const (
	faultsInARow = 5
	strikes      = 3
)

// suspect is what is known of a batch that the other side had a fault at.
type suspect struct {
	taken   uint64 // batches of the kind that were acknowledged when it had its last fault
	strikes int    // faults with an acknowledgement in between
	wait    time.Duration
	again   time.Time // not before
}

// patience is how many faults in a row a batch may have before others come first.
func (b *batch) patience() int {
	if b.suspect != nil {
		return 1
	}
	return faultsInARow
}

// doubt puts a batch behind the others, in halves or away, without the rows that are settled.
func (l *Lane) doubt(b *batch, file string, settled int, fault *output.Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Sending = 0
	if file != "" {
		l.spool.remove(file)
	}
	b.cut(settled)
	if b.suspect == nil {
		b.suspect = &suspect{wait: l.o.Retry}
	} else if l.taken[b.table.Kind] > b.suspect.taken { // else it may be the server
		b.suspect.strikes++
	}
	x := b.suspect
	x.taken, x.again = l.taken[b.table.Kind], time.Now().Add(x.wait)
	x.wait = min(2*x.wait, retryMost)
	switch {
	case x.strikes > 0 && len(b.ends) > 1:
		l.queue.push(b.half(0, len(b.ends)/2))
		l.queue.push(b.half(len(b.ends)/2, len(b.ends)))
		l.recycle(b)
	case x.strikes < strikes:
		l.queue.push(b)
	default:
		l.lose(b.table.Kind, 1, &l.stats.Refused)
		l.Log("%s: 1 row of %s is dropped: the other side takes others, and at this one says: %v", l.o.Name, b.table.Kind, fault)
		l.recycle(b)
	}
	l.shed()
}

// half copies some rows of a batch that has a fault in it somewhere. It need not wait.
func (b *batch) half(from, to int) *batch {
	h := &batch{table: b.table, began: b.began, suspect: &suspect{taken: b.suspect.taken, wait: b.suspect.wait}}
	for _, row := range b.lines(nil)[from:to] {
		h.add(row)
	}
	return h
}

// waits says how long a batch is not to be tried.
func (b *batch) waits(now time.Time) time.Duration {
	if b.suspect == nil {
		return 0
	}
	return max(0, b.suspect.again.Sub(now))
}
