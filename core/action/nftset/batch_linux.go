package nftset

import (
	"errors"

	"golang.org/x/sys/unix"

	"netifyd/core/netlink"
)

// staleEvery is how often a Sync is asked for, in seconds, because elements were refused.
const staleEvery = 60

// Flush sends the batch. The kernel does all of it or nothing: what it refuses
// is taken out, and the rest is sent again.
func (t *Target) Flush() error {
	if now := t.now(); t.full && now >= t.asked+staleEvery {
		t.full, t.asked = false, now
		t.stale()
	}
	var first error
	for len(t.batch) > 0 {
		failed, err := t.send()
		if err != nil {
			if errors.Is(err, unix.ENOBUFS) {
				t.most = max(t.most/4, 1)
			}
			t.batch = t.batch[:0]
			t.stale()
			return t.fail("%w", explain(err))
		}
		if len(failed) == 0 {
			break
		}
		if err := t.repair(failed); err != nil && first == nil {
			first = err
		}
	}
	t.batch = t.batch[:0]
	return first
}

// send hands the batch to the kernel, and gives the errno of each message that it refused by its number.
func (t *Target) send() (failed map[uint32]unix.Errno, err error) {
	last := t.buf[t.batch[len(t.batch)-1].at:]
	native.PutUint16(last[6:], native.Uint16(last[6:])|netlink.Ack) // errors come without
	number := native.Uint32(last[8:])
	b := appendBatch(t.buf, batchEnd)
	var whole unix.Errno
	acked := false
	err = t.conn.Send(b, func(a *netlink.Answer) {
		errno := unix.Errno(a.Errno())
		switch {
		case a.Kind != netlink.KindError:
		case a.Number == 0: // the transaction itself
			if errno != 0 {
				whole = errno
			}
		case errno == 0:
			acked = acked || a.Number == number
		default:
			if failed == nil {
				failed = make(map[uint32]unix.Errno)
			}
			failed[a.Number] = errno
		}
	})
	switch {
	case err != nil:
	case whole != 0:
		err = whole
	case !acked && failed[number] == 0:
		err = unix.ENOBUFS
	}
	return failed, err
}

// repair takes what was refused out of the batch.
func (t *Target) repair(failed map[uint32]unix.Errno) error {
	old, batch := t.buf, t.batch
	t.buf, t.batch = appendBatch(make([]byte, 0, cap(old)), batchBegin), make([]change, 0, cap(batch))
	keep := func(c change) {
		at := len(t.buf)
		t.buf = append(t.buf, old[c.at:c.end]...)
		c.at, c.end = at, len(t.buf)
		t.batch = append(t.batch, c)
	}
	var first error
	for _, c := range batch {
		errno := failed[native.Uint32(old[c.at+8:])]
		var err error
		switch {
		case errno == 0:
			keep(c)
		case c.kind == delElement && errno == unix.ENOENT: // it timed out meanwhile
		case c.kind == newElement && (errno == unix.EEXIST || errno == unix.EBUSY):
			if t.foreign(old[c.at:c.end]) {
				if e := t.held.Get(c.hash); e != nil {
					e.SetForeign()
				}
				t.count.Added--
				break
			}
			again := append([]byte(nil), old[c.at:c.end]...) // ours, from before: its timeout is renewed
			native.PutUint16(again[4:], delElement)
			native.PutUint16(again[6:], netlink.Request)
			native.PutUint32(again[8:], t.conn.Number())
			at := len(t.buf)
			t.buf = append(t.buf, again...)
			t.batch = append(t.batch, change{at: at, end: len(t.buf), hash: c.hash, kind: delElement, set: c.set})
			keep(c)
		default:
			if c.kind == newElement {
				t.held.Delete(c.hash)
				t.count.Added--
			}
			err = t.refused(c, errno)
		}
		if first == nil {
			first = err
		}
	}
	return first
}

// refused says why the kernel did not take a change.
func (t *Target) refused(c change, errno unix.Errno) error {
	switch errno {
	case unix.ENOENT: // the set went away, as in a reload: the watch sees it come back
		if c.set.ready {
			c.set.ready = false
			t.stale()
		}
		return nil
	case unix.ENFILE, unix.ENOSPC:
		return t.refuse("set %s is full: give it a larger size, or elements a timeout", t.where(c.set))
	case unix.EINVAL, unix.EOPNOTSUPP:
		return t.fail("set %s does not take such elements: give it the type %s and the flag timeout, without interval (%w)", t.where(c.set), c.set.nft, errno)
	}
	return t.fail("set %s: %w", t.where(c.set), explain(errno))
}

// foreign asks whose the element of a message is.
func (t *Target) foreign(message []byte) bool {
	ask := append([]byte(nil), message...)
	native.PutUint16(ask[4:], getElement)
	native.PutUint16(ask[6:], netlink.Request)
	native.PutUint32(ask[8:], t.conn.Number())
	there, own := false, false
	err := t.conn.Ask(ask, func(a *netlink.Answer) {
		each(a.Attributes(), func(_, _ []byte, e *element) { there, own = true, e.mine })
	})
	return there && !own && !errors.Is(err, unix.ENOENT)
}

// find looks for the sets, makes them where that is wanted, and says what is wrong.
func (t *Target) find() error {
	var first error
	for i := range t.sets {
		s := &t.sets[i]
		s.ready = false
		if err := t.findOne(s); err != nil && first == nil {
			first = err
		}
	}
	t.watch.know(t.sets)
	return first
}

func (t *Target) findOne(s *set) error {
	k, err := getOne(t.conn, t.family, t.set.Table, s.name)
	if errors.Is(err, unix.ENOENT) && t.set.Managed {
		if err = t.make(s); err == nil {
			k, err = getOne(t.conn, t.family, t.set.Table, s.name)
		}
	}
	other := k.kind != s.kind && k.kind != 0 || int(k.length) != s.length // than that of these settings
	if err == nil && k.mine && t.set.Managed && !s.settled && (other || k.size != 0 && int(k.size) < t.held.Most()) {
		if made := t.remake(s); made == nil {
			other = false
			k, err = getOne(t.conn, t.family, t.set.Table, s.name)
		} else if other && errors.Is(made, unix.EBUSY) {
			return t.fail("set %s has another type, and a rule of the firewall asks it: take the rule out, and the agent makes the set anew with type %s; or change elements of the target",
				t.where(s), s.nft)
		}
	}
	s.handle = k.handle
	switch {
	case errors.Is(err, unix.ENOENT):
		return t.fail("set %s is not there: add `set %s { type %s; flags timeout; size %d; }` to table %s %s, or set managed = true",
			t.where(s), s.name, s.nft, t.held.Most(), t.set.TableFamily, t.set.Table)
	case err != nil:
		return t.fail("set %s: %w", t.where(s), explain(err))
	case k.flags&setMap != 0:
		return t.fail("%s is a map: name a set", t.where(s))
	case k.flags&setConstant != 0:
		return t.fail("set %s is constant: leave the flag out", t.where(s))
	case k.flags&setInterval != 0:
		return t.fail("set %s has the flag interval: leave it out, elements are single values", t.where(s))
	case other && t.set.Managed:
		return t.fail("set %s has another type and is not the agent's alone: run `nft delete set %s` once no rule of the firewall asks it, so that it is made with type %s; or change set or elements of the target",
			t.where(s), t.where(s), s.nft)
	case other:
		return t.fail("set %s is of another type: give it type %s, or change elements of the target", t.where(s), s.nft)
	}
	s.settled, s.ready, s.times = true, true, k.flags&setTimeout != 0
	return nil
}

// make makes a set, and its table if that is missing.
func (t *Target) make(s *set) error {
	b := appendBatch(nil, batchBegin)
	lacked := false
	err := t.conn.Ask(appendGetTable(nil, t.conn.Number(), t.family, t.set.Table), func(*netlink.Answer) {})
	if lacked = errors.Is(err, unix.ENOENT); lacked {
		b = appendNewTable(b, t.conn.Number(), t.family, t.set.Table)
	} else if err != nil {
		return err
	}
	b = appendNewSet(b, t.conn.Number(), t.family, t.set.Table, s, t.held.Most())
	if err = t.conn.Ask(appendBatch(b, batchEnd), func(*netlink.Answer) {}); err == nil {
		s.made, t.made = true, t.made || lacked
	}
	return err
}

// undo deletes the sets and the table that the target made. The kernel keeps what somebody uses.
func (t *Target) undo() {
	drop := func(set string) {
		_ = t.conn.Ask(appendDelete(nil, t.conn.Number(), t.family, t.set.Table, set), func(*netlink.Answer) {})
	}
	for i := range t.sets {
		if t.sets[i].made {
			drop(t.sets[i].name)
		}
	}
	if t.made {
		drop("")
	}
}

// getOne asks for a set. Its handle is unique in a table, and that of the table
// among tables: both are in the kernel's answer.
func getOne(c *netlink.Conn, family uint8, table, name string) (k seen, err error) {
	var of uint64
	err = c.Ask(appendGetTable(nil, c.Number(), family, table), func(a *netlink.Answer) {
		if a.Kind == newTable {
			of = handle(a.Attributes())
		}
	})
	if err != nil {
		return k, err
	}
	there := false
	err = c.Ask(appendGetSet(nil, c.Number(), family, table, name), func(a *netlink.Answer) {
		there = a.Kind == newSet && k.parse(a.Attributes())
	})
	if err == nil && !there {
		err = unix.ENOENT
	}
	if err == nil {
		k.handle = of<<32 ^ k.handle
	}
	return k, err
}
