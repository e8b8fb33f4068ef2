package sink

import (
	"sync"
	"time"
)

// pace is how a client gets on while somebody waits for it.
type pace struct {
	mu    sync.Mutex
	since time.Time // when it was last seen to take something; zero: it is not behind
	taken uint64    // what it had taken then
	stuck bool      // it took nothing for too long
}

// behind says that the client must be waited for: it has not caught up, and
// has taken something within patience.
func (p *pace) behind(q *queue, patience time.Duration, all bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	busy, taken := q.busy(all)
	if !busy {
		p.since, p.stuck = time.Time{}, false
		return false
	}
	switch now := time.Now(); {
	case p.since.IsZero():
		p.since, p.taken = now, taken
	case p.stuck:
		return false
	case taken != p.taken:
		p.since, p.taken = now, taken
	default:
		p.stuck = now.Sub(p.since) >= patience
	}
	return !p.stuck
}
