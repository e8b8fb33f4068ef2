package lane

import (
	"context"
	"errors"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/stream"
)

// Times of the sender.
const (
	retryMost   = 5 * time.Minute
	retryPerson = 15 * time.Minute // after 401, 403: a person must do something
	laterMost   = time.Hour        // of what another side asks for
	grace       = 5 * time.Second  // for what waits when the relay stops
)

// Puller has batches that are made when they are due, because what they hold can
// be asked for again: they are never lost.
type Puller interface {
	// Next gives a batch that is due, and what is to be called with true once it is
	// acknowledged, with false where the other side will not have it; nil: none is
	// due, ask again after so long.
	Next(ctx context.Context, now time.Time) (b *output.Batch, done func(taken bool), again time.Duration)
}

// rest waits between attempts.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// sending is a batch on its way.
type sending struct {
	output.Batch
	pulled   bool
	settled  *int          // rows from its beginning that were acknowledged or given up
	patience int           // faults in a row until it is doubted; 0: it never is
	faults   int           // in a row
	doubted  *output.Fault // it has had too many
}

// Run sends until ctx ends, then for a moment what is left. What is still left
// goes to disk, or is lost. After Leave it ends with the batch that is being sent,
// and all that is left stays for the heir.
func (l *Lane) Run(ctx context.Context) {
	hard := ctx // ends what is being sent
	ctx, cancel := context.WithCancel(hard)
	defer cancel()
	defer context.AfterFunc(l.leaving, cancel)()
	seq := map[string]uint64{} // of the next batch of a kind
	retry := stream.Backoff{Least: l.o.Retry, Most: retryMost}
	var lines [][]byte
	saved := make(chan struct{})
	go func() { defer close(saved); l.save(ctx) }()
	for ctx.Err() == nil && !l.Left() {
		wait := time.Hour
		if l.Pull != nil {
			b, done, again := l.Pull.Next(ctx, time.Now())
			if b != nil {
				who := l.who()
				b.Agent, b.Site, b.Labels, b.Epoch = who.Agent, who.Site, who.Labels, who.Epoch
				if taken := l.deliver(hard, ctx, &sending{Batch: *b, pulled: true, settled: new(int), patience: faultsInARow}, seq, &retry); taken || ctx.Err() == nil && !l.Left() {
					done(taken)
				}
				continue
			}
			wait = again
		}
		b, file, next := l.take(time.Now(), false)
		if b == nil {
			select {
			case <-ctx.Done():
			case <-l.wake:
			case <-time.After(min(wait, next)):
			}
			continue
		}
		lines = b.lines(lines[:0])
		s := l.address(b, lines)
		s.patience = b.patience()
		taken := l.deliver(hard, ctx, s, seq, &retry)
		if s.doubted != nil {
			l.doubt(b, file, *s.settled, s.doubted)
			continue
		}
		if !taken && (ctx.Err() != nil || l.Left()) {
			l.back(b, file, *s.settled)
			break
		}
		l.done(b, file)
	}
	<-saved
	if !l.Left() {
		l.drain(seq)
	}
	l.saveNow()
	_ = l.out.Close()
}

// saveEvery is how much a power cut may take of what is on disk, and how often the
// disk is asked to write at most.
const saveEvery = time.Second

// save makes what went to disk safe until ctx ends. It does so beside the sender
// and those who offer, who would wait for the disk.
func (l *Lane) save(ctx context.Context) {
	if l.spool == nil {
		return
	}
	t := time.NewTicker(saveEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			l.saveNow()
		}
	}
}

func (l *Lane) saveNow() {
	if l.spool == nil {
		return
	}
	l.mu.Lock()
	names := l.spool.pending()
	l.mu.Unlock()
	if err := l.spool.save(names); err != nil {
		l.mu.Lock()
		l.stats.DiskError = err.Error()
		l.mu.Unlock()
	}
}

// drain sends what is left in a moment, when the relay stops.
func (l *Lane) drain(seq map[string]uint64) {
	ctx, cancel := context.WithTimeout(context.Background(), l.grace)
	defer cancel()
	var lines [][]byte
	for ctx.Err() == nil {
		b, file, _ := l.take(time.Now(), true)
		if b == nil {
			return
		}
		lines = b.lines(lines[:0])
		// One failure ends it: the other side is not there.
		once := stream.Backoff{Least: grace, Most: grace}
		s := l.address(b, lines)
		if !l.deliver(ctx, ctx, s, seq, &once) && ctx.Err() != nil {
			l.back(b, file, *s.settled)
			break
		}
		l.done(b, file)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.flush(time.Now(), true); len(l.queue.list) > 0; {
		if l.spool != nil && l.spill(l.queue.oldest()) == nil {
			continue
		}
		b, _ := l.queue.take(time.Now(), true)
		l.lose(b.table.Kind, len(b.ends), &l.stats.Overflow)
	}
}

// take gives the oldest batch, from disk first, and how long there will be none.
func (l *Lane) take(now time.Time, all bool) (b *batch, file string, next time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	next = l.flush(now, all)
	if l.spool != nil {
		var broken []stub
		var later time.Time
		var err error
		b, file, broken, later, err = l.spool.oldest(now)
		if !later.IsZero() {
			next = min(next, max(later.Sub(now), time.Millisecond))
		}
		switch {
		case err != nil:
			l.stats.DiskError = err.Error()
		case b != nil && later.IsZero():
			l.stats.DiskError = ""
		}
		for _, s := range broken {
			l.lose(s.kind, s.rows, &l.stats.Overflow)
		}
	}
	if b == nil {
		var wait time.Duration
		b, wait = l.queue.take(now, all)
		next = min(next, wait)
	}
	if b != nil {
		l.stats.Sending = len(b.ends)
		if file != "" {
			l.stats.Sending = 0 // it is still counted as on disk
		}
	}
	return b, file, next
}

// back puts a batch to where it was, without the rows that are settled.
func (l *Lane) back(b *batch, file string, settled int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Sending = 0
	if file != "" {
		if settled == 0 {
			return
		}
		l.spool.remove(file)
	}
	b.cut(settled)
	l.queue.list = append([]*batch{b}, l.queue.list...)
	l.queue.bytes += b.size()
	l.queue.rows += len(b.ends)
}

// done forgets a batch.
func (l *Lane) done(b *batch, file string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Sending = 0
	if file != "" {
		l.spool.remove(file)
		return
	}
	l.recycle(b)
}

// address writes a batch's envelope.
func (l *Lane) address(b *batch, lines [][]byte) *sending {
	who := l.who()
	return &sending{Batch: output.Batch{Agent: who.Agent, Site: who.Site, Labels: who.Labels, Epoch: who.Epoch, Kind: b.table.Kind, Retain: b.table.Retain, Columns: b.table.Columns, Lines: lines}, settled: new(int)}
}

// deliver sends until the batch is acknowledged or given up. It is false where
// ctx ended between two attempts, or hard in one, or a pulled batch was refused.
func (l *Lane) deliver(hard, ctx context.Context, s *sending, seq map[string]uint64, retry *stream.Backoff) bool {
	l.mu.Lock()
	s.Seq, s.Lost = seq[s.Kind], l.lost[s.Kind]
	l.mu.Unlock()
	seq[s.Kind]++
	for ctx.Err() == nil && !l.Left() {
		err := l.out.Send(hard, &s.Batch)
		var later *output.Later
		var refused *output.Refused
		var unauthorized *output.Unauthorized
		var fault *output.Fault
		wait := time.Duration(0)
		switch {
		case err == nil:
			l.acknowledged(s)
			retry.Reset()
			return true
		case hard.Err() != nil:
			return false
		case errors.Is(err, output.ErrTooLarge) && len(s.Lines) > 1:
			return l.halves(hard, ctx, s, seq, retry)
		case errors.Is(err, output.ErrTooLarge):
			l.giveUp(s, err, func(st *Stats) *uint64 { return &st.TooLarge })
			return !s.pulled
		case errors.As(err, &refused) && refused.Rows > 0 && refused.Rows < len(s.Lines):
			l.partly(s, refused)
			return true
		case errors.As(err, &refused):
			l.giveUp(s, err, func(st *Stats) *uint64 { return &st.Refused })
			return !s.pulled
		case errors.As(err, &unauthorized):
			wait = retryPerson
		case errors.As(err, &later) && later.After > 0:
			wait = min(later.After, laterMost)
		case errors.As(err, &fault):
			if s.faults++; s.faults != s.patience { // else others may be sent at once
				wait = retry.Next()
			}
		default:
			wait = retry.Next()
		}
		l.failed(err, wait)
		l.rest(ctx, wait)
		if fault != nil && s.faults == s.patience {
			l.passed(s, fault, seq)
			return false
		}
	}
	return false
}

// halves sends a batch that is too large as two.
func (l *Lane) halves(hard, ctx context.Context, s *sending, seq map[string]uint64, retry *stream.Backoff) bool {
	seq[s.Kind]-- // nobody took it
	middle := len(s.Lines) / 2
	first, second := *s, *s
	first.Lines, second.Lines = s.Lines[:middle], s.Lines[middle:]
	taken := l.deliver(hard, ctx, &first, seq, retry)
	if s.doubted = first.doubted; s.doubted == nil {
		taken = l.deliver(hard, ctx, &second, seq, retry) && taken
		s.doubted = second.doubted
	}
	return taken
}

// passed ends the attempts with a batch at which the other side had too many faults in a row.
func (l *Lane) passed(s *sending, fault *output.Fault, seq map[string]uint64) {
	if fault.Settled == 0 {
		seq[s.Kind]-- // nobody took it
	}
	if s.pulled { // it is asked for again
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.doubted = fault
	*s.settled += fault.Settled
	l.stats.Sent += uint64(fault.Settled - fault.Refused)
	l.lose(s.Kind, fault.Refused, &l.stats.Refused)
}

func (l *Lane) acknowledged(s *sending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost[s.Kind] -= s.Lost; l.lost[s.Kind] == 0 {
		delete(l.lost, s.Kind)
	}
	st := &l.stats
	st.Sent += uint64(len(s.Lines))
	*s.settled += len(s.Lines)
	if s.pulled {
		st.Pulled += uint64(len(s.Lines))
	} else {
		st.Sending = max(0, st.Sending-len(s.Lines))
	}
	st.Batches++
	l.taken[s.Kind]++
	if !st.Connected && st.LastError != "" {
		l.Log("%s: works again", l.o.Name)
	}
	st.Connected, st.LastAck, st.LastError, st.Again = true, time.Now(), "", time.Time{}
}

// partly counts a batch of which some rows were refused.
func (l *Lane) partly(s *sending, refused *output.Refused) {
	l.acknowledged(s)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stats.Sent -= uint64(refused.Rows)
	l.lose(s.Kind, refused.Rows, &l.stats.Refused)
	l.Log("%s: %d rows of %s are dropped: %v", l.o.Name, refused.Rows, s.Kind, refused)
}

func (l *Lane) giveUp(s *sending, err error, cause func(*Stats) *uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !s.pulled {
		l.lose(s.Kind, len(s.Lines), cause(&l.stats))
		l.stats.Sending = max(0, l.stats.Sending-len(s.Lines))
	}
	*s.settled += len(s.Lines)
	l.stats.Failures++
	l.stats.LastError = err.Error()
	l.Log("%s: %d rows of %s are dropped: %v", l.o.Name, len(s.Lines), s.Kind, err)
}

func (l *Lane) failed(err error, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stats.Connected || l.stats.LastError == "" {
		l.Log("%s: %v; it is tried again", l.o.Name, err)
	}
	l.stats.Failures++
	l.stats.Connected, l.stats.LastError, l.stats.Again = false, err.Error(), time.Now().Add(wait)
}
