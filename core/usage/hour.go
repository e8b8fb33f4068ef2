package usage

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sort"

	"netifyd/core/device"
)

// second in nanoseconds; window is how long rates are measured, at least.
const (
	second = int64(1e9)
	window = 5 * second
	back   = 60 * second  // more than a shard is behind another: the clock fell back
	jump   = 300 * second // of the clock: it closes the hour
)

// pendingFor is the room for records that are not written yet, in bytes.
func pendingFor(cells int) int { return max(5*cells, 3072) }

// Tick lets time pass: it measures rates and closes the hour. The caller is a
// shard, with its own time, and holds the lock; all shards have booked what came
// before the window that is over now. It allocates nothing.
func (t *Table) Tick(now int64) {
	t.together()
	at := now - now%t.step
	if passed := at - t.window; passed >= t.step || passed <= -back {
		t.measure(passed)
		t.window = at
	}
	if t.clock == nil {
		return
	}
	last := t.last
	t.last = now
	switch {
	case !t.believes(now / second):
		if t.hour.End != 0 { // the clock fell back
			t.close(last)
			t.hour = Span{}
		}
		if t.hour.Start == 0 {
			t.hour.Start = now / second
		}
	case t.hour.End == 0: // from now on the clock is right; what was counted before is of this hour
		t.floor = max(t.floor, t.newest, 1)
		t.open(now)
	case now-last > jump || last-now > jump:
		t.close(last)
		if now > last && !t.clock.Day(now/second).Has(last/second) {
			t.floor = max(t.floor, t.newest)
		}
		t.open(now)
	case now >= t.hour.End*second:
		t.close(t.hour.End * second)
		t.floor = max(t.floor, t.clock.Day(now/second).Start)
		t.open(now)
	}
}

// Shift moves the window of rates where the clock was set: no time has passed in it. It takes the lock.
func (t *Table) Shift(by int64) {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	if t.window != 0 {
		t.window += by
	}
}

// SetInterval says how often shards book, in nanoseconds: rates are measured
// over a multiple of it, since each window shall have as many bookings. It takes the lock.
func (t *Table) SetInterval(interval int64) {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	if step := (window + interval - 1) / interval * interval; step != t.step {
		t.step, t.series.n = step, 0
	}
}

// Flush closes the hour as far as it has come, for the end of the agent. It takes the lock.
func (t *Table) Flush() {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	if t.clock != nil && t.last != 0 {
		t.together()
		end := t.last
		t.close(end)
		t.hour.Start = end / second
	}
}

// ClockSet says that the time of packets is believed. The caller holds the lock.
func (t *Table) ClockSet() bool { return t.clock == nil || t.last == 0 || t.hour.End != 0 }

// believes says that a clock may be right: it stands neither before this
// version nor before what was written. One that was wrong by years when it was
// written does not count. One that falls back before our eyes was set by who
// knows better, as where a router's own clock runs in local time: it is believed
// unless its day may be over for the history, to which nothing can be added then.
func (t *Table) believes(at int64) bool {
	const year = 366 * 86400
	return at >= t.trusted && (at >= t.newest || t.newest-at > year || t.floor != 0 && at >= t.floor)
}

// open begins the hour around now, and the day and the period where they are new.
func (t *Table) open(now int64) {
	at := now / second
	if t.postponed {
		t.hour.End = t.clock.Hour(at).End
	} else {
		t.hour = Span{Start: at, End: t.clock.Hour(at).End}
	}
	newDay, newPeriod := t.day != t.clock.Day(at), t.period != t.clock.Period(at)
	t.day, t.period = t.clock.Day(at), t.clock.Period(at)
	switch {
	case newDay:
		t.hosts.restart(at)
	case t.hosts.since == 0: // an agent that starts in a day of which the history tells
		t.hosts.since = at
	}
	if newDay || newPeriod {
		t.restart(newDay, newPeriod)
	}
}

// restart begins the sums of devices anew. What is in the cells is of the new day.
func (t *Table) restart(day, period bool) {
	for i := range t.owners {
		o := &t.owners[i]
		began := o.total.less(o.folded[Internet])
		o.begin(day, period, began)
	}
	for i := range t.cells {
		if c := &t.cells[i]; c.key != 0 && t.totals[c.place()].label.internet() {
			o, n := &t.owners[c.device()], Octets{c.down(), c.up()}
			if day {
				o.day.take(n)
			}
			if period {
				o.period.take(n)
			}
		}
	}
}

func (o *owner) begin(day, period bool, at Octets) {
	if day {
		o.day = at
	}
	if period {
		o.period = at
	}
}

// measure makes rates of what was booked in this window.
func (t *Table) measure(passed int64) {
	if passed < 0 { // the clock fell back: nobody knows how long it was
		passed = t.step
	}
	seconds := uint64(max(passed/second, 1))
	for i := range t.owners {
		t.owners[i].rate.measure(t.owners[i].total, seconds)
	}
	for i := range t.totals {
		e := &t.totals[i]
		e.rate.measure(Octets{e.down, e.up}, seconds)
	}
	t.sample(seconds)
}

// Sample is how much Internet traffic there was in a window, bytes a second.
type Sample struct{ Down, Up, WANDown, WANUp uint32 }

// samples is how many windows are kept: five minutes.
const samples = 60

// series are the newest samples. sum is of all labels, at the newest one.
type series struct {
	ring [samples]Sample
	n    int
	sum  [4]uint64
}

// sample adds what all labels have more than at the sample before.
func (t *Table) sample(seconds uint64) {
	var sum [4]uint64
	for i := range t.totals {
		e := &t.totals[i]
		switch {
		case e.label == Wan:
			sum[2], sum[3] = sum[2]+e.down, sum[3]+e.up
		case e.label.Sum() == Internet:
			sum[0], sum[1] = sum[0]+e.down, sum[1]+e.up
		}
	}
	var rate [4]uint32
	for i := range rate {
		if was := t.series.sum[i]; sum[i] > was {
			rate[i] = uint32(min((sum[i]-was)/seconds, math.MaxUint32))
		}
	}
	t.series.ring[t.series.n%samples] = Sample{rate[0], rate[1], rate[2], rate[3]}
	t.series.n++
	t.series.sum = sum
}

// Samples appends the newest samples, the oldest first; Sampled says how far
// they are apart. The caller holds the lock.
func (t *Table) Samples(dst []Sample) []Sample {
	for n := max(0, t.series.n-samples); n < t.series.n; n++ {
		dst = append(dst, t.series.ring[n%samples])
	}
	return dst
}

// close makes a record of the hour until end, adds it to what waits to be
// written, and begins with empty cells. Where there is no room, because nothing
// could be written for long, the hour goes on.
func (t *Table) close(end int64) {
	r := Record{Start: uint32(t.hour.Start), Seconds: uint32(max(1, end/second-t.hour.Start)), Kind: Hour}
	if t.hour.End == 0 {
		r.Marks |= NoClock
		r.Start = uint32(t.newest)
	} else {
		r.Zone = int8(t.clock.Zone(t.hour.Start) / 900)
		if h := t.clock.Hour(t.hour.Start); h == (Span{Start: t.hour.Start, End: end / second}) {
			r.Marks |= Complete
		}
	}
	if t.lossy {
		r.Marks |= Lossy
	}
	most, flags := t.bound()
	for least := uint64(1 << 10); most > cap(t.pending) && least != 0; least <<= 1 { // a huge table: the smallest go without detail
		for i := range t.cells {
			if c := &t.cells[i]; c.key != 0 && c.down()+c.up() < least {
				t.fold(c)
				*c = cell{}
			}
		}
		most, _ = t.bound()
	}
	if t.postponed = most > cap(t.pending)-len(t.pending); t.postponed {
		return
	}
	if flags&Estimated != 0 {
		r.Marks |= EstimatedIn
	}
	sort.Sort((*byOwner)(t))
	devices := 0
	t.each(func(device.ID, int) { devices++ }, func(Label, Count) {})
	if devices == 0 {
		return
	}
	at := len(t.pending)
	t.pending = appendHead(t.pending, &r)
	t.pending = binary.AppendUvarint(t.pending, uint64(devices))
	t.each(func(id device.ID, entries int) {
		t.pending = binary.AppendUvarint(binary.AppendUvarint(t.pending, uint64(t.Devices.At(id).Number)), uint64(entries))
	}, func(difference Label, c Count) {
		t.pending = appendEntry(t.pending, difference, &c)
	})
	t.pending = seal(t.pending, at)
	t.newest = max(t.newest, min(r.End(), end/second))
	t.settle()
}

// settle empties the hour.
func (t *Table) settle() {
	for i := range t.totals {
		e := &t.totals[i]
		e.hour = Octets{e.down, e.up}
	}
	for i := range t.owners {
		o := &t.owners[i]
		o.folded, o.flows, o.bits = [3]Octets{}, [3]uint32{}, 0
	}
	clear(t.cells)
	t.lossy = false
}

// byOwner is the order of a record: free cells first, then by place of the device, then by label.
type byOwner Table

func (t *byOwner) Len() int      { return len(t.cells) }
func (t *byOwner) Swap(i, j int) { t.cells[i], t.cells[j] = t.cells[j], t.cells[i] }

func (t *byOwner) Less(i, j int) bool {
	a, b := &t.cells[i], &t.cells[j]
	if x, y := a.device(), b.device(); x != y {
		return x < y
	}
	return t.totals[a.place()].label < t.totals[b.place()].label
}

// each gives the entries of a record: device by device how many there are, and
// each with the difference of its label to the one before. Cells are sorted.
func (t *Table) each(owner func(device.ID, int), entry func(Label, Count)) {
	at := 0
	for at < len(t.cells) && t.cells[at].key == 0 {
		at++
	}
	for id := range t.owners {
		from := at
		for at < len(t.cells) && int(t.cells[at].device()) == id {
			at++
		}
		own := t.cells[from:at]
		var others [3]Count
		for i := range others {
			others[i] = t.owners[id].other(Scope(i))
		}
		n := len(own)
		for i := range others {
			if others[i] != (Count{}) && !t.has(own, folded(Scope(i))) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		owner(device.ID(id), n)
		last := Label(0)
		next := func(l Label, c Count) {
			entry(l-last, c)
			last = l
		}
		given := func(c *cell) { next(t.totals[c.place()].label, c.count()) }
		i := 0
		for k := range others {
			l := folded(Scope(k))
			for i < len(own) && t.totals[own[i].place()].label < l {
				given(&own[i])
				i++
			}
			c := others[k]
			if i < len(own) && t.totals[own[i].place()].label == l {
				c.add(own[i].count())
				i++
			}
			if c != (Count{}) {
				next(l, c)
			}
		}
		for ; i < len(own); i++ {
			given(&own[i])
		}
	}
}

func (t *Table) has(own []cell, l Label) bool {
	for i := range own {
		if t.totals[own[i].place()].label == l {
			return true
		}
	}
	return false
}

// bound is how long the record is at most, and what flags its cells have.
func (t *Table) bound() (size int, flags Flags) {
	var there [(1<<15 + 63) / 64]uint64 // devices that have anything
	size = recordHead + 4 + maxNumber
	for i := range t.cells {
		if c := &t.cells[i]; c.key != 0 {
			n, id := c.count(), c.device()
			size += entryBound(t.totals[c.place()].label, &n)
			flags |= c.flags()
			there[id/64] |= 1 << (id % 64)
		}
	}
	for i := range t.owners {
		has := there[i/64]>>(i%64)&1 != 0
		for k := range t.owners[i].folded {
			if c := t.owners[i].other(Scope(k)); c != (Count{}) {
				size += entryBound(folded(Scope(k)), &c)
				has = true
			}
		}
		if has {
			size += 2 * maxNumber
		}
	}
	return size, flags
}

// maxNumber is the longest uvarint of 32 bits.
const maxNumber = 5

func entryBound(l Label, c *Count) int {
	return width(uint64(l)) + width(c.Down) + width(c.Up) + width(uint64(c.Flows))
}

// width is how long a uvarint is.
func width(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
