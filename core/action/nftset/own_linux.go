package nftset

import (
	"errors"
	"sync"

	"golang.org/x/sys/unix"

	"netifyd/core/netlink"
)

// whole says how many elements of the agent's a set of any type holds, and
// whether it holds no others. While the kernel still counts the same generation
// of its rules, that is so.
func (t *Target) whole(s *set) (elements int, ours bool, generation uint32, err error) {
	b, at := netlink.Message(nil, getGen, 0, t.conn.Number(), netlink.Unspecified, 0)
	netlink.End(b, at)
	err = t.conn.Ask(b, func(a *netlink.Answer) {
		netlink.Each(a.Attributes(), func(kind uint16, v []byte) bool {
			if kind == genID && len(v) == 4 {
				generation = be32(v)
			}
			return true
		})
	})
	if ours = true; err != nil {
		return 0, false, 0, err
	}
	err = t.conn.Ask(appendElements(nil, t.conn.Number(), t.family, t.set.Table, s.name), func(a *netlink.Answer) {
		if a.Kind == newElement && !each(a.Attributes(), func(_, _ []byte, e *element) {
			elements++
			ours = ours && e.mine
		}) {
			ours = false // of a kind that is not understood
		}
	})
	return elements, ours && err == nil && generation != 0, generation, err
}

// emptying is held while a set is looked at and emptied: other targets of this
// agent, which end beside it, would change the generation between.
var emptying sync.Mutex

// empty takes everything out of the sets at once. False: not of all of them, as
// where not all of one is the agent's.
func (t *Target) empty() (done bool) {
	done = true
	for i := range t.sets {
		if s := &t.sets[i]; !s.ready || !t.emptyOne(s) {
			done = false
		}
	}
	return done
}

// emptyOne looks again where another program changed the rules meanwhile.
func (t *Target) emptyOne(s *set) bool {
	const tries = 4
	emptying.Lock()
	defer emptying.Unlock()
	for range tries {
		n, ours, generation, err := t.whole(s)
		if err == nil && ours && n > 0 {
			err = t.drop(s, generation)
		}
		switch {
		case err == nil && ours:
			t.count.Removed += uint64(n)
			return true
		case !errors.Is(err, unix.ERESTART):
			return false
		}
	}
	return false
}

// drop takes everything out of a set of that generation.
func (t *Target) drop(s *set, generation uint32) error {
	b, at := netlink.Message(appendGeneration(nil, generation), delElement, netlink.Ack, t.conn.Number(), t.family, 0)
	b = netlink.Text(b, listTable, t.set.Table)
	b = netlink.Text(b, listSet, s.name)
	netlink.End(b, at)
	return t.conn.Ask(appendBatch(b, batchEnd), func(*netlink.Answer) {})
}

// remake makes a set anew whose type or size is that of other settings, if the
// agent made it, all in it is the agent's, and no rule uses it.
func (t *Target) remake(s *set) error {
	_, ours, generation, err := t.whole(s)
	if err != nil {
		return err
	}
	if !ours {
		return unix.EEXIST
	}
	b, at := netlink.Message(appendGeneration(nil, generation), delSet, netlink.Ack, t.conn.Number(), t.family, 0)
	b = netlink.Text(b, setTable, t.set.Table)
	b = netlink.Text(b, setName, s.name)
	netlink.End(b, at)
	b = appendNewSet(b, t.conn.Number(), t.family, t.set.Table, s, t.held.Most())
	return t.conn.Ask(appendBatch(b, batchEnd), func(*netlink.Answer) {})
}
