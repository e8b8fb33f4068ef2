package stream

import (
	"math/rand/v2"
	"time"
)

// Backoff is how long to wait before the next attempt: twice as long after each
// failure, from Least to Most, and half more or less by chance, so that many do
// not come at once.
type Backoff struct {
	Least, Most time.Duration

	failures int
}

// Next gives the time to wait after another failure.
func (b *Backoff) Next() time.Duration {
	d := b.Most
	if b.failures < 30 {
		d = min(b.Least<<b.failures, b.Most)
	}
	b.failures++
	return d/2 + time.Duration(rand.Int64N(int64(d)+1))
}

// Reset begins anew, after a success.
func (b *Backoff) Reset() { b.failures = 0 }
