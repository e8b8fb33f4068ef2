package nftset

import (
	"errors"
	"fmt"
	"iter"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core/action"
	"netifyd/core/action/elements"
	"netifyd/core/netlink"
)

// batchMost is how many elements go into one transaction: its errors fit the
// receive buffer of a usual socket (160 KiB or more, about 800 bytes each).
// Where they do not, fewer do.
const batchMost = 128

// Target feeds one set, or two where addresses of both kinds are asked for.
type Target struct {
	set    Settings
	fields []field
	sets   []set
	family uint8
	conn   *netlink.Conn
	watch  *watch
	held   *elements.Ledger
	start  time.Time
	count  action.Count
	key    []byte
	buf    []byte // messages of the batch
	batch  []change
	most   int    // of the batch
	purge  bool   // the next Sync takes out what is held
	full   bool   // something was refused, which a Sync may mend
	asked  uint32 // when Stale was called for that
	made   bool   // the table, by this target
	unmake bool   // Close takes away what was made
}

// change is a message of the batch.
type change struct {
	at, end int // in buf
	hash    uint64
	kind    uint16
	set     *set
	ttl     uint32
}

// Open opens a target. It needs CAP_NET_ADMIN and a kernel with nf_tables. That
// the set is there shows with the first Sync.
func Open(s Settings) (*Target, error) {
	fs, sets, err := s.complete()
	if err != nil {
		return nil, err
	}
	conn, err := netlink.Open()
	if err != nil {
		return nil, explain(err)
	}
	t := &Target{set: s, fields: fs, sets: sets, family: tableFamilies[s.TableFamily], conn: conn, held: elements.New(s.Most), purge: true,
		start: time.Now(), key: make([]byte, 0, longest), buf: make([]byte, 0, 32<<10), batch: make([]change, 0, 2*batchMost), most: batchMost}
	if t.watch, err = newWatch(t); err != nil {
		conn.Close()
		return nil, explain(err)
	}
	return t, nil
}

// explain says what to do about an error of the kernel's.
func explain(err error) error {
	switch {
	case errors.Is(err, unix.EPERM):
		return errors.New("no right to change sets: run as root or grant CAP_NET_ADMIN")
	case errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.EAFNOSUPPORT), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("the kernel has no nftables (%w): %s", err, netlink.Lacking("kmod-nft-core", "nf_tables"))
	case errors.Is(err, unix.ENOBUFS):
		return errors.New("the kernel's answers did not fit the socket: the set is looked at anew")
	}
	return err
}

func (t *Target) now() uint32 { return uint32(time.Since(t.start)/time.Second) + 1 }

// where names a set for people.
func (t *Target) where(s *set) string {
	return t.set.TableFamily + " " + t.set.Table + " " + s.name
}

func (t *Target) fail(format string, a ...any) error {
	t.count.Errors++
	return fmt.Errorf(format, a...)
}

// of gives the set that a flow's element goes into; nil: none.
func (t *Target) of(f *action.Subject) *set {
	if !has(t.fields, f) {
		return nil
	}
	for i := range t.sets {
		if t.sets[i].v6 == f.V6 || !t.sets[i].address {
			return &t.sets[i]
		}
	}
	return nil
}

// hash of t.key in a set.
func (t *Target) hash(s *set, key []byte) uint64 {
	h := t.held.Hash(key)
	if s.v6 {
		return ^h | 1
	}
	return h
}

// Add tells of a flow.
func (t *Target) Add(f *action.Subject, ttl uint32) error {
	s := t.of(f)
	if s == nil || !s.ready {
		return nil // Sync says why, and comes again when the set is there
	}
	t.key = t.set.appendKey(t.key[:0], t.fields, f)
	h := t.hash(s, t.key)
	e := t.held.Get(h)
	if e == nil {
		if e = t.put(h); e == nil {
			return t.refuse("%d elements are remembered, which is the limit: raise size (max_elements in JSON)", t.held.Most())
		}
		e.Want()
		return t.insert(s, h, e, ttl, false)
	}
	e.Want()
	return t.extend(s, h, e, ttl)
}

// put makes an entry, in the place of one that the kernel has forgotten if need be.
func (t *Target) put(h uint64) *elements.Entry {
	e := t.held.Put(h)
	if e == nil {
		now := t.now()
		t.held.Sweep(func(e *elements.Entry) bool { return e.Until != 0 && e.Until < now })
		e = t.held.Put(h)
	}
	return e
}

func (t *Target) refuse(format string, a ...any) error {
	t.full = true
	t.count.Refused++
	return t.fail(format, a...)
}

// extend gives an element that is held a new timeout if less than half of it is left.
func (t *Target) extend(s *set, h uint64, e *elements.Entry, ttl uint32) error {
	switch now := t.now(); {
	case e.Foreign(), e.Until == 0 && e.Present(), ttl != 0 && e.Until > now+ttl/2:
		return nil
	}
	return t.insert(s, h, e, ttl, e.Present())
}

// insert puts an element into the batch, in the place of the one that is there if again.
func (t *Target) insert(s *set, h uint64, e *elements.Entry, ttl uint32, again bool) error {
	if ttl != 0 && !s.times {
		t.held.Delete(h)
		return t.fail("elements of set %s cannot time out: give it flags timeout", t.where(s))
	}
	e.Until = 0
	if ttl != 0 {
		e.Until = t.now() + ttl
	}
	e.SetPresent(true)
	if again {
		t.append(s, h, delElement, 0, 0)
	} else {
		t.count.Added++
	}
	t.append(s, h, newElement, netlink.Create|netlink.Excl, ttl)
	if len(t.batch) >= t.most {
		return t.Flush()
	}
	return nil
}

// append puts a message about t.key into the batch.
func (t *Target) append(s *set, h uint64, kind, flags uint16, ttl uint32) {
	if len(t.batch) == 0 {
		t.buf = appendBatch(t.buf[:0], batchBegin)
	}
	at := len(t.buf)
	t.buf = appendElement(t.buf, kind, flags, t.conn.Number(), t.family, t.set.Table, s.name, t.key, ttl)
	t.batch = append(t.batch, change{at: at, end: len(t.buf), hash: h, kind: kind, set: s, ttl: ttl})
}

// Remove takes a flow's element out, unless another flow wants it.
func (t *Target) Remove(f *action.Subject) error {
	s := t.of(f)
	if s == nil || !s.ready {
		return nil
	}
	t.key = t.set.appendKey(t.key[:0], t.fields, f)
	h := t.hash(s, t.key)
	e := t.held.Get(h)
	if e == nil || !e.Drop() {
		return nil
	}
	foreign := e.Foreign()
	t.held.Delete(h)
	if foreign {
		return nil
	}
	t.count.Removed++
	t.append(s, h, delElement, 0, 0)
	if len(t.batch) >= t.most {
		return t.Flush()
	}
	return nil
}

// Count says what was done.
func (t *Target) Count() action.Count {
	t.count.Elements = uint64(t.held.Len())
	return t.count
}

// stale asks for a Sync.
func (t *Target) stale() {
	if t.set.Stale != nil {
		t.set.Stale()
	}
}

// Sync makes the sets hold exactly all.
func (t *Target) Sync(all iter.Seq2[*action.Subject, uint32]) error {
	t.batch, t.full = t.batch[:0], false
	t.held.Sweep(func(*elements.Entry) bool { return true })
	first := t.find()
	note := func(err error) {
		if first == nil {
			first = err
		}
	}
	for f := range all { // what is wanted
		s := t.of(f)
		if s == nil || !s.ready {
			continue
		}
		t.key = t.set.appendKey(t.key[:0], t.fields, f)
		if e := t.held.Put(t.hash(s, t.key)); e != nil {
			e.Want()
		} else {
			note(t.refuse("%d elements are remembered, which is the limit: raise size (max_elements in JSON)", t.held.Most()))
		}
	}
	for i := range t.sets { // what is there
		if s := &t.sets[i]; s.ready {
			note(t.look(s))
		}
	}
	t.purge = false
	for f, ttl := range all { // what is missing
		s := t.of(f)
		if s == nil || !s.ready {
			continue
		}
		t.key = t.set.appendKey(t.key[:0], t.fields, f)
		h := t.hash(s, t.key)
		if e := t.held.Get(h); e != nil {
			note(t.extend(s, h, e, ttl))
		}
	}
	note(t.Flush())
	return first
}

// look finds the agent's elements in a set, and takes those out that nobody wants.
func (t *Target) look(s *set) error {
	now := t.now()
	var unwanted [][]byte // the ledger's size at most, by the next Sync the rest
	err := t.dump(s, func(e *element) {
		if len(e.key) != s.length {
			return
		}
		h := t.hash(s, e.key)
		x := t.held.Get(h)
		switch {
		case x == nil:
			if e.mine && t.set.Hold && !t.purge && e.remaining != 0 {
				if x = t.held.Put(h); x != nil {
					x.SetPresent(true)
					x.Until = now + e.remaining
				}
			} else if e.mine && len(unwanted) < t.held.Most() {
				unwanted = append(unwanted, append([]byte(nil), e.key...))
			}
		case !e.mine:
			x.SetForeign()
		default:
			x.SetPresent(true)
			if x.Until = 0; e.remaining != 0 {
				x.Until = now + e.remaining
			}
		}
	})
	for _, key := range unwanted {
		t.key = append(t.key[:0], key...)
		t.count.Removed++
		t.append(s, t.hash(s, key), delElement, 0, 0)
		if len(t.batch) >= t.most {
			if err2 := t.Flush(); err == nil {
				err = err2
			}
		}
	}
	return err
}

// dump gives every element of a set.
func (t *Target) dump(s *set, f func(e *element)) error {
	ask := appendElements(nil, t.conn.Number(), t.family, t.set.Table, s.name)
	err := t.conn.Ask(ask, func(a *netlink.Answer) {
		if a.Kind == newElement {
			each(a.Attributes(), func(_, _ []byte, e *element) { f(e) })
		}
	})
	if err != nil {
		return t.fail("set %s: %w", t.where(s), explain(err))
	}
	return nil
}

// Purge lets the next Sync take out what is only held.
func (t *Target) Purge() { t.purge = true }

// Unmake lets Close delete what was made.
func (t *Target) Unmake() { t.unmake = true }

// Close takes the agent's elements out if the set is managed, and ends.
func (t *Target) Close() error {
	t.watch.close()
	err := t.Flush()
	if (t.set.Managed || t.set.Empty) && !t.empty() {
		t.purge = true
		err = t.Sync(func(func(*action.Subject, uint32) bool) {})
	}
	if t.unmake {
		t.undo()
	}
	t.conn.Close()
	return err
}
