package flow

import (
	"bytes"
	"math/rand"
	"testing"
)

func TestSegmentsInAnyOrder(t *testing.T) {
	text := make([]byte, 3000)
	rng := rand.New(rand.NewSource(7))
	rng.Read(text)
	for round := range 300 {
		tab, pool := New(4, 1), NewSlots(2)
		k := key(1)
		r, _ := tab.Touch(&k, 1, nil)
		s := pool.Take(tab, r, 1)
		base := rng.Uint32() // numbers wrap
		s.Start(0, base)
		type seg struct{ at, n int }
		var segs []seg
		for at := 0; at < len(text); {
			n := 1 + rng.Intn(900)
			n = min(n, len(text)-at)
			segs = append(segs, seg{at, n})
			if rng.Intn(3) == 0 { // overlapping retransmission
				back := rng.Intn(at + 1)
				segs = append(segs, seg{back, min(1+rng.Intn(900), len(text)-back)})
			}
			at += n
		}
		// Swap neighbours: what a network does to order.
		for i := 1; i < len(segs); i++ {
			if rng.Intn(4) == 0 {
				segs[i], segs[i-1] = segs[i-1], segs[i]
			}
		}
		for pass := 0; pass < 10 && len(s.Bytes(0)) < len(text); pass++ {
			for _, g := range segs {
				before := len(s.Bytes(0))
				grew := s.Insert(0, base+uint32(g.at), text[g.at:g.at+g.n])
				if grew != (len(s.Bytes(0)) > before) {
					t.Fatalf("round %d: grew %v, %d to %d bytes", round, grew, before, len(s.Bytes(0)))
				}
				if got := s.Bytes(0); !bytes.Equal(got, text[:len(got)]) {
					t.Fatalf("round %d: bytes differ", round)
				}
			}
		}
		if len(s.Bytes(0)) != len(text) {
			t.Fatalf("round %d: %d of %d bytes", round, len(s.Bytes(0)), len(text))
		}
	}
}

func TestFirstBytesWin(t *testing.T) {
	tab, pool := New(4, 1), NewSlots(2)
	k := key(1)
	r, _ := tab.Touch(&k, 1, nil)
	s := pool.Take(tab, r, 1)
	s.Start(1, 100)
	s.Insert(1, 104, []byte("REAL"))
	s.Insert(1, 100, []byte("headFAKEtail"))
	if got := string(s.Bytes(1)); got != "headREALtail" {
		t.Errorf("%q", got)
	}
	s.Insert(1, 100, []byte("HEAD"))
	if got := string(s.Bytes(1)); got != "headREALtail" {
		t.Errorf("a retransmission rewrote it: %q", got)
	}
}

func TestRoomIsBounded(t *testing.T) {
	tab, pool := New(4, 1), NewSlots(1)
	k := key(1)
	r, _ := tab.Touch(&k, 1, nil)
	s := pool.Take(tab, r, 1)
	s.Start(0, 0)
	s.Insert(0, 0, make([]byte, ToServerRoom+1000))
	if !s.Full(0) || len(s.Bytes(0)) != ToServerRoom {
		t.Errorf("%d bytes", len(s.Bytes(0)))
	}
	if s.Insert(0, ToServerRoom, []byte("more")) || s.Insert(0, ToServerRoom+500, []byte("more")) {
		t.Error("grew beyond its room")
	}
	s.Start(1, 0)
	if s.Insert(1, 0x80000000, []byte("far away")) {
		t.Error("bytes half the number space away")
	}
}

func TestSlotsAreReused(t *testing.T) {
	tab, pool := New(10, 1), NewSlots(3)
	var recs []*Record
	for n := range 3 {
		k := key(n)
		r, _ := tab.Touch(&k, 1, nil)
		s := pool.Take(tab, r, 1)
		if len(s.Bytes(0)) != 0 || s.Log != 0 {
			t.Error("a new slot is not empty")
		}
		s.Insert(0, 1, []byte("x"))
		recs = append(recs, r)
	}
	k := key(9)
	r, _ := tab.Touch(&k, 1, nil)
	if pool.Take(tab, r, 1) != nil {
		t.Error("a fourth slot out of three")
	}
	pool.Of(recs[0], 2)
	if got, used := pool.Oldest(tab); got != recs[1] || used != 1 {
		t.Error("the slot used longest ago is that of the second")
	}
	pool.Free(recs[1])
	if s := pool.Take(tab, r, 1); s == nil || len(s.Bytes(0)) != 0 {
		t.Error("a freed slot must come back empty")
	}
	if pool.InUse() != 3 {
		t.Errorf("%d in use", pool.InUse())
	}
}

func FuzzInsert(f *testing.F) {
	f.Add([]byte{0, 0, 4, 'a', 'b', 'c', 'd', 0, 8, 2, 'x', 'y', 0, 4, 4, 'e', 'f', 'g', 'h'})
	f.Fuzz(func(t *testing.T, script []byte) {
		tab, pool := New(1, 1), NewSlots(1)
		k := key(1)
		r, _ := tab.Touch(&k, 1, nil)
		s := pool.Take(tab, r, 1)
		s.Start(0, 0)
		before := 0
		for len(script) >= 3 {
			seq, n := uint32(script[0])<<8|uint32(script[1]), int(script[2])
			n = min(n, len(script)-3)
			kept := bytes.Clone(s.Bytes(0))
			s.Insert(0, seq, script[3:3+n])
			if !bytes.HasPrefix(s.Bytes(0), kept) {
				t.Fatal("bytes that were read changed")
			}
			if len(s.Bytes(0)) < before {
				t.Fatal("shrank")
			}
			before = len(s.Bytes(0))
			script = script[3+n:]
		}
	})
}

// FuzzDoubt: bytes that are doubted never show where others come for their place.
func FuzzDoubt(f *testing.F) {
	f.Add([]byte{1, 0, 8, 0, 4, 4, 1, 0, 4, 0, 0, 4})
	f.Add([]byte{0, 2, 4, 1, 0, 9, 0, 0, 3})
	f.Fuzz(func(t *testing.T, script []byte) {
		tab, pool := New(1, 1), NewSlots(1)
		k := key(1)
		r, _ := tab.Touch(&k, 1, nil)
		s := pool.Take(tab, r, 1)
		s.Start(0, 0)
		for ; len(script) >= 3; script = script[3:] {
			seq, n := uint32(script[1]), int(script[2])
			if script[0]&1 == 1 {
				s.Doubt(0, seq, bytes.Repeat([]byte{'f'}, n))
			} else {
				s.Insert(0, seq, bytes.Repeat([]byte{'t'}, n))
			}
			if bytes.IndexByte(s.Bytes(0), 'f') >= 0 {
				t.Fatalf("a doubted byte shows: %q", s.Bytes(0))
			}
		}
		before := len(s.Bytes(0))
		s.Believe(0, 1<<16)
		if len(s.Bytes(0)) < before || s.Believe(0, 1<<16) {
			t.Fatal("believed twice, or shrank")
		}
	})
}

func TestTurn(t *testing.T) {
	table, slots := New(4, 1), NewSlots(1)
	r, _ := table.Touch(&Key{Version: 4, Protocol: 6}, 1, nil)
	s := slots.Take(table, r, 1)
	s.Insert(0, 100, []byte("question"))
	s.Insert(1, 500, []byte("ans"))
	s.Insert(1, 505, []byte("rs")) // behind a gap
	if !s.Turn() || string(s.Bytes(0)) != "ans" || string(s.Bytes(1)) != "question" {
		t.Fatalf("turned: %q, %q", s.Bytes(0), s.Bytes(1))
	}
	s.Insert(0, 503, []byte("we"))
	s.Insert(1, 108, []byte("!"))
	if string(s.Bytes(0)) != "answers" || string(s.Bytes(1)) != "question!" {
		t.Errorf("after it: %q, %q", s.Bytes(0), s.Bytes(1))
	}
	big := make([]byte, LogRoom)
	if s.Insert(0, 507, big); !s.Full(0) {
		t.Fatal("there is more room than bytes")
	}
	if a, b := len(s.room(0)), len(s.room(1)); a > b && s.Turn() {
		t.Error("what has no room was turned")
	}
}
