package action

import (
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
