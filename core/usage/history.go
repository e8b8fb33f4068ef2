package usage

import (
	"errors"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"sync"
)

// Files of a history, by the kind of their records, and that of the devices.
var fileNames = [...]string{Hour: "hours", Day: "days", Period: "periods"}

// IsFile says that a directory may hold a file of this name for a history.
func IsFile(name string) bool {
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".new"), ".old")
	return slices.Contains(fileNames[:], name) || name == devicesName || name == SeenName
}

// Names of the other files.
const (
	devicesName = "devices"
	SeenName    = "seen" // which device used which application: for Put and Get
)

// How much a day and a period keep of each device, beside its "other".
var topLabels = [...]int{Hour: 1 << 16, Day: 24, Period: 32}

// Keep says how much history there is.
type Keep struct {
	Bytes   int // of all files
	Days    int
	Periods int
}

// History is what was used before this hour, in files: hours of yesterday and
// today, days, periods of accounting. Any goroutine but a shard's may call it;
// it has a lock of its own, which is never held together with the table's.
type History struct {
	// Before is called when Commit is about to write records, and to drop them
	// from the table; nil: nobody else wants them.
	Before func()

	mu    sync.Mutex
	sys   System
	clock *Clock
	keep  Keep

	unsure bool // the last attempt to write hours failed: some may be there
	folded Span // the day that was running when days were folded last
	stats  HistoryStats
}

// HistoryStats are about the files.
type HistoryStats struct {
	Damaged int    // files that held something else than sound records, since the start
	Bytes   int    // of all files
	Error   string // of the last commit, "" where it went well
}

// OpenHistory takes over the files of a system. What is broken in them is cut
// out; a file of another version is set aside. Warnings say so.
func OpenHistory(sys System, clock *Clock, keep Keep) (h *History, warnings []string) {
	h = &History{sys: sys, clock: clock, keep: keep}
	for kind, name := range fileNames {
		b, err := sys.Read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		h.stats.Bytes += len(b)
		var sound []byte
		good := false
		if err == nil {
			good, err = framesOf(b, byte(kind), func(f []byte) { sound = appendFrame(sound, f) })
		}
		switch {
		case errors.Is(err, errForeign):
			warnings = append(warnings, name+" "+err.Error()+": it is kept as "+name+".old")
			err = sys.Rename(name, name+".old")
		case err == nil && !good:
			h.stats.Damaged++
			warnings = append(warnings, name+" was damaged: what is sound in it was kept")
			err = replace(sys, name, append(appendFileHead(nil, byte(kind), 0), sound...))
		}
		if err != nil {
			warnings = append(warnings, err.Error())
		}
	}
	return h, warnings
}

// appendFrame adds a record that frame cut off.
func appendFrame(dst, record []byte) []byte {
	at := len(dst)
	return seal(append(dst, record...), at)
}

// SetClock takes another clock: what was written stays as it is.
func (h *History) SetClock(c *Clock, keep Keep) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock, h.keep, h.folded = c, keep, Span{}
}

// ToMemory goes on in memory with as much of the newest history as keep has
// room for, and writes no file any more; those that are there stay as they are.
func (h *History) ToMemory(keep Keep) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	m := new(Memory)
	for _, name := range append(fileNames[:], devicesName, SeenName) {
		b, err := h.sys.Read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = write(m.Create, name, b)
		}
		if err != nil {
			return err
		}
	}
	h.sys, h.keep, h.unsure = m, keep, false
	for before := -1; before != h.stats.Bytes; { // each turn makes it smaller, or it is small enough
		before = h.stats.Bytes
		if err := h.bound(); err != nil {
			return err
		}
	}
	return nil
}

// Stats are the counters of the history.
func (h *History) Stats() HistoryStats {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.stats
}

// held is a record of a file: what is needed to choose among them.
type held struct {
	frame []byte
	span  Span
	sum   uint64
	kind  Kind
}

// load reads the records of a kind.
func (h *History) load(kind Kind) (list []held, err error) {
	b, err := h.sys.Read(fileNames[kind])
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	_, err = framesOf(b, byte(kind), func(f []byte) { list = appendHeld(list, f) })
	return list, err
}

func appendHeld(list []held, f []byte) []held {
	var r Record
	if !r.parse(f) {
		return list
	}
	return append(list, held{f, Span{Start: int64(r.Start), End: r.End()}, sumOf(r.Entries), r.Kind})
}

// sumOf is all bytes of entries that count.
func sumOf(entries []Entry) (sum uint64) {
	for i := range entries {
		if entries[i].Label != Peer {
			sum += entries[i].Sum()
		}
	}
	return sum
}

func covered(list []held, at int64) bool {
	return slices.ContainsFunc(list, func(r held) bool { return r.span.Has(at) })
}

// within is the sum of the records that begin within a span.
func within(list []held, s Span) (sum uint64) {
	for i := range list {
		if s.Has(list[i].span.Start) {
			sum += list[i].sum
		}
	}
	return sum
}

// Each calls fn for the records of a piece of time, in their order. Where there
// is detail of at least the kind step, it is given; a day or a period without is
// given as a whole if it begins in that time. Nothing is given twice. pending
// are records that are not written yet (Table.Pending). The record is valid
// until fn returns.
func (h *History) Each(s Span, step Kind, pending []byte, fn func(*Record)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	chosen, err := h.choose(s, step, pending)
	if err != nil {
		return err
	}
	var r Record
	for _, c := range chosen {
		if r.parse(c.frame) {
			fn(&r)
		}
	}
	return nil
}

func (h *History) choose(s Span, step Kind, pending []byte) (chosen []held, err error) {
	var levels [3][]held
	for kind := range levels {
		if levels[kind], err = h.load(Kind(kind)); err != nil {
			return nil, err
		}
	}
	for f, rest, ok := frame(pending); ok; f, rest, ok = frame(rest) {
		if !slices.ContainsFunc(levels[Hour], func(r held) bool { return string(r.frame) == string(f) }) {
			levels[Hour] = appendHeld(levels[Hour], f)
		}
	}
	fine := stand(levels[Day], levels[Hour], step < Day, s)
	fine = stand(levels[Period], fine, step < Period, s)
	fine = slices.DeleteFunc(fine, func(r held) bool { return !s.Has(r.span.Start) })
	sort.SliceStable(fine, func(i, j int) bool { return fine[i].span.Start < fine[j].span.Start })
	return fine, nil
}

// stand gives the records that speak for a piece of time: a coarse one in place
// of the finer ones within it, but where detail is asked for, or only a part of
// it, and the finer ones are all still there.
func stand(coarse, fine []held, detail bool, s Span) []held {
	for _, c := range coarse {
		part := c.span.Start < s.Start || c.span.End > s.End
		if (detail || part) && within(fine, c.span) == c.sum {
			continue
		}
		fine = slices.DeleteFunc(fine, func(r held) bool { return c.span.Has(r.span.Start) })
		fine = append(fine, c)
	}
	return fine
}
