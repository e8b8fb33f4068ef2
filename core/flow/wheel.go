package flow

// The wheel has one bucket a second. A record waits in the bucket of its
// deadline as it was when it was put there; packets only write Record.Last, and
// a record whose bucket comes up too early is put off.
const (
	buckets = 512
	second  = int64(1e9)
)

type wheel struct {
	heads [buckets]uint32 // first record of a bucket plus one
	now   int64           // second that was handled last; 0: none yet
}

func (w *wheel) insert(t *Table, r *Record, deadline int64) {
	s := deadline/second + 1
	if s <= w.now {
		s = w.now + 1
	}
	if s >= w.now+buckets {
		s = w.now + buckets - 1
	}
	b := uint16(s % buckets)
	id := t.id(r)
	r.bucket, r.wheelPrev, r.wheelNext = b+1, 0, w.heads[b]
	if r.wheelNext != 0 {
		t.slab[r.wheelNext-1].wheelPrev = id
	}
	w.heads[b] = id
}

func (w *wheel) remove(t *Table, r *Record) {
	if r.bucket == 0 {
		return
	}
	if r.wheelPrev != 0 {
		t.slab[r.wheelPrev-1].wheelNext = r.wheelNext
	} else {
		w.heads[r.bucket-1] = r.wheelNext
	}
	if r.wheelNext != 0 {
		t.slab[r.wheelNext-1].wheelPrev = r.wheelPrev
	}
	r.bucket, r.wheelPrev, r.wheelNext = 0, 0, 0
}

// Schedule sets when the wheel looks at a record next: when it is new, and
// whenever its deadline moves nearer.
func (t *Table) Schedule(r *Record, deadline int64) {
	if t.wheel.now == 0 {
		t.wheel.now = r.First/second - 1
	}
	t.wheel.remove(t, r)
	t.wheel.insert(t, r, deadline)
}

// Shift moves the times of all records, and the wheel with them.
func (t *Table) Shift(by int64) {
	w := &t.wheel
	turn := int64(0)
	if w.now != 0 {
		to := (w.now*second + by) / second
		turn = ((to-w.now)%buckets + buckets) % buckets
		w.now = to
	}
	var heads [buckets]uint32
	for b, head := range w.heads {
		heads[(int64(b)+turn)%buckets] = head
	}
	w.heads = heads
	for i := range t.slab {
		r := &t.slab[i]
		if r.Flags&InUse == 0 {
			continue
		}
		r.First += by
		r.Last += by
		if r.bucket != 0 {
			r.bucket = uint16((int64(r.bucket)-1+turn)%buckets) + 1
		}
	}
}

// Advance lets time pass to now. For each record whose bucket has come,
// deadline says when it ends; if that has passed, end is called and the record removed.
func (t *Table) Advance(now int64, deadline func(*Record) int64, end func(*Record)) {
	w := &t.wheel
	to := now / second
	if w.now == 0 {
		w.now = to
		return
	}
	if to > w.now+buckets {
		w.now = to - buckets // a jump: every bucket once is enough
	}
	for w.now < to {
		w.now++
		b := w.now % buckets
		id := w.heads[b]
		w.heads[b] = 0
		for id != 0 {
			r := &t.slab[id-1]
			id = r.wheelNext
			r.bucket, r.wheelPrev, r.wheelNext = 0, 0, 0
			if d := deadline(r); d <= now {
				end(r)
				t.Remove(r)
			} else {
				w.insert(t, r, d)
			}
		}
	}
}
