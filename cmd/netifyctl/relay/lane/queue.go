package lane

import (
	"slices"
	"time"
)

// batch is rows of one table, one after the other.
type batch struct {
	table   *Table
	text    []byte
	ends    []int // of rows in text
	began   time.Time
	suspect *suspect // nil: the other side had no fault at it
}

func (b *batch) add(row []byte) {
	b.text = append(b.text, row...)
	b.ends = append(b.ends, len(b.text))
}

// lines are the rows, lent.
func (b *batch) lines(dst [][]byte) [][]byte {
	start := 0
	for _, end := range b.ends {
		dst = append(dst, b.text[start:end])
		start = end
	}
	return dst
}

// cut takes the first rows away.
func (b *batch) cut(rows int) {
	if rows == 0 {
		return
	}
	start := b.ends[rows-1]
	b.text = append(b.text[:0], b.text[start:]...)
	b.ends = b.ends[rows:]
	for i := range b.ends {
		b.ends[i] -= start
	}
}

// size is what a batch takes.
func (b *batch) size() int { return len(b.text) + 8*len(b.ends) + 64 }

// queue is batches that wait, the oldest first. One that is being sent is no
// more in it.
type queue struct {
	list  []*batch
	bytes int
	rows  int
}

func (q *queue) push(b *batch) {
	q.list = append(q.list, b)
	q.bytes += b.size()
	q.rows += len(b.ends)
}

func (q *queue) oldest() *batch { return q.list[0] }

func (q *queue) remove(b *batch) {
	if i := slices.Index(q.list, b); i >= 0 {
		q.list = slices.Delete(q.list, i, i+1)
		q.bytes -= b.size()
		q.rows -= len(b.ends)
	}
}

// take gives the oldest that need not wait, and how long there is none; all: the oldest.
func (q *queue) take(now time.Time, all bool) (b *batch, next time.Duration) {
	next = time.Hour
	for _, b := range q.list {
		if wait := b.waits(now); wait > 0 && !all {
			next = min(next, wait)
			continue
		}
		q.remove(b)
		return b, 0
	}
	return nil, next
}

// victim takes out the batch that is worth least: the oldest of Bulk, else the oldest.
func (q *queue) victim() *batch {
	for _, class := range [...]Class{Bulk, Keep} {
		for _, b := range q.list {
			if b.table.Class == class {
				q.remove(b)
				return b
			}
		}
	}
	return nil
}
