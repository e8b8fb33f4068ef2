package action

import (
	"sync/atomic"
	"unsafe"
)

// Change is what targets are to be told of a flow: slots that it came to and
// slots that it left.
type Change struct {
	Add, Remove uint64
	Rule        uint16 // the first that begins to match, or matches
	Ended       bool   // the flow ended, and Add are slots that hold it, whose Sync may have missed it
}

// Any says that there is something to tell.
func (c Change) Any() bool { return c.Add|c.Remove != 0 }

// entry is a change that waits.
type entry struct {
	add, remove uint64
	place       uint32 // of the flow in its table
	ended       bool
	subject     Subject
}

// queue is a ring between one shard, which never waits, and the worker.
type queue struct {
	entries []entry
	head    atomic.Uint64 // next to be taken; the worker's
	tail    atomic.Uint64 // next to be filled; the shard's
}

func newQueue(n int) *queue {
	size := 1
	for size < n {
		size *= 2
	}
	return &queue{entries: make([]entry, size)}
}

// put copies a change into the queue; false: it is full.
func (q *queue) put(c Change, place int, s *Subject) bool {
	tail := q.tail.Load()
	if tail-q.head.Load() == uint64(len(q.entries)) {
		return false
	}
	e := &q.entries[tail&uint64(len(q.entries)-1)]
	e.add, e.remove, e.place, e.ended, e.subject = c.Add, c.Remove, uint32(place), c.Ended, *s
	q.tail.Store(tail + 1)
	return true
}

// next is the oldest change, lent until done; nil: there is none.
func (q *queue) next() *entry {
	head := q.head.Load()
	if head == q.tail.Load() {
		return nil
	}
	return &q.entries[head&uint64(len(q.entries)-1)]
}

func (q *queue) done() { q.head.Add(1) }

// QueueBytes is the memory of a queue for n changes.
func QueueBytes(n int) int {
	size := 1
	for size < n {
		size *= 2
	}
	return size * int(unsafe.Sizeof(entry{}))
}

// FlowBytes is the memory that each place of a flow table takes.
const FlowBytes = int(unsafe.Sizeof(held{}))
