package lane

// Leave makes Run end with the batch that is being sent, and keep the rest for an
// heir.
func (l *Lane) Leave() { l.leave() }

// Left says that Leave was called.
func (l *Lane) Left() bool { return l.leaving.Err() != nil }

// Inherit takes what a lane has left: its rows in their order, its counters, and
// its files where they are in the same directory. That lane must have ended, and
// this one not have begun.
func (l *Lane) Inherit(old *Lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old.mu.Lock()
	defer old.mu.Unlock()
	recovered := l.stats.Offered // what New found on disk
	l.stats = old.stats
	switch {
	case old.spool == nil:
		l.stats.Offered += recovered
	case l.spool != nil && l.spool.dir == old.spool.dir:
		old.spool.most = l.spool.most
		l.spool = old.spool
	default: // they stay where they are until their directory is set again
		l.stats.Offered += recovered - uint64(old.spool.rows)
	}
	l.lost, l.taken, l.queue = old.lost, old.taken, old.queue
	for _, b := range old.open {
		l.queue.push(b)
	}
	l.shed()
	l.wake <- struct{}{}
}
