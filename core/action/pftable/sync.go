package pftable

import (
	"iter"

	"netifyd/core/action"
)

// Sync makes the table hold all, beside what others put there.
func (t *Target) Sync(all iter.Seq2[*action.Subject, uint32]) error {
	t.add, t.drop, t.ready = t.add[:0], t.drop[:0], true
	if t.set.Managed {
		if err := t.make(); err != nil {
			return t.fail(err)
		}
	}
	there, err := t.list()
	if err != nil {
		return t.fail(err)
	}
	old := t.held
	t.held = make(map[key]*entry, len(old))
	var first error
	for f, ttl := range all {
		if err := t.want(f, ttl); err != nil && first == nil {
			first = err
		}
	}
	for i := range there {
		k := there[i].key()
		was, wanted := old[k], t.held[k]
		mine := t.set.Alone || was != nil && !was.foreign
		switch {
		case wanted == nil && t.set.Hold && !t.purge && was != nil && was.until > t.now() && len(t.held) < t.set.Most:
			t.held[k] = &entry{until: was.until, flows: found, foreign: was.foreign}
		case wanted == nil && mine && there[i].bits >= 32:
			t.count.Removed++
			t.drop = append(t.drop, k.addr())
		case wanted != nil:
			wanted.foreign = !mine
			wanted.flows |= found
		}
	}
	t.purge = false
	for k, e := range t.held {
		if e.flows&found == 0 {
			t.count.Added++
			t.add = append(t.add, k.addr())
		}
		e.flows &^= found
	}
	if err := t.pieces(); first == nil {
		first = err
	}
	return first
}

const found = 1 << 31 // in flows, while Sync compares

func (t *Target) want(f *action.Subject, ttl uint32) error {
	k, ok := t.of(f)
	if !ok {
		return nil
	}
	e, _, err := t.hold(k)
	if err != nil {
		return err
	}
	e.flows++
	if ttl != 0 {
		e.until = t.now() + ttl
	}
	return nil
}

// pieces sends both batches in calls of bounded size.
func (t *Target) pieces() error {
	drop, add := t.drop, t.add
	var first error
	for len(drop)+len(add) > 0 {
		n, m := min(len(drop), batchMost), min(len(add), batchMost)
		t.drop, t.add = drop[:n:n], add[:m:m]
		drop, add = drop[n:], add[m:]
		if err := t.send(); err != nil && first == nil {
			first = err
		}
	}
	t.drop, t.add = nil, nil
	return first
}
