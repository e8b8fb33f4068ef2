package hint

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const s = int64(time.Second)

func addr(b ...byte) *[16]byte {
	var a [16]byte
	copy(a[:], b)
	return &a
}

func TestNamesBelongToTheClientThatAsked(t *testing.T) {
	h := New(16, 1800, 1)
	h.Learn(addr(10, 0, 0, 1), addr(192, 0, 2, 1), []byte("a.example"), 1, 100*s, 300)
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
		h.Learn(addr(1), addr(2), []byte("x"), 1, 1000*s, c.ttl)
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
		h.Learn(addr(1), addr(byte(i), byte(i>>8)), fmt.Appendf(nil, "n%d", i), 1, int64(1000+i/100)*s, 100)
	}
	if s := h.Stats(); s.Len > 64 || s.Evicted == 0 {
		t.Errorf("%+v", s)
	}
	if n, ok := h.Lookup(nil, addr(1), addr(9999&0xff, 9999>>8), 1100, Anytime); !ok || string(n) != "n9999" {
		t.Errorf("newest: %q %v", n, ok)
	}
	h.Learn(addr(1), addr(7, 7), []byte(strings.Repeat("x", NameRoom+1)), 1, s, 1)
	if h.Stats().TooLong != 1 {
		t.Error("a name that is too long must be counted")
	}
}

func TestSharedAddressIsNoHint(t *testing.T) {
	h := New(16, 1800, 1)
	learn := func(name string, app uint32, now int64) { h.Learn(addr(1), addr(2), []byte(name), app, now*s, 100) }
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
	h.Learn(addr(1), addr(2), []byte("x"), 1, s, 1)
	if _, ok := h.Lookup(nil, addr(1), addr(2), 1, Anytime); ok {
		t.Error("remembered in no room")
	}
}

func TestNoAllocation(t *testing.T) {
	h := New(64, 1800, 1)
	buf := make([]byte, 0, 100)
	if n := testing.AllocsPerRun(100, func() {
		h.Learn(addr(1), addr(2), []byte("a.example"), 1, s, 1)
		h.Lookup(buf, addr(1), addr(2), 1, Anytime)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Who looks a second time learns nothing that was said after it told of a flow.
func TestNamesOfLaterAnswers(t *testing.T) {
	const ms = s / 1000
	learnt := func(h *Table, name string, at int64) { h.Learn(addr(1), addr(2), []byte(name), 1, at, 300) }
	knows := func(h *Table, at, until int64) bool {
		_, ok := h.Lookup(nil, addr(1), addr(2), uint32(at/s), until)
		return ok
	}
	start := 1700000000*s + 500*ms
	h := New(16, 1800, 1)
	learnt(h, "a.example", start)
	for until, want := range map[int64]bool{Anytime: true, start - s: false, start - 10*ms: false, start: true, start + 10*ms: true, start + 17*3600*s: true, start - 3600*s: false} {
		if knows(h, start, until) != want {
			t.Errorf("until %d ms: %v", (until-start)/ms, !want)
		}
	}
	learnt(h, "a.example", start+2*s) // the same answer again: it was known before
	if !knows(h, start+2*s, start+s) || knows(h, start+2*s, start-s) {
		t.Error("who asks again knows no more what was known before")
	}
	learnt(h, "b.example", start+4*s)
	if knows(h, start+4*s, start+3*s) || !knows(h, start+4*s, start+4*s) {
		t.Error("another name counts from its own answer on")
	}
	for at := start + 4*s; at < start+48*3600*s; at += 200 * s { // a name that is asked for again and again
		learnt(h, "b.example", at)
		if !knows(h, at, at) {
			t.Fatalf("after %d s", (at-start)/s)
		}
	}
	by := int64(-30 * 24 * 3600 * s)
	h.Shift(by)
	if at := start + 48*3600*s + by; !knows(h, at, at) {
		t.Error("after the clock was set back")
	}
}
