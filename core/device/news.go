package device

// Happening is what happened to a device.
type Happening uint8

// Happenings.
const (
	Came     Happening = iota // it was seen for the first time
	Named                     // its best name changed
	Left                      // it gave up its place
	Resolves                  // it asks a resolver of its own, for the first time
)

var happeningNames = [...]string{"new", "named", "gone", "resolver"}

// String is the value of "event" in a device event.
func (h Happening) String() string { return happeningNames[h] }

// newsRoom is how many happenings wait to be told.
const newsRoom = 64

// News is a happening and the device as it was then.
type News struct {
	What   Happening
	Device Device
}

// news is a ring of what nobody has been told yet: the numbers of devices, and
// of those that left all that is known.
type news struct {
	ring [newsRoom]struct {
		what   Happening
		id     ID // of what left: where in gone
		number uint32
	}
	gone     [8]Device
	next     int // of gone
	first, n int
	lost     uint64
}

func (t *Table) note(what Happening, id ID) {
	n := &t.news
	if n.n == newsRoom {
		n.first, n.n, n.lost = (n.first+1)%newsRoom, n.n-1, n.lost+1
	}
	e := &n.ring[(n.first+n.n)%newsRoom]
	e.what, e.id, e.number = what, id, t.devices[id].Number
	if what == Left {
		n.gone[n.next], e.id = t.devices[id], ID(n.next)
		n.next = (n.next + 1) % len(n.gone)
	}
	n.n++
}

// Drain appends what happened since it was called last, for one reader: the
// engine, which tells listeners and alerts. It takes the lock.
func (t *Table) Drain(dst []News) []News {
	t.Lock()
	defer t.Unlock()
	for n := &t.news; n.n > 0; n.first, n.n = (n.first+1)%newsRoom, n.n-1 {
		e := &n.ring[n.first]
		d := t.At(e.id)
		if e.what == Left {
			d = &n.gone[e.id]
		}
		if d != nil && d.Number == e.number {
			dst = append(dst, News{e.what, *d})
		}
	}
	return dst
}
