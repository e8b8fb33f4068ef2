package lane

import (
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Stats say how a lane does. Rows, since the start.
type Stats struct {
	Offered   uint64 // rows given to Offer
	Sent      uint64 // of them, and of what was pulled: acknowledged
	Lost      uint64 // Overflow + Refused + TooLarge
	Overflow  uint64 // no room while the other side was away
	Refused   uint64 // the other side said that it will never take them
	TooLarge  uint64 // one row alone is too large for it
	Before    uint64 // lost before they came here, such as in the agent's queue
	Untold    uint64 // of Lost and Before: no batch that was acknowledged has said so yet
	Recovered uint64 // found on disk at the start
	Pulled    uint64 // rows of what was pulled that were acknowledged

	Batches   uint64    // acknowledged
	Failures  uint64    // attempts that failed
	Connected bool      // the last attempt went well, and the connection stands where one is kept
	LastAck   time.Time // zero: none yet
	LastError string
	DiskError string
	Again     time.Time // when it is tried again; zero: it is not waiting

	Waiting  int   // rows in memory, with those being sent
	Bytes    int   // of memory
	OnDisk   int   // rows
	DiskSize int64 // bytes of files
	Sending  int   // rows of the batch that is being sent
}

// Stats gives the counters of this moment.
func (l *Lane) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.stats
	if c, ok := l.out.(output.Living); ok && s.LastError == "" {
		if err := c.Alive(); err != nil {
			s.Connected, s.LastError = false, err.Error()
		}
	}
	s.Waiting, s.Bytes = l.queue.rows+s.Sending, l.queue.bytes
	for _, n := range l.lost {
		s.Untold += n
	}
	for _, b := range l.open {
		s.Waiting += len(b.ends)
		s.Bytes += b.size()
	}
	if l.spool != nil {
		s.OnDisk, s.DiskSize, s.Recovered = l.spool.rows, l.spool.bytes, l.spool.recovered
	}
	return s
}
