package pftable

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"netifyd/core/action"
)

// Settings of a target.
type Settings struct {
	action.Common
	Table   string
	Anchor  string // empty: the main ruleset
	Family  string // of addresses: ipv4, ipv6, or * for both; default *
	Address string // local_addr or other_addr; default other_addr
	// Managed: the table is made if it is missing, and the agent's addresses leave it at the end.
	Managed bool
	// Hold leaves addresses until their time is over, though no flow wants them: see action.Holder.
	Hold bool
	// Empty takes the agent's addresses out when it ends, also of a table that is not managed.
	Empty bool
	// Alone: no one else fills the table. So Sync takes out all that no flow wants, as after a crash.
	Alone bool
}

// batchMost is how many addresses go into one call.
const batchMost = 128

// lookEvery is how often the worker is asked to compare: pf tells nobody of changes.
const lookEvery = time.Minute

// entry is an address in the table.
type entry struct {
	flows   uint32
	until   uint32 // seconds of the target's clock; 0: as long as flows want it
	foreign bool   // it was there before
}

// key of an address; version 4 in the first four bytes.
type key struct {
	address [16]byte
	v6      bool
}

// Target feeds a table.
type Target struct {
	set   Settings
	dev   device
	start time.Time
	held  map[key]*entry
	add   []addr
	drop  []addr
	ready bool
	made  bool   // the table was missing
	undo  bool   // Close takes it away again
	purge bool   // the next Sync takes out what is held
	swept uint32 // when it was looked whose time is over
	count action.Count
	quit  chan struct{}
	done  sync.WaitGroup
}

// Check says what is wrong with the settings.
func (s Settings) Check() error { return s.complete() }

func (s *Settings) complete() error {
	if s.Family == "" {
		s.Family = "*"
	}
	if s.Address == "" {
		s.Address = "other_addr"
	}
	if s.Most <= 0 {
		s.Most = action.DefaultMost
	}
	switch {
	case s.Table == "" || len(s.Table) > 31:
		return fmt.Errorf("table %q: give a name of 1 to 31 letters", s.Table)
	case len(s.Anchor) > 1023 || strings.HasPrefix(s.Anchor, "/"):
		return fmt.Errorf("anchor %q: give a path without / at its beginning", s.Anchor)
	case s.Family != "*" && s.Family != "ipv4" && s.Family != "ipv6":
		return fmt.Errorf("there is no family %q of addresses: take ipv4, ipv6 or *", s.Family)
	case s.Address != "local_addr" && s.Address != "other_addr":
		return fmt.Errorf("elements: a table holds addresses, not %q: take local_addr or other_addr", s.Address)
	}
	return nil
}

func open(s Settings, dev device) *Target {
	t := &Target{purge: true, set: s, dev: dev, start: time.Now(), held: make(map[key]*entry), quit: make(chan struct{})}
	if s.Stale != nil {
		t.done.Add(1)
		go t.remind()
	}
	return t
}

// remind asks for a Sync now and then.
func (t *Target) remind() {
	defer t.done.Done()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-t.quit:
			return
		case <-tick.C:
			t.set.Stale()
		}
	}
}

// explain says what to do about an error of the kernel's.
func explain(err error) error {
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EACCES):
		return errors.New("no right to use /dev/pf: run as root, or let the agent's group in by devfs.rules")
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ENXIO):
		return errors.New("/dev/pf is not there: load pf (kldload pf; sysrc pf_enable=YES)")
	case errors.Is(err, syscall.ENOMEM):
		return errors.New("pf has no room for more addresses: raise `set limit table-entries` in pf.conf")
	}
	return err
}

func (t *Target) fail(err error) error {
	t.count.Errors++
	if errors.Is(err, syscall.ESRCH) {
		t.ready = false
		return fmt.Errorf("table %s is not there: add `table <%s> persist` to pf.conf, or set managed = true", t.set.Table, t.set.Table)
	}
	return fmt.Errorf("table %s: %w", t.set.Table, explain(err))
}

func (t *Target) now() uint32 { return uint32(time.Since(t.start)/time.Second) + 1 }

// of gives the address of a flow. False: it goes into no table.
func (t *Target) of(f *action.Subject) (k key, ok bool) {
	k = key{f.Other, f.V6}
	if t.set.Address == "local_addr" {
		k.address = f.Local
	}
	return k, t.set.Family == "*" || f.V6 == (t.set.Family == "ipv6")
}

func (k key) addr() addr {
	if k.v6 {
		return addr{address: k.address, family: inet6, bits: 128}
	}
	return addr{address: k.address, family: inet, bits: 32}
}

func (a *addr) key() key { return key{a.address, a.family == inet6} }

// hold finds or makes what is known of an address.
func (t *Target) hold(k key) (e *entry, fresh bool, err error) {
	if e = t.held[k]; e != nil {
		return e, false, nil
	}
	if len(t.held) >= t.set.Most {
		t.count.Refused++
		t.count.Errors++
		return nil, false, fmt.Errorf("%d addresses are remembered, which is the limit: raise size", t.set.Most)
	}
	e = &entry{}
	t.held[k] = e
	return e, true, nil
}

// Add tells of a flow.
func (t *Target) Add(f *action.Subject, ttl uint32) error {
	k, ok := t.of(f)
	if !ok || !t.ready {
		return nil
	}
	e, fresh, err := t.hold(k)
	if err != nil {
		return err
	}
	if fresh {
		t.count.Added++
		t.add = append(t.add, k.addr())
	}
	e.flows++
	if e.until = 0; ttl != 0 {
		e.until = t.now() + ttl
	}
	if len(t.add) < batchMost {
		return nil
	}
	return t.Flush()
}

// Remove takes a flow's address out, unless another flow wants it.
func (t *Target) Remove(f *action.Subject) error {
	k, ok := t.of(f)
	e := t.held[k]
	if !ok || e == nil {
		return nil
	}
	if e.flows--; e.flows > 0 {
		return nil
	}
	return t.take(k, e)
}

func (t *Target) take(k key, e *entry) error {
	if len(t.add) > 0 { // it may be among them
		if err := t.send(); err != nil {
			return err
		}
	}
	delete(t.held, k)
	if e.foreign {
		return nil
	}
	t.count.Removed++
	t.drop = append(t.drop, k.addr())
	if len(t.drop) < batchMost {
		return nil
	}
	return t.send()
}

// Flush sends what is batched, and takes out what has had its time.
func (t *Target) Flush() error {
	now := t.now()
	if now == t.swept {
		return t.send()
	}
	t.swept = now
	for k, e := range t.held {
		if e.until != 0 && e.until <= now {
			if err := t.take(k, e); err != nil {
				return err
			}
		}
	}
	return t.send()
}

// send hands both batches to the kernel: first what leaves, as it may come again.
func (t *Target) send() error {
	drop, add := t.drop, t.add
	t.drop, t.add = t.drop[:0], t.add[:0]
	if len(drop) > 0 {
		if _, err := t.call(delAddrs, drop); err != nil {
			return t.fail(err)
		}
	}
	if len(add) > 0 {
		if _, err := t.call(addAddrs, add); err != nil {
			for i := range add {
				delete(t.held, add[i].key())
				t.count.Added--
			}
			return t.fail(err)
		}
		for i := range add {
			if e := t.held[add[i].key()]; e != nil && add[i].fed != fedAdded {
				e.foreign = true
				t.count.Added--
			}
		}
	}
	return nil
}

// call makes a request about addresses. The kernel writes what became of each into fed.
func (t *Target) call(number uintptr, list []addr) (*pfioc, error) {
	p := &pfioc{esize: int32(unsafe.Sizeof(addr{})), size: int32(len(list)), flags: flagFeedback}
	if number == getAddrs {
		p.flags = 0
	}
	copy(p.table.name[:31], t.set.Table)
	copy(p.table.anchor[:1023], t.set.Anchor)
	if len(list) > 0 {
		p.buffer = unsafe.Pointer(unsafe.SliceData(list))
	}
	return p, t.dev.do(number, p)
}

// list gives the addresses in the table, or the first so many.
func (t *Target) list() ([]addr, error) {
	p, err := t.call(getAddrs, nil)
	for err == nil && p.size > 0 { // it says how many there are
		list := make([]addr, min(int(p.size)+16, 2*t.set.Most+16))
		room := int32(len(list))
		if p, err = t.call(getAddrs, list); err == nil && p.size <= room {
			return list[:p.size], nil
		}
		if int(room) > 2*t.set.Most {
			return nil, fmt.Errorf("it holds more than %d addresses: name a table of the agent's own", room)
		}
	}
	return nil, err
}

// Purge lets the next Sync take out what is only held.
func (t *Target) Purge() { t.purge = true }

// Count says what was done.
func (t *Target) Count() action.Count {
	t.count.Elements = uint64(len(t.held))
	return t.count
}

// Close takes the agent's addresses out if the table is managed, and ends.
func (t *Target) Close() error {
	close(t.quit)
	t.done.Wait()
	err := t.Flush()
	if t.set.Managed || t.set.Empty {
		t.purge = true
		if err2 := t.Sync(func(func(*action.Subject, uint32) bool) {}); err == nil {
			err = err2
		}
	}
	if t.undo && t.made {
		if err2 := t.destroy(); err == nil {
			err = err2
		}
	}
	t.dev.close()
	return err
}
