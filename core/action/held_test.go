package action

import (
	"errors"
	"maps"
	"testing"
)

// What is held stays of flows that end while a Sync makes the set anew, whenever
// they do; what flows of them turned out to be something else does not.
func TestHeldOfFlowsThatEndDuringSync(t *testing.T) {
	h := newHouse(t, oneRule, 1, 300, 64)
	set, held := h.probe("set"), h.probe("held")
	s := h.shards[0]
	s.judge(1, to(1, 7))
	s.judge(2, to(2, 7))
	h.holds(held, map[byte]int{1: 1, 2: 1})
	h.holds(set, map[byte]int{1: 1, 2: 1})
	held.mu.Lock()
	held.before = func() {
		s.end(1)
		s.judge(3, to(3, 7)) // begins and ends before it can be read
		s.end(3)
		s.judge(299, to(4, 7))
		s.judge(5, to(5, 7))
		s.judge(6, to(6, 7))
		s.judge(6, to(6, 133))
		s.end(6)
	}
	held.amid = func() {
		s.end(2)
		s.end(299)
		s.judge(5, to(5, 133))
		s.end(5)
		s.judge(7, to(7, 7))
		s.end(7)
	}
	held.mu.Unlock()
	held.stale()
	want := map[byte]bool{1: true, 2: true, 3: true, 4: true, 7: true}
	h.await("what is held", func() bool {
		held.mu.Lock()
		defer held.mu.Unlock()
		return maps.Equal(held.set, want) && len(set.has()) == 0
	})
	if set.wrong+held.wrong != "" {
		t.Error(set.wrong, held.wrong)
	}
}

// Between a flush of the firewall and the Sync that answers it flows come and
// go, while the set is not there: what was to be held of them is held once it is.
func TestHeldOfFlowsThatEndBeforeSync(t *testing.T) {
	h := newHouse(t, oneRule, 1, 300, 1024)
	held := h.probe("held")
	s := h.shards[0]
	s.judge(1, to(1, 7))
	h.holds(held, map[byte]int{1: 1})
	held.mu.Lock()
	held.fail = errors.New("the set is not there")
	held.set = map[byte]bool{}
	syncs := len(held.calls)
	held.mu.Unlock()
	held.stale()
	h.await("a Sync that fails", func() bool {
		held.mu.Lock()
		defer held.mu.Unlock()
		return len(held.calls) > syncs
	})
	s.judge(2, to(2, 7)) // begins and ends now
	s.end(2)
	s.end(1) // was there before
	s.judge(3, to(3, 7))
	s.judge(3, to(3, 133)) // turns out to be something else
	s.end(3)
	s.judge(4, to(4, 7)) // lives on
	for n := range 200 { // more than are kept: the oldest go
		s.judge(100, to(byte(20+n%10), 7))
		s.end(100)
	}
	s.judge(2, to(2, 7))
	s.end(2)
	held.mu.Lock()
	held.fail = nil
	held.mu.Unlock()
	h.await("what is held", func() bool {
		held.mu.Lock()
		defer held.mu.Unlock()
		return held.set[2] && !held.set[3] && held.set[4] && held.set[29]
	})
}
