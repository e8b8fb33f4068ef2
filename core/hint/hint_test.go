package hint

import (
	"fmt"
	"strings"
	"testing"
)

func addr(b ...byte) *[16]byte {
	var a [16]byte
	copy(a[:], b)
	return &a
}

func TestNamesBelongToTheClientThatAsked(t *testing.T) {
	h := New(16, 1800, 1)
	h.Learn(addr(10, 0, 0, 1), addr(192, 0, 2, 1), []byte("a.example"), 1, 100, 300)
	if n, ok := h.Lookup(nil, addr(10, 0, 0, 1), addr(192, 0, 2, 1), 399, Anytime); !ok || string(n) != "a.example" {
		t.Errorf("%q %v", n, ok)
	}
	if _, ok := h.Lookup(nil, addr(10, 0, 0, 2), addr(192, 0, 2, 1), 200, Anytime); ok {
		t.Error("another client was told")
	}
}

func TestLifeIsBounded(t *testing.T) {
	h := New(16, 1800, 1)
	for _, c := range []struct{ ttl, alive, dead uint32 }{{300, 300, 301}, {0, 60, 61}, {86400, 1800, 1801}} {
		h.Learn(addr(1), addr(2), []byte("x"), 1, 1000, c.ttl)
		if _, ok := h.Lookup(nil, addr(1), addr(2), 1000+c.alive, Anytime); !ok {
			t.Errorf("ttl %d: gone after %d s", c.ttl, c.alive)
		}
		if _, ok := h.Lookup(nil, addr(1), addr(2), 1000+c.dead, Anytime); ok {
			t.Errorf("ttl %d: alive after %d s", c.ttl, c.dead)
		}
	}
}

func TestNewestAnswerWinsAndTableStaysFixed(t *testing.T) {
	h := New(64, 1800, 1)
	for i := range 10000 {
		h.Learn(addr(1), addr(byte(i), byte(i>>8)), fmt.Appendf(nil, "n%d", i), 1, uint32(1000+i/100), 100)
	}
	if s := h.Stats(); s.Len > 64 || s.Evicted == 0 {
		t.Errorf("%+v", s)
	}
	if n, ok := h.Lookup(nil, addr(1), addr(9999&0xff, 9999>>8), 1100, Anytime); !ok || string(n) != "n9999" {
		t.Errorf("newest: %q %v", n, ok)
	}
	h.Learn(addr(1), addr(7, 7), []byte(strings.Repeat("x", NameRoom+1)), 1, 1, 1)
	if h.Stats().TooLong != 1 {
		t.Error("a name that is too long must be counted")
	}
}

func TestSharedAddressIsNoHint(t *testing.T) {
	h := New(16, 1800, 1)
	learn := func(name string, app, now uint32) { h.Learn(addr(1), addr(2), []byte(name), app, now, 100) }
	learn("a.example", 1, 1000)
	learn("b.example", 1, 1001)
	if n, ok := h.Lookup(nil, addr(1), addr(2), 1002, Anytime); !ok || string(n) != "b.example" {
		t.Errorf("two names of one application: %q %v", n, ok)
	}
	learn("c.example", 2, 1003)
	learn("c.example", 2, 1004)
	if n, ok := h.Lookup(nil, addr(1), addr(2), 1005, Anytime); ok {
		t.Errorf("an address of two applications gave %q", n)
	}
	learn("c.example", 2, 1200) // the older answers have ended
	if n, ok := h.Lookup(nil, addr(1), addr(2), 1201, Anytime); !ok || string(n) != "c.example" {
		t.Errorf("after the older answer ended: %q %v", n, ok)
	}
}

func TestNoTable(t *testing.T) {
	h := New(0, 1800, 1)
	h.Learn(addr(1), addr(2), []byte("x"), 1, 1, 1)
	if _, ok := h.Lookup(nil, addr(1), addr(2), 1, Anytime); ok {
		t.Error("remembered in no room")
	}
}

func TestNoAllocation(t *testing.T) {
	h := New(64, 1800, 1)
	buf := make([]byte, 0, 100)
	if n := testing.AllocsPerRun(100, func() {
		h.Learn(addr(1), addr(2), []byte("a.example"), 1, 1, 1)
		h.Lookup(buf, addr(1), addr(2), 1, Anytime)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Who looks a second time learns nothing that was said after it told of a flow.
func TestNamesOfLaterAnswers(t *testing.T) {
	h := New(16, 1800, 1)
	h.Learn(addr(1), addr(2), []byte("a.example"), 1, 1<<16+10, 300)
	for until, want := range map[uint32]bool{Anytime: true, 1<<16 + 9: false, 1<<16 + 10: true, 1<<16 + 11: true, 1<<16 + 9000: true, 1<<16 - 5: false} {
		if _, ok := h.Lookup(nil, addr(1), addr(2), 1<<16, until); ok != want {
			t.Errorf("until %d: %v", until, ok)
		}
	}
}
