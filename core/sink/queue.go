package sink

import (
	"encoding/binary"
	"sync"

	"netifyd/core"
)

// entryHead is the room before each entry of a queue: its length.
const entryHead = 4

// maxFrame is the room of `{"length": N}` and LF, at most.
const maxFrame = 40

// queue is a client's events that were not written yet: a ring of bytes of a
// fixed size, in which each entry is a framed line. When there is no room, the
// oldest entries go. Lines of rank Spare get no more than half of the room, so
// that no flood of them pushes others out. Any goroutine may push, one takes.
type queue struct {
	mu      sync.Mutex
	wake    chan struct{} // holds one token while there may be something to take
	ring    []byte
	head    int // of the oldest entry
	used    int
	dropped uint64
	taken   uint64 // bytes
	closed  bool
	bare    bool // lines have no header
	frame   [maxFrame]byte
}

func newQueue(ring []byte, bare bool) *queue {
	return &queue{ring: ring, bare: bare, wake: make(chan struct{}, 1)}
}

// push frames a line and puts it at the end. False: entries were dropped for
// it, or it does not fit at all.
func (q *queue) push(line []byte, rank core.Rank) bool {
	q.mu.Lock()
	if q.closed {
		q.mu.Unlock()
		return false
	}
	frame := q.frame[:0]
	if !q.bare {
		frame = frameHead(frame, len(line))
	}
	n := len(frame) + len(line)
	before := q.dropped
	if room := len(q.ring); entryHead+n > room || rank == core.Spare && entryHead+n > room/2-q.used {
		q.dropped++
	} else {
		for entryHead+n > len(q.ring)-q.used {
			q.drop()
		}
		var size [entryHead]byte
		binary.LittleEndian.PutUint32(size[:], uint32(n))
		q.put(size[:])
		q.put(frame)
		q.put(line)
	}
	kept := q.dropped == before
	q.mu.Unlock()
	q.signal()
	return kept
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) put(b []byte) {
	at := (q.head + q.used) % len(q.ring)
	copy(q.ring, b[copy(q.ring[at:], b):])
	q.used += len(b)
}

func (q *queue) skip(n int) {
	q.head = (q.head + n) % len(q.ring)
	q.used -= n
}

// peek copies bytes of the oldest entry, from at on.
func (q *queue) peek(b []byte, at int) {
	at = (q.head + at) % len(q.ring)
	copy(b[copy(b, q.ring[at:]):], q.ring)
}

// size of the oldest entry without its head.
func (q *queue) size() int {
	var b [entryHead]byte
	q.peek(b[:], 0)
	return int(binary.LittleEndian.Uint32(b[:]))
}

func (q *queue) drop() {
	q.skip(entryHead + q.size())
	q.dropped++
}

// take moves whole entries into buf, which it returns, grown if the oldest
// entry needs it; never beyond the size of the ring. ended: nothing is left
// and nothing will come.
func (q *queue) take(buf []byte) (_ []byte, ended bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	buf = buf[:0]
	for q.used > 0 {
		n := q.size()
		if len(buf) == 0 && n > cap(buf) {
			buf = make([]byte, 0, n)
		}
		at := len(buf)
		if n > cap(buf)-at {
			break
		}
		buf = buf[:at+n]
		q.peek(buf[at:], entryHead)
		q.skip(entryHead + n)
		q.taken += uint64(n)
	}
	return buf, len(buf) == 0 && q.closed
}

// spare is the room for lines that must not crowd out live events: half of
// the queue is kept for those.
func (q *queue) spare() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return max(0, len(q.ring)/2-q.used-entryHead-maxFrame)
}

// lost is how many entries were dropped so far.
func (q *queue) lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}

// close lets what is there be taken, and refuses more.
func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
}

// busy says that the queue is open and more than a quarter full, or, where all
// of it shall go, not empty; and how many bytes were taken so far.
func (q *queue) busy(all bool) (yes bool, taken uint64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	most := len(q.ring) / 4
	if all {
		most = 0
	}
	return !q.closed && q.used > most, q.taken
}

// release closes the queue for good and gives its ring back.
func (q *queue) release() []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	ring := q.ring
	q.closed, q.ring, q.head, q.used = true, nil, 0, 0
	return ring
}
