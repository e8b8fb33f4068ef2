package core

import "time"

var began = time.Now()

// Stamp notes what time it is as a live source returns.
func (b *Batch) Stamp() {
	t := time.Now()
	b.Now, b.Steady = t.UnixNano(), int64(t.Sub(began))+1
}

// Unset is what time it is, in nanoseconds since 1970, as if nobody had set the
// clock since the program began.
func Unset() int64 { return began.UnixNano() + int64(time.Since(began)) }
