package usage

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand"
	"testing"

	"netifyd/core/device"
	"netifyd/core/flow"
)

var errCrash = errors.New("the machine is off")

// machine is a System that goes off after a number of calls. What was written
// is seen by others at once (now) and lasts when it was synced (disk).
type machine struct {
	now, disk map[string][]byte // disk: what is left when power goes
	calls     int
	off       int // the call that does not happen any more; 0: never
	full      bool
}

func newMachine() *machine { return &machine{now: map[string][]byte{}, disk: map[string][]byte{}} }

func (m *machine) call() error {
	m.calls++
	if m.off > 0 && m.calls >= m.off {
		return errCrash
	}
	return nil
}

func (m *machine) Read(name string) ([]byte, error) {
	b, ok := m.now[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return append([]byte(nil), b...), nil
}

type machineFile struct {
	m    *machine
	name string
}

func (m *machine) Create(name string) (File, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	m.now[name] = nil
	return &machineFile{m, name}, nil
}

func (m *machine) Extend(name string) (File, error) {
	if err := m.call(); err != nil {
		return nil, err
	}
	return &machineFile{m, name}, nil
}

func (f *machineFile) Write(b []byte) (int, error) {
	if f.m.full {
		b = b[:len(b)/2]
		f.m.now[f.name] = append(f.m.now[f.name], b...)
		return len(b), errors.New("no space left on device")
	}
	if err := f.m.call(); err != nil {
		if f.m.calls == f.m.off {
			f.m.now[f.name] = append(f.m.now[f.name], b[:len(b)/3]...) // torn
		}
		return 0, err
	}
	f.m.now[f.name] = append(f.m.now[f.name], b...)
	return len(b), nil
}

func (f *machineFile) Sync() error {
	if err := f.m.call(); err != nil {
		return err
	}
	f.m.disk[f.name] = append([]byte(nil), f.m.now[f.name]...)
	return nil
}

func (f *machineFile) Close() error { return f.m.call() }

func (m *machine) Rename(from, to string) error {
	if err := m.call(); err != nil {
		return err
	}
	m.now[to] = m.now[from]
	delete(m.now, from)
	return nil
}

func (m *machine) Remove(name string) error {
	if err := m.call(); err != nil {
		return err
	}
	delete(m.now, name)
	return nil
}

func (m *machine) SyncDir() error {
	if err := m.call(); err != nil {
		return err
	}
	for name := range m.disk {
		if _, ok := m.now[name]; !ok {
			delete(m.disk, name)
		}
	}
	for name, b := range m.now {
		m.disk[name] = append([]byte(nil), b...)
	}
	return nil
}

// after is the machine when it is on again: a process that was killed leaves
// everything, lost power what had been synced.
func (m *machine) after(power bool) *machine {
	if power {
		return &machine{now: maps.Clone(m.disk), disk: maps.Clone(m.disk)}
	}
	return &machine{now: maps.Clone(m.now), disk: maps.Clone(m.now)}
}

// small is a table and how time passes in it.
type small struct {
	*Table
	now int64 // seconds
	sum uint64
}

func newSmall(t testing.TB, zone, period string, start int64) *small {
	s := &small{Table: New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Clock: clock(t, zone, period), Trusted: 1}), now: start}
	for n := range 3 {
		s.Devices.Of(&[6]byte{0, 0, 0, 0, 1, byte(n)}, 4, &[16]byte{10, 0, 0, byte(n)}, true, uint32(start))
	}
	s.tick(0)
	return s
}

// tick lets seconds pass.
func (s *small) tick(seconds int64) {
	for end := s.now + seconds; ; {
		s.now = min(s.now+240, end)
		s.Devices.Lock()
		s.Table.Tick(s.now * second)
		s.Devices.Unlock()
		if s.now == end {
			return
		}
	}
}

// use books bytes on a device under a label.
func (s *small) use(id device.ID, l Label, down, up uint64) {
	s.Devices.Lock()
	place := s.place(l)
	s.grow(s.cell(keyOf(id, place)), Count{Down: down, Up: up})
	s.count(&flow.Record{Device: uint16(id), Label: place}, down, up)
	s.Devices.Unlock()
	if l != Peer {
		s.sum += down + up
	}
}

// hour uses something that no other hour does, and lets the hour end.
func (s *small) hour(n int) {
	s.use(5, App(uint32(n%7+1), Internet), 1000+uint64(n), 10)
	s.use(6, App(uint32(n%3+1), Local), uint64(n)*3, 7)
	s.use(7, Peer, 5, 5)
	s.tick(3600)
}

// sums are those of all records, at each step.
func sums(t testing.TB, h *History) (n [3]uint64) {
	t.Helper()
	for step := range n {
		last := int64(0)
		err := h.Each(Span{Start: 0, End: 1 << 40}, Kind(step), nil, func(r *Record) {
			n[step] += sumOf(r.Entries)
			if int64(r.Start) < last {
				t.Errorf("record at %d after %d", r.Start, last)
			}
			last = int64(r.Start)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

const hoursRun = 24*4 + 5

// run commits each hour and gives how much was in commits that went well.
func run(t testing.TB, m *machine) (committed uint64, closed []uint64) {
	s := newSmall(t, "UTC0", "3", unix("2026-11-30T20:30:00Z"))
	h, _ := OpenHistory(m, s.clock, Keep{Bytes: 1 << 20, Days: 2, Periods: 3})
	closed = []uint64{0}
	for n := range hoursRun {
		s.hour(n)
		closed = append(closed, s.sum)
		if err := h.Commit(s.Table); err == nil {
			committed = s.sum
		} else if m.off > 0 {
			break
		}
	}
	return committed, closed
}

// Off between any two calls of any commit: what is there when it is on again is
// what some hours used, all that were committed and at most one more, and the
// same whichever records are asked.
func TestOffAtEveryCall(t *testing.T) {
	m := newMachine()
	run(t, m)
	calls := m.calls
	if calls < 300 {
		t.Fatalf("only %d calls", calls)
	}
	for off := 1; off <= calls; off++ {
		m := newMachine()
		m.off = off
		committed, closed := run(t, m)
		for _, power := range []bool{false, true} {
			on := m.after(power)
			h, _ := OpenHistory(on, clock(t, "UTC0", "3"), Keep{Bytes: 1 << 20, Days: 2, Periods: 3})
			n := sums(t, h)
			if n[0] != n[1] || n[1] != n[2] {
				t.Fatalf("off at call %d (power %v): %v", off, power, n)
			}
			if n[0] != committed && n[0] != closed[len(closed)-1] {
				t.Fatalf("off at call %d (power %v): %d bytes, committed %d of %d", off, power, n[0], committed, closed[len(closed)-1])
			}
			// And it goes on: nothing is lost or doubled by what is done next.
			s := newSmall(t, "UTC0", "3", unix("2026-12-06T00:30:00Z"))
			if err := h.Restore(s.Table, s.now); err != nil {
				t.Fatal(err)
			}
			s.hour(1)
			if err := h.Commit(s.Table); err != nil {
				t.Fatal(err)
			}
			if again := sums(t, h); again[0] != n[0]+s.sum || again[0] != again[1] || again[1] != again[2] {
				t.Fatalf("off at call %d (power %v): %v, then %v with %d more", off, power, n, again, s.sum)
			}
		}
	}
}

// A disk that is full takes nothing; when it has room again, everything is there once.
func TestFullDisk(t *testing.T) {
	m := newMachine()
	s := newSmall(t, "UTC0", "1", unix("2026-11-30T20:30:00Z"))
	h, _ := OpenHistory(m, s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	for n := range 60 {
		m.full = n%7 > 1
		s.hour(n)
		if err := h.Commit(s.Table); (err != nil) != m.full || m.full != (h.Stats().Error != "") {
			t.Fatal(n, err)
		}
	}
	m.full = false
	s.hour(60)
	if err := h.Commit(s.Table); err != nil {
		t.Fatal(err)
	}
	if n := sums(t, h); n != [3]uint64{s.sum, s.sum, s.sum} {
		t.Errorf("%v, want %d", n, s.sum)
	}
}

// When nothing can be written for days, hours grow longer and nothing is lost.
func TestNothingCanBeWritten(t *testing.T) {
	s := newSmall(t, "UTC0", "1", unix("2026-11-30T20:30:00Z"))
	for n := range 24 * 30 {
		s.hour(n)
	}
	h, _ := OpenHistory(newMachine(), s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	for range 3 {
		if err := h.Commit(s.Table); err != nil {
			t.Fatal(err)
		}
		s.tick(3600)
	}
	if err := h.Commit(s.Table); err != nil {
		t.Fatal(err)
	}
	if n := sums(t, h); n != [3]uint64{s.sum, s.sum, s.sum} {
		t.Errorf("%v, want %d", n, s.sum)
	}
}

// However small the files must be, nothing but what is older than all periods goes.
func TestBound(t *testing.T) {
	m := newMachine()
	s := newSmall(t, "UTC0", "1", unix("2026-11-30T20:30:00Z"))
	h, _ := OpenHistory(m, s.clock, Keep{Bytes: 2048, Days: 31, Periods: 13})
	for n := range 24 * 40 {
		s.hour(n)
		if err := h.Commit(s.Table); err != nil {
			t.Fatal(err)
		}
		if h.Stats().Bytes > 2048 {
			t.Fatalf("%d bytes after %d hours", h.Stats().Bytes, n)
		}
	}
	n := sums(t, h)
	if n != [3]uint64{s.sum, s.sum, s.sum} {
		t.Errorf("%v, want %d", n, s.sum)
	}
}

// Cut anywhere, or with any bit of a record flipped, a file gives the sound
// records that are left, and the next commit goes on.
func TestDamagedFile(t *testing.T) {
	whole := newMachine()
	s := newSmall(t, "UTC0", "1", unix("2026-12-01T08:00:00Z"))
	h, _ := OpenHistory(whole, s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	prefix := map[uint64]bool{0: true}
	var each []uint64
	for n := range 6 {
		before := s.sum
		s.hour(n)
		prefix[s.sum] = true
		each = append(each, s.sum-before)
		if err := h.Commit(s.Table); err != nil {
			t.Fatal(err)
		}
	}
	file := whole.now["hours"]
	open := func(b []byte) uint64 {
		m := newMachine()
		m.now["hours"] = b
		h, _ := OpenHistory(m, s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
		n := sums(t, h)
		late := newSmall(t, "UTC0", "1", unix("2026-12-01T15:00:00Z"))
		late.hour(9)
		if err := h.Commit(late.Table); err != nil {
			t.Fatal(err)
		}
		if after := sums(t, h); after[0] != n[0]+late.sum {
			t.Fatalf("%d, then %d more are %d", n[0], late.sum, after[0])
		}
		return n[0]
	}
	for n := range file {
		if have := open(append([]byte(nil), file[:n]...)); !prefix[have] {
			t.Fatalf("cut at %d: %d bytes", n, have)
		}
	}
	_, rest, _ := frame(file[headSize:])
	first := len(file) - headSize - len(rest)
	for bit := range first * 8 {
		b := append([]byte(nil), file...)
		b[headSize+bit/8] ^= 1 << (bit % 8)
		if have := open(b); have != s.sum-each[0] {
			t.Fatalf("bit %d: %d bytes, want all but the first record: %d", bit, have, s.sum-each[0])
		}
	}
}

// A file of a later version is set aside, not read and not deleted.
func TestLaterVersion(t *testing.T) {
	m := newMachine()
	m.now["days"] = append(appendFileHead(nil, byte(Day), 0), "something new"...)
	m.now["days"][6] = fileVersion + 1
	_, warnings := OpenHistory(m, clock(t, "UTC0", "1"), Keep{Bytes: 1 << 20})
	if len(warnings) != 1 || m.now["days"] != nil || len(m.now["days.old"]) == 0 {
		t.Error(warnings, m.now)
	}
}

// What devices used today and in this period is there again after a restart, and so are they.
func TestRestore(t *testing.T) {
	m := newMachine()
	s := newSmall(t, berlin, "1", unix("2026-11-30T20:00:00Z"))
	h, _ := OpenHistory(m, s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	s.Devices.Lock()
	s.Devices.Rename(6, "tv")
	s.Devices.Unlock()
	for n := range 10 {
		s.hour(n)
	}
	s.use(5, App(1, Internet), 77, 0)
	s.tick(60)
	s.Flush()
	if err := h.Commit(s.Table); err != nil {
		t.Fatal(err)
	}
	again := &small{Table: New(device.New(device.Options{Devices: 4}), Options{Cells: 64, Clock: s.clock, Trusted: 1}), now: s.now + 5}
	h, warnings := OpenHistory(m.after(true), s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	if err := h.Restore(again.Table, again.now); err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	again.tick(1)
	for id := device.ID(5); id < 8; id++ {
		d1, p1, _ := s.Used(id)
		d2, p2, _ := again.Used(again.Devices.ByNumber(s.Devices.At(id).Number))
		if d1 != d2 || p1 != p2 || id == 5 && (d1 == p1) == (s.clock.Day(s.now).Start != s.clock.Period(s.now).Start) {
			t.Errorf("device %d: today %v, then %v; period %v, then %v", id, d1, d2, p1, p2)
		}
	}
	if d := again.Devices.At(again.Devices.ByNumber(6)); d == nil || d.Name() != "tv" || d.From() != device.FromUser {
		t.Error("the name is gone")
	}
	if since := again.Hosts(func(*Host) {}); since < s.now || since > again.now {
		t.Errorf("names of servers are counted since %d, now is %d", since, again.now)
	}
	id, fresh := again.Devices.Of(&[6]byte{0, 0, 0, 0, 1, 9}, 4, &[16]byte{10}, true, uint32(again.now))
	if !fresh || again.Devices.At(id).Number <= 7 {
		t.Errorf("number %d was given twice", again.Devices.At(id).Number)
	}
}

// hourly is how much records of each hour of a day have.
func hourly(t testing.TB, h *History, day Span) (n [24]uint64) {
	t.Helper()
	err := h.Each(day, Hour, nil, func(r *Record) { n[(int64(r.Start)-day.Start)/3600] += sumOf(r.Entries) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A clock that ran ahead and is set right belongs to the hours that it shows
// then, on the same day and on the day before.
func TestHoursOfAClockThatFallsBack(t *testing.T) {
	for _, boot := range []string{"2026-12-01T14:20:00Z", "2026-12-01T00:40:00Z"} { // two hours ahead of the truth
		m := newMachine()
		before := newSmall(t, "UTC0", "1", unix(boot)-8*3600)
		h, _ := OpenHistory(m, before.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
		before.hour(1)
		before.Flush()
		if err := h.Commit(before.Table); err != nil {
			t.Fatal(err)
		}
		s := &small{Table: New(before.Devices, Options{Cells: 64, Clock: before.clock, Trusted: 1}), now: unix(boot)}
		if err := h.Restore(s.Table, s.now); err != nil {
			t.Fatal(err)
		}
		s.tick(0)
		s.use(5, App(1, Internet), 1000, 0)
		s.tick(60)
		s.now -= 2 * 3600
		for n := range uint64(6) {
			s.tick(0)
			s.use(5, App(1, Internet), 10_000+n, 0)
			s.tick(3600)
			if !s.ClockSet() {
				t.Fatalf("%s: not believed %d hours after it was set", boot, n)
			}
			if err := h.Commit(s.Table); err != nil {
				t.Fatal(err)
			}
		}
		s.tick(48 * 3600)
		s.Flush()
		if err := h.Commit(s.Table); err != nil {
			t.Fatal(err)
		}
		all := s.sum + before.sum
		if n := sums(t, h); n != [3]uint64{all, all, all} {
			t.Errorf("%s: %v, want %d", boot, n, all)
		}
	}
	m := newMachine()
	s := newSmall(t, "UTC0", "1", unix("2026-12-01T12:30:00Z"))
	h, _ := OpenHistory(m, s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	s.use(5, App(1, Internet), 7, 0)
	s.tick(60)
	s.now -= 3600
	for n := range uint64(4) {
		s.tick(0)
		s.use(5, App(1, Internet), 1000*(n+1), 0)
		s.tick(3600)
	}
	if err := h.Commit(s.Table); err != nil {
		t.Fatal(err)
	}
	want := [24]uint64{11: 1000, 12: 7 + 2000, 13: 3000, 14: 4000}
	if n := hourly(t, h, s.clock.Day(s.now)); n != want {
		t.Errorf("%v, want %v", n, want)
	}
}

// However the clock is set, no byte is lost, whichever records are asked.
func TestClockSetAtRandom(t *testing.T) {
	for seed := range int64(25) {
		r := rand.New(rand.NewSource(seed))
		m := newMachine()
		s := newSmall(t, "UTC0", "3", unix("2026-11-30T20:30:00Z"))
		h, _ := OpenHistory(m, s.clock, Keep{Bytes: 1 << 20, Days: 400, Periods: 13})
		var jumps []int64
		for n := range 60 {
			s.use(5, App(uint32(n%7+1), Internet), uint64(1+r.Intn(1000)), 10)
			s.tick(int64(r.Intn(4000)))
			if r.Intn(3) == 0 {
				by := []int64{60, 3600, 7200, 86400, 40 * 86400}[r.Intn(5)] * int64(r.Intn(3)-1)
				jumps = append(jumps, by)
				s.now += by
				s.tick(1)
			}
			if err := h.Commit(s.Table); err != nil {
				t.Fatal(err)
			}
		}
		s.now = max(s.now, s.newest)
		s.tick(40 * 86400)
		s.Flush()
		if err := h.Commit(s.Table); err != nil {
			t.Fatal(err)
		}
		if n := sums(t, h); n != [3]uint64{s.sum, s.sum, s.sum} {
			t.Fatalf("seed %d, jumps of %v: %v, want %d", seed, jumps, n, s.sum)
		}
	}
}

// An hour that is closed in the second in which it began is in its day, once.
func TestHourOfNoTime(t *testing.T) {
	m := newMachine()
	s := newSmall(t, "UTC0", "1", unix("2026-12-01T08:00:00Z"))
	h, _ := OpenHistory(m, s.clock, Keep{Bytes: 1 << 20, Days: 31, Periods: 13})
	s.use(5, App(1, Internet), 1000, 10)
	s.Flush()
	s.use(5, App(1, Internet), 50, 10)
	s.Flush()
	s.use(5, App(1, Internet), 7, 1)
	s.tick(40 * 3600)
	if !s.ClockSet() {
		t.Error("the clock is not believed any more")
	}
	if err := h.Commit(s.Table); err != nil {
		t.Fatal(err)
	}
	if n := sums(t, h); n != [3]uint64{s.sum, s.sum, s.sum} {
		t.Errorf("%v, want %d", n, s.sum)
	}
}

func FuzzRecords(f *testing.F) {
	m := newMachine()
	run(f, m)
	for _, b := range m.now {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m := newMachine()
		m.now["hours"], m.now["days"], m.now["devices"] = b, b, b
		c := clock(t, "UTC0", "1")
		h, _ := OpenHistory(m, c, Keep{Bytes: 1 << 16, Days: 31, Periods: 13})
		table := New(device.New(device.Options{Devices: 4}), Options{Cells: 8, Clock: c, Trusted: 1})
		if err := h.Restore(table, unix("2026-12-01T00:00:00Z")); err != nil {
			t.Fatal(err)
		}
		sums(t, h)
	})
}
