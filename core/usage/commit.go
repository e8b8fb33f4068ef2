package usage

import (
	"errors"
	"io/fs"
	"slices"
	"sort"

	"netifyd/core/device"
)

// Pending appends the records that are not written yet, and the time until
// which no more will come: the start of this hour. It takes the lock of the table.
func (t *Table) Pending(dst []byte) (records []byte, until int64) {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	until = t.hour.Start
	if t.clock == nil || t.hour.End == 0 {
		until = t.newest
	}
	return append(dst, t.pending...), until
}

// Untold appends the records that wait to be written and that it did not give
// before, for one reader. It takes the lock.
func (t *Table) Untold(dst []byte) []byte {
	t.Devices.Lock()
	defer t.Devices.Unlock()
	dst = append(dst, t.pending[t.told:]...)
	t.told = len(t.pending)
	return dst
}

// Records calls fn for each record of what Pending and Untold give. It is valid until fn returns.
func Records(b []byte, fn func(*Record)) {
	var r Record
	for f, rest, ok := frame(b); ok; f, rest, ok = frame(rest) {
		if r.parse(f) {
			fn(&r)
		}
	}
}

// written drops the first n bytes of what waits to be written.
func (t *Table) written(n int) {
	t.Devices.Lock()
	t.pending = t.pending[:copy(t.pending, t.pending[n:])]
	t.told = max(0, t.told-n)
	t.Devices.Unlock()
}

// Commit writes what the table closed, folds days and periods that have ended,
// and keeps within bounds. What could not be written stays in the table, for
// the next time. The caller is the goroutine that keeps the house, no shard.
func (h *History) Commit(t *Table) error {
	records, until := t.Pending(nil)
	if h.Before != nil {
		h.Before()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.write(records)
	if err == nil {
		t.written(len(records))
		err = h.fold(until)
	}
	if err == nil {
		err = h.saveDevices(t.Devices)
	}
	h.stats.Error = ""
	if err != nil {
		h.stats.Error = err.Error()
	}
	return err
}

// write appends records of hours to their file.
func (h *History) write(records []byte) error {
	if len(records) == 0 {
		return nil
	}
	have, err := h.sys.Read(fileNames[Hour])
	if h.unsure || err != nil || len(have) < headSize {
		return h.rewrite(records)
	}
	h.unsure = true
	if err := write(h.sys.Extend, fileNames[Hour], records); err != nil {
		return err
	}
	h.unsure = false
	return nil
}

// rewrite writes the file of hours anew, with records that are not in it yet:
// an attempt that failed may have left any of them there.
func (h *History) rewrite(records []byte) error {
	list, err := h.load(Hour)
	if err != nil {
		return err
	}
	for f, rest, ok := frame(records); ok; f, rest, ok = frame(rest) {
		if !slices.ContainsFunc(list, func(r held) bool { return string(r.frame) == string(f) }) {
			list = appendHeld(list, f)
		}
	}
	if err := h.save(Hour, list); err != nil {
		return err
	}
	h.unsure = false
	return nil
}

// save writes the file of a kind as a whole.
func (h *History) save(kind Kind, list []held) error {
	b := appendFileHead(nil, byte(kind), 0)
	for i := range list {
		b = appendFrame(b, list[i].frame)
	}
	return replace(h.sys, fileNames[kind], b)
}

// fold makes records of the days and periods that ended before a time, and
// drops what is too old.
func (h *History) fold(until int64) error {
	today := h.clock.Day(until)
	if until == 0 || today == h.folded {
		return h.bound()
	}
	var levels [3][]held
	var err error
	for kind := range levels {
		if levels[kind], err = h.load(Kind(kind)); err != nil {
			return err
		}
	}
	made := h.gather(Day, levels[Hour], append(slices.Clone(levels[Day]), levels[Period]...), today.Start)
	if err := h.extend(Day, levels[Day], made); err != nil {
		return err
	}
	levels[Day] = append(levels[Day], made...)
	fine := slices.Clone(levels[Day])
	for _, r := range levels[Hour] {
		if !covered(levels[Day], r.span.Start) {
			fine = append(fine, r)
		}
	}
	made = h.gather(Period, fine, levels[Period], h.clock.Period(until).Start)
	if err := h.extend(Period, levels[Period], made); err != nil {
		return err
	}
	levels[Period] = append(levels[Period], made...)
	yesterday := h.clock.Day(today.Start - 1).Start
	if err := h.drop(Hour, levels[Hour], func(r held) bool { return r.span.Start < yesterday && covered(levels[Day], r.span.Start) }); err != nil {
		return err
	}
	first := h.clock.Ago(until, h.keep.Days)
	if err := h.drop(Day, levels[Day], func(r held) bool { return r.span.Start < first && covered(levels[Period], r.span.Start) }); err != nil {
		return err
	}
	old := len(levels[Period]) - h.keep.Periods
	n := 0
	if err := h.drop(Period, levels[Period], func(held) bool { n++; return n <= old }); err != nil {
		return err
	}
	h.folded = today
	return h.bound()
}

// gather makes a record of each day or period that ended before a time, out of
// finer records that no record of this kind stands for yet.
func (h *History) gather(kind Kind, fine, there []held, before int64) (made []held) {
	span := h.clock.Day
	if kind == Period {
		span = h.clock.Period
	}
	fine = slices.Clone(fine)
	sort.SliceStable(fine, func(i, j int) bool { return fine[i].span.Start < fine[j].span.Start })
	for i := 0; i < len(fine); {
		whole := span(fine[i].span.Start)
		n := i + 1
		for n < len(fine) && whole.Has(fine[n].span.Start) {
			n++
		}
		group := fine[i:n]
		i = n
		if whole.End > before {
			continue
		}
		group = slices.DeleteFunc(slices.Clone(group), func(r held) bool { return covered(there, r.span.Start) })
		if len(group) > 0 {
			made = appendHeld(made, h.join(kind, whole, group))
		}
	}
	return made
}

// join adds up records.
func (h *History) join(kind Kind, whole Span, group []held) []byte {
	out := Record{Start: uint32(group[0].span.Start), Zone: int8(h.clock.Zone(group[0].span.Start) / 900), Kind: kind, Marks: Complete}
	end := int64(0)
	var r Record
	var all []Entry
	for _, g := range group {
		r.parse(g.frame)
		out.Marks |= r.Marks &^ Complete
		if r.Marks&Complete == 0 {
			out.Marks &^= Complete
		}
		end = max(end, g.span.End)
		if all = append(all, r.Entries...); len(all) > 4096 {
			all = merge(all)
		}
	}
	if (Span{Start: int64(out.Start), End: end}) != whole {
		out.Marks &^= Complete
	}
	// What begins within it is of it: a record that ends later does not stretch it over the next one's.
	out.Seconds = uint32(min(end, whole.End) - int64(out.Start))
	out.Entries = trim(merge(all), topLabels[kind])
	b := out.append(nil)
	return b[:len(b)-4]
}

// extend appends records to a file.
func (h *History) extend(kind Kind, there, made []held) error {
	if len(made) == 0 {
		return nil
	}
	return h.save(kind, append(slices.Clone(there), made...))
}

// drop writes a file without some of its records, if there are any such.
func (h *History) drop(kind Kind, list []held, old func(held) bool) error {
	kept := slices.DeleteFunc(slices.Clone(list), old)
	if len(kept) == len(list) {
		return nil
	}
	return h.save(kind, kept)
}

// bound keeps the files within their size: the oldest hours go, then days, for
// which a coarser record stands or is made, then the oldest periods.
func (h *History) bound() error {
	for range 8 {
		sizes, err := h.sizes()
		if err != nil || h.stats.Bytes <= h.keep.Bytes {
			return err
		}
		kind := Hour
		for kind < Period && sizes[kind] <= h.keep.Bytes/8 {
			kind++
		}
		if err := h.shrink(kind); err != nil {
			return err
		}
	}
	return nil
}

func (h *History) sizes() (sizes [len(fileNames)]int, err error) {
	h.stats.Bytes = 0
	for kind, name := range fileNames {
		b, err := h.sys.Read(name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return sizes, err
		}
		sizes[kind] = len(b)
		h.stats.Bytes += len(b)
	}
	return sizes, nil
}

// shrink drops the older half of the records of a kind.
func (h *History) shrink(kind Kind) error {
	list, err := h.load(kind)
	if err != nil || len(list) == 0 {
		return err
	}
	old := list[:(len(list)+1)/2]
	if kind == Period {
		return h.save(kind, list[len(old):])
	}
	coarser, err := h.coarser(kind)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(old), func(r held) bool { return covered(coarser, r.span.Start) })
	if len(left) > 0 {
		there, err := h.load(kind + 1)
		if err != nil {
			return err
		}
		whole := Span{Start: left[0].span.Start, End: left[len(left)-1].span.End}
		if err := h.extend(kind+1, there, appendHeld(nil, h.join(kind+1, whole, left))); err != nil {
			return err
		}
	}
	return h.save(kind, list[len(old):])
}

// coarser are the records that stand for those of a kind when they are dropped.
func (h *History) coarser(kind Kind) (list []held, err error) {
	for k := kind + 1; k <= Period && err == nil; k++ {
		var more []held
		more, err = h.load(k)
		list = append(list, more...)
	}
	return list, err
}

// saveDevices writes who the devices are, where that changed.
func (h *History) saveDevices(d *device.Table) error {
	b, changed := d.Export(appendFileHead(nil, 'd', 0), seal)
	if !changed {
		return nil
	}
	if err := replace(h.sys, devicesName, b); err != nil {
		d.Unsaved()
		return err
	}
	return nil
}

// Reset deletes the history. Devices and their names stay.
func (h *History) Reset() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range fileNames {
		if err := h.sys.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	h.folded, h.unsure = Span{}, false
	return h.sys.SyncDir()
}

// Put writes a small file beside the history, Get reads it: nil where there is none.
func (h *History) Put(name string, b []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return replace(h.sys, name, seal(append(make([]byte, 4, len(b)+8), b...), 0))
}

// Get reads what Put wrote.
func (h *History) Get(name string) []byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	b, err := h.sys.Read(name)
	if err != nil {
		return nil
	}
	f, _, ok := frame(b)
	if !ok {
		return nil
	}
	return f[4:]
}
