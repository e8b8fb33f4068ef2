package ipset

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core/action"
	"netifyd/core/action/elements"
	"netifyd/core/netlink"
)

// batchMost is how many elements are sent at once: their answers fit the
// receive buffer of a usual socket. Where they do not, fewer are.
const batchMost = 128

// staleEvery is how often a Sync is asked for, in seconds, because elements
// were refused or a set was gone: ipset notifies nobody.
const staleEvery = 30

// Target feeds one set, or two where addresses of both kinds are asked for.
type Target struct {
	set   Settings
	sets  []set
	conn  *netlink.Conn
	held  *elements.Ledger
	start time.Time
	count action.Count
	key   []byte
	buf   []byte
	batch []change
	most  int    // of the batch
	purge bool   // the next Sync takes out what is held
	undo  bool   // Close destroys the sets that the target made
	lack  bool   // something was refused, which a Sync may mend
	asked uint32 // when it was asked for
}

// change is a message of the batch.
type change struct {
	number uint32
	hash   uint64
	kind   uint16
	set    *set
}

// Open opens a target. It needs CAP_NET_ADMIN and a kernel with ip_set. That
// the set is there shows with the first Sync.
func Open(s Settings) (*Target, error) {
	sets, err := s.complete()
	if err != nil {
		return nil, err
	}
	conn, err := netlink.Open()
	if err != nil {
		return nil, explain(err)
	}
	return &Target{purge: true, set: s, sets: sets, conn: conn, held: elements.New(s.Most), start: time.Now(), key: make([]byte, 0, 64),
		buf: make([]byte, 0, 32<<10), batch: make([]change, 0, batchMost), most: batchMost}, nil
}

// explain says what to do about an error of the kernel's.
func explain(err error) error {
	errno, _ := err.(unix.Errno)
	switch errno {
	case unix.EPERM:
		return errors.New("no right to change sets: run as root or grant CAP_NET_ADMIN")
	case unix.EPROTONOSUPPORT, unix.EAFNOSUPPORT, unix.EOPNOTSUPP, unix.EINVAL, errProtocol:
		return errors.New("the kernel has no ipset: " + netlink.Lacking("kmod-ipt-ipset", "ip_set"))
	case errFull:
		return errors.New("it is full: give it a larger maxelem, or elements a timeout")
	case errTimeout:
		return errors.New("its elements cannot time out: make it with timeout 0")
	case errSkb:
		return errors.New("its elements have no marks: make it with skbinfo")
	case errTypeMismatch, errFamily:
		return errors.New("it is of another type or family: change the target's, or give it another name")
	case unix.ENOBUFS:
		return errors.New("the kernel's answers did not fit the socket: the set is looked at anew")
	}
	return err
}

func (t *Target) now() uint32 { return uint32(time.Since(t.start)/time.Second) + 1 }

func (t *Target) fail(format string, a ...any) error {
	t.count.Errors++
	return fmt.Errorf(format, a...)
}

func (t *Target) full() error {
	t.lack = true
	t.count.Refused++
	return t.fail("%d elements are remembered, which is the limit: raise size (max_elements in JSON)", t.held.Most())
}

// stale asks for a Sync.
func (t *Target) stale() {
	if t.set.Stale != nil {
		t.set.Stale()
	}
}

// of gives the set and the element of a flow; nil: none.
func (t *Target) of(f *action.Subject) (s *set, i item, h uint64) {
	i, ok := t.set.item(f)
	if !ok {
		return nil, i, 0
	}
	for n := range t.sets {
		if s := &t.sets[n]; s.ready && (s.mac || s.v6 == f.V6) {
			t.key = i.key(t.key[:0])
			return s, i, t.held.Hash(t.key)
		}
	}
	return nil, i, 0
}

// Add tells of a flow.
func (t *Target) Add(f *action.Subject, ttl uint32) error {
	s, i, h := t.of(f)
	if s == nil {
		return nil // Sync says why
	}
	e := t.held.Get(h)
	if e == nil {
		if e = t.held.Put(h); e == nil {
			now := t.now()
			t.held.Sweep(func(e *elements.Entry) bool { return e.Until != 0 && e.Until < now })
			if e = t.held.Put(h); e == nil {
				return t.full()
			}
		}
	}
	e.Want()
	return t.insert(s, &i, h, e, ttl)
}

// insert puts an element into the batch unless the set has it for long enough.
// What is there already gets the new timeout.
func (t *Target) insert(s *set, i *item, h uint64, e *elements.Entry, ttl uint32) error {
	now := t.now()
	if e.Foreign() || e.Present() && (e.Until == 0 || ttl != 0 && e.Until > now+ttl/2) {
		return nil
	}
	flags := uint16(netlink.Excl)
	if e.Present() {
		flags = 0
	} else {
		t.count.Added++
	}
	e.SetPresent(true)
	if e.Until = 0; ttl != 0 {
		e.Until = now + ttl
	}
	return t.append(s, i, h, cmdAdd, flags, ttl)
}

func (t *Target) append(s *set, i *item, h uint64, kind, flags uint16, ttl uint32) error {
	number := t.conn.Number()
	t.buf = t.set.appendItem(t.buf, kind, flags, number, s, i, ttl)
	t.batch = append(t.batch, change{number: number, hash: h, kind: kind, set: s})
	if len(t.batch) < t.most {
		return nil
	}
	return t.Flush()
}

// Remove takes a flow's element out, unless another flow wants it.
func (t *Target) Remove(f *action.Subject) error {
	s, i, h := t.of(f)
	if s == nil {
		return nil
	}
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
	return t.append(s, &i, h, cmdDel, 0, 0)
}

// Flush sends the batch.
func (t *Target) Flush() error {
	if now := t.now(); t.lack && now >= t.asked+staleEvery {
		t.lack, t.asked = false, now
		t.stale()
	}
	if len(t.batch) == 0 {
		return nil
	}
	next := 0 // answers come in order
	var first error
	err := t.conn.Send(t.buf, func(a *netlink.Answer) {
		for next < len(t.batch) && t.batch[next].number != a.Number {
			next++
		}
		if next == len(t.batch) || a.Kind != netlink.KindError {
			return
		}
		if errno := unix.Errno(a.Errno()); errno != 0 {
			if err := t.refused(&t.batch[next], errno); err != nil && first == nil {
				first = err
			}
		}
		next++
	})
	if errors.Is(err, unix.ENOBUFS) {
		t.most = max(t.most/4, 1)
		t.stale()
	}
	if err != nil && first == nil {
		t.lack = true
		first = t.fail("%w", explain(err))
	}
	t.buf, t.batch = t.buf[:0], t.batch[:0]
	return first
}

// refused says why the kernel did not take a change.
func (t *Target) refused(c *change, errno unix.Errno) error {
	if c.kind == cmdDel && (errno == errExist || errno == unix.ENOENT) {
		return nil // it timed out
	}
	if c.kind == cmdAdd {
		t.count.Added--
		if errno == errExist {
			if e := t.held.Get(c.hash); e != nil {
				e.SetForeign()
			}
			return nil
		}
		t.held.Delete(c.hash)
	}
	t.lack = true
	if errno == errFull {
		t.count.Refused++
	}
	if errno == unix.ENOENT {
		c.set.ready = false
	}
	return t.fail("set %s: %w", c.set.name, explain(errno))
}

// Count says what was done.
func (t *Target) Count() action.Count {
	t.count.Elements = uint64(t.held.Len())
	return t.count
}

// Sync makes the sets hold exactly all.
func (t *Target) Sync(all iter.Seq2[*action.Subject, uint32]) error {
	t.buf, t.batch, t.lack = t.buf[:0], t.batch[:0], false
	var first error
	note := func(err error) {
		if first == nil {
			first = err
		}
	}
	notes := true
	for n := range t.sets {
		note(t.find(&t.sets[n]))
		notes = notes && t.sets[n].notes
	}
	// A set with comments says which elements are the agent's; of another only the ledger knows.
	t.held.Sweep(func(e *elements.Entry) bool { return notes || e.Foreign() || !e.Present() })
	t.held.Each(func(e *elements.Entry) { e.Recount() })
	for f := range all { // what is wanted
		s, _, h := t.of(f)
		if s == nil {
			continue
		}
		if e := t.held.Put(h); e != nil {
			e.Want()
		} else {
			note(t.full())
		}
	}
	for n := range t.sets { // what is there
		if s := &t.sets[n]; s.ready {
			note(t.look(s))
		}
	}
	for f, ttl := range all { // what is missing
		s, i, h := t.of(f)
		if s == nil {
			continue
		}
		if e := t.held.Get(h); e != nil {
			if !s.notes {
				e.Until = 1 // it may be gone: it is sent again
			}
			note(t.insert(s, &i, h, e, ttl))
		}
	}
	now := t.now()
	t.held.Sweep(func(e *elements.Entry) bool { return e.Flows() == 0 && (t.purge || !t.set.Hold || e.Until <= now) })
	t.purge = false
	note(t.Flush())
	return first
}

// look finds the agent's elements in a set, and takes those out that nobody wants.
func (t *Target) look(s *set) error {
	now := t.now()
	var unwanted []item
	err := t.conn.Ask(t.set.appendAsk(nil, cmdList, netlink.Dump, t.conn.Number(), s), func(a *netlink.Answer) {
		each(a.Attributes(), func(e *element) {
			t.key = e.key(t.key[:0])
			x := t.held.Get(t.held.Hash(t.key))
			mine := e.mine || !s.notes && x != nil && x.Present()
			switch {
			case mine && t.set.Hold && !t.purge && e.remaining != 0 && (x == nil || x.Flows() == 0):
				if x = t.held.Put(t.held.Hash(t.key)); x != nil {
					x.SetPresent(true)
					x.Until = now + e.remaining
				}
			case mine && (x == nil || x.Flows() == 0):
				if len(unwanted) < t.held.Most() {
					unwanted = append(unwanted, e.item)
				}
			case x == nil:
			case !mine:
				x.SetForeign()
			default:
				x.SetPresent(true)
				if x.Until = 0; e.remaining != 0 {
					x.Until = now + e.remaining
				}
			}
		})
	})
	if err != nil {
		return t.fail("set %s: %w", s.name, explain(err))
	}
	for n := range unwanted {
		t.count.Removed++
		if err2 := t.append(s, &unwanted[n], 0, cmdDel, 0, 0); err == nil {
			err = err2
		}
	}
	return err
}

// find looks for a set, and makes it where that is wanted.
func (t *Target) find(s *set) error {
	s.ready = false
	h, err := t.ask(cmdHeader, s)
	if err == unix.ENOENT && t.set.Managed {
		if h, err = t.ask(cmdType, s); err == nil {
			err = t.conn.Ask(t.set.appendCreate(nil, t.conn.Number(), s, h.revision, t.held.Most()), func(*netlink.Answer) {})
			s.made = s.made || err == nil
		}
		if err == nil {
			h, err = t.ask(cmdHeader, s)
		}
	}
	switch {
	case err == unix.Errno(errFindType):
		module := "ip_set_" + strings.NewReplacer(":", "_", ",", "").Replace(t.set.Type)
		return t.fail("set %s: the kernel has no sets of the type %s: %s", s.name, t.set.Type, netlink.Lacking("kmod-ipt-ipset", module))
	case err == unix.ENOENT:
		t.lack = true
		inet := map[bool]string{true: " family inet6"}[s.v6]
		return t.fail("set %s is not there: run `ipset create %s %s%s timeout 0 comment`, or set managed = true", s.name, s.name, t.set.Type, inet)
	case err != nil:
		return t.fail("set %s: %w", s.name, explain(err))
	case h.kind != t.set.Type || !s.mac && h.family != family(s.v6):
		inet := map[bool]string{true: ", family inet6"}[s.v6]
		if t.set.Managed {
			return t.fail("set %s has another type (%s) or family: run `ipset destroy %s` once no rule of the firewall asks it, so that it is made with type %s%s; or change set, elements or family of the target",
				s.name, h.kind, s.name, t.set.Type, inet)
		}
		return t.fail("set %s has another type (%s) or family: make it with type %s%s, or change elements or family of the target", s.name, h.kind, t.set.Type, inet)
	}
	if err := t.conn.Ask(t.set.appendAsk(nil, cmdList, netlink.Dump, t.conn.Number(), s), func(a *netlink.Answer) { h.parse(a.Attributes()) }); err != nil {
		return t.fail("set %s: %w", s.name, explain(err))
	}
	s.ready, s.notes = true, h.flags&withComment != 0
	return nil
}

func (t *Target) ask(kind uint16, s *set) (h head, err error) {
	err = t.conn.Ask(t.set.appendAsk(nil, kind, 0, t.conn.Number(), s), func(a *netlink.Answer) { h.parse(a.Attributes()) })
	return h, err
}

// Purge lets the next Sync take out what is only held.
func (t *Target) Purge() { t.purge = true }

// Close takes the agent's elements out if the set is managed, and ends.
func (t *Target) Close() error {
	err := t.Flush()
	if t.set.Managed || t.set.Empty {
		t.purge = true
		err = t.Sync(func(func(*action.Subject, uint32) bool) {})
	}
	for i := range t.sets {
		if t.undo && t.sets[i].made {
			t.destroy(&t.sets[i])
		}
	}
	t.conn.Close()
	return err
}
