package elements

import (
	"math/rand/v2"
	"testing"
)

// TestLedger does what a map does, in every order that chance gives.
func TestLedger(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		l, model := New(40), map[uint64]int{}
		for range 3000 {
			h := l.Hash([]byte{byte(r.IntN(60))})
			switch r.IntN(3) {
			case 0:
				l.Delete(h)
				delete(model, h)
			case 1:
				if e := l.Put(h); e != nil {
					e.Want()
					model[h]++
				} else if len(model) < 40 || model[h] != 0 {
					t.Fatalf("no room with %d entries", len(model))
				}
			case 2:
				if r.IntN(50) == 0 {
					l.Sweep(func(e *Entry) bool { return e.Flows()%2 == 1 })
					for h, n := range model {
						if n%2 == 1 {
							delete(model, h)
						}
					}
				}
			}
			if l.Len() != len(model) {
				t.Fatalf("%d entries, want %d", l.Len(), len(model))
			}
			e := l.Get(h)
			if (e != nil) != (model[h] != 0) || e != nil && e.Flows() != model[h] {
				t.Fatalf("entry %v, want %d flows", e, model[h])
			}
		}
		for h, n := range model {
			if e := l.Get(h); e == nil || e.Flows() != n {
				t.Fatalf("lost %x", h)
			}
		}
	}
}

func TestEntry(t *testing.T) {
	var e Entry
	e.Want()
	e.Want()
	e.SetForeign()
	e.SetPresent(true)
	if e.Flows() != 2 || !e.Foreign() || !e.Present() {
		t.Fatalf("%+v", e)
	}
	f := e
	if f.Recount(); f.Flows() != 0 || !f.Foreign() || !f.Present() {
		t.Fatalf("%+v", f)
	}
	e.SetPresent(false)
	if e.Drop() || !e.Drop() || !e.Drop() || e.Flows() != 0 || !e.Foreign() || e.Present() {
		t.Fatalf("%+v", e)
	}
}
