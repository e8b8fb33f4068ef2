package flow

import (
	"bytes"
	"math/rand"
	"reflect"
	"testing"
	"unsafe"

	"netifyd/core"
	"netifyd/core/packet"
)

func TestRecordHoldsNoPointer(t *testing.T) {
	var walk func(reflect.Type, string)
	walk = func(ty reflect.Type, path string) {
		switch ty.Kind() {
		case reflect.Struct:
			for i := range ty.NumField() {
				walk(ty.Field(i).Type, path+"."+ty.Field(i).Name)
			}
		case reflect.Array:
			walk(ty.Elem(), path+"[]")
		case reflect.Pointer, reflect.Slice, reflect.String, reflect.Map, reflect.Chan, reflect.Func, reflect.Interface, reflect.UnsafePointer:
			t.Errorf("%s is a %s: the collector would walk the slab", path, ty.Kind())
		}
	}
	walk(reflect.TypeOf(Record{}), "Record")
	walk(reflect.TypeOf(Slot{}), "Slot")
	walk(reflect.TypeOf(block{}), "block")
}

// recordBudget is what a flow costs in the slab: 240 bytes (2026-11-30, amd64), 8 of them for counters of TCP, 22 for usage and rates, and 14 for what
// flow_dpi_complete told and DSCP; the index adds 16 to 32.
const recordBudget = 240

func TestRecordSize(t *testing.T) {
	if n := unsafe.Sizeof(Record{}); n > recordBudget {
		t.Errorf("a record takes %d bytes, the budget is %d", n, recordBudget)
	}
}

func key(n int) Key {
	var k Key
	a, b := [16]byte{10, 0, byte(n >> 8), byte(n)}, [16]byte{192, 0, 2, byte(n >> 16)}
	MakeKey(&k, 4, 6, 0, &a, &b, uint16(1024+n%50000), 443)
	return k
}

// TestAgainstMap drives the table and a Go map with the same random steps.
// The ends are in the order of their bytes, whether a machine moves words or halves.
func TestMakeKey(t *testing.T) {
	var v packet.View
	var tuple core.Tuple
	if unsafe.Alignof(v) < 4 || unsafe.Offsetof(v.Src)%4 != 0 || unsafe.Offsetof(v.Dst)%4 != 0 || unsafe.Alignof(Key{}) < 4 ||
		unsafe.Alignof(tuple) < 4 || unsafe.Offsetof(tuple.Src)%4 != 0 || unsafe.Offsetof(tuple.Dst)%4 != 0 {
		t.Error("addresses do not lie at a multiple of four bytes")
	}
	rng := rand.New(rand.NewSource(1))
	for range 20000 {
		v.Src, v.Dst = [16]byte{}, [16]byte{}
		for range rng.Intn(3) { // few differences, so that every byte decides at some time
			v.Src[rng.Intn(16)] = byte(rng.Intn(256))
			v.Dst[rng.Intn(16)] = byte(rng.Intn(256))
		}
		v.SrcPort, v.DstPort = uint16(rng.Intn(3)), uint16(rng.Intn(3))
		want := Key{Addr: [2][16]byte{v.Src, v.Dst}, Port: [2]uint16{v.SrcPort, v.DstPort}}
		side := Lower
		if c := bytes.Compare(v.Src[:], v.Dst[:]); c > 0 || c == 0 && v.SrcPort > v.DstPort {
			side = Upper
			want = Key{Addr: [2][16]byte{v.Dst, v.Src}, Port: [2]uint16{v.DstPort, v.SrcPort}}
		}
		var words, halves Key
		if got := words.order32(&v.Src, &v.Dst, v.SrcPort, v.DstPort); got != side || words != want {
			t.Fatalf("%v: side %v, %v", v, got, words)
		}
		if got := halves.order64(&v.Src, &v.Dst, v.SrcPort, v.DstPort); got != side || halves != want {
			t.Fatalf("%v: side %v, %v", v, got, halves)
		}
		if !words.equals(&halves) {
			t.Fatalf("%v and %v differ", words, halves)
		}
		other := want
		*[...]*byte{&other.Addr[0][rng.Intn(16)], &other.Addr[1][rng.Intn(16)], &other.Protocol, &other.Version, &other.Group}[rng.Intn(5)] ^= 1
		if other.equals(&want) {
			t.Fatalf("%v and %v are the same", other, want)
		}
	}
}

func TestAgainstMap(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	for _, max := range []int{1, 2, 7, 64, 500} {
		tab, model := New(max, 42), map[Key]int64{}
		gone := func(r *Record) { delete(model, r.Key) }
		for step := range 20000 {
			k := key(rng.Intn(3 * max))
			switch rng.Intn(10) {
			case 0:
				if r := tab.Find(&k); r != nil {
					gone(r)
					tab.Remove(r)
				}
			case 1:
				if r := tab.Find(&k); r != nil {
					tab.Mark(r, Decided)
				}
			default:
				r, created := tab.Touch(&k, int64(step), gone)
				_, known := model[k]
				if created == known {
					t.Fatalf("step %d: created %v, known %v", step, created, known)
				}
				r.Last = int64(step)
				model[k] = int64(step)
				tab.Refresh(r)
			}
			if tab.Len() != len(model) {
				t.Fatalf("step %d: %d flows, want %d", step, tab.Len(), len(model))
			}
		}
		n := 0
		for i := range tab.Cap() {
			if r := tab.At(i); r != nil {
				n++
				if last, ok := model[r.Key]; !ok || last != r.Last || tab.Find(&r.Key) != r {
					t.Fatalf("%v: lost or stale", r.Key)
				}
			}
		}
		if n != len(model) {
			t.Fatalf("%d records in the slab, want %d", n, len(model))
		}
	}
}

func TestEvictionPrefersUndecided(t *testing.T) {
	tab := New(100, 1)
	var ended []*Record
	end := func(r *Record) {
		c := *r
		ended = append(ended, &c)
	}
	for n := range 90 {
		k := key(n)
		r, _ := tab.Touch(&k, int64(n), end)
		tab.Mark(r, Decided)
	}
	for n := 1000; n < 6000; n++ { // a flood
		k := key(n)
		tab.Touch(&k, int64(n), end)
	}
	if len(ended) != 4990 || tab.Evicted != 4990 {
		t.Errorf("%d ended, %d counted, want 4990", len(ended), tab.Evicted)
	}
	for i, r := range ended {
		if r.Flags&Decided != 0 {
			t.Fatalf("decided flow %v was ended while undecided ones were there", r.Key)
		}
		if want := key(1000 + i); r.Key != want {
			t.Fatalf("eviction %d took %v, the one seen longest ago is %v", i, r.Key, want)
		}
	}
}

func TestEvictionPrefersWhatNobodyAnswered(t *testing.T) {
	tab := New(60, 1)
	for n := range 60 {
		k := key(n)
		r, _ := tab.Touch(&k, int64(n), nil)
		if n%2 == 0 {
			tab.Mark(r, TwoWay)
		}
		if n%3 == 0 {
			tab.Mark(r, Decided)
		}
	}
	last := -1
	for n := range 60 {
		k := key(1000 + n)
		var gone Flags
		r, _ := tab.Touch(&k, int64(1000+n), func(r *Record) { gone = r.Flags })
		tab.Mark(r, Decided)
		tab.Mark(r, TwoWay)
		class := 0
		if gone&Decided != 0 {
			class++
		}
		if gone&TwoWay != 0 {
			class += 2
		}
		if class < last {
			t.Fatalf("a flow of class %d went after one of class %d", class, last)
		}
		last = class
	}
}

// TestNewFlowsOfAFullTable gives a new flow time for its answer, also where
// every place is taken by flows that rest.
func TestNewFlowsOfAFullTable(t *testing.T) {
	tab := New(320, 1)
	gone := map[Key]bool{}
	end := func(r *Record) { gone[r.Key] = true }
	for n := range 320 {
		k := key(n)
		r, _ := tab.Touch(&k, int64(n), end)
		tab.Mark(r, Decided)
		tab.Mark(r, TwoWay)
	}
	const late = 10 // the answer comes when so many more flows are there
	for n := range 1000 {
		k := key(1000 + n)
		tab.Touch(&k, int64(1000+n), end)
		if n < late {
			continue
		}
		asked := key(1000 + n - late)
		r := tab.Find(&asked)
		if r == nil {
			t.Fatalf("flow %d was ended before its answer", n-late)
		}
		tab.Mark(r, TwoWay)
		tab.Mark(r, Decided)
	}
	if len(gone) != 1000 || tab.Len() != 320 {
		t.Errorf("%d ended, %d left", len(gone), tab.Len())
	}
}

func TestEvictionAmongDecided(t *testing.T) {
	tab := New(64, 1)
	for n := range 64 {
		k := key(n)
		r, _ := tab.Touch(&k, int64(n), nil)
		r.Flags |= Recent
		tab.Mark(r, Decided)
	}
	idle := map[Key]bool{}
	for n := range 64 { // all had a packet when they were new; every eighth has none since
		k := key(n)
		tab.Find(&k).Flags &^= Recent
		if n%8 == 5 {
			idle[k] = true
		} else {
			tab.Find(&k).Flags |= Recent
		}
	}
	for n := range 8 {
		var gone Key
		k := key(100 + n)
		r, _ := tab.Touch(&k, 2000, func(r *Record) { gone = r.Key })
		r.Flags |= Recent
		tab.Mark(r, Decided)
		if !idle[gone] {
			t.Errorf("eviction %d ended %v, which is busy", n, gone)
		}
		delete(idle, gone)
	}
}

func TestWheelEndsIdleFlowsOnly(t *testing.T) {
	const idle = 30 * second
	tab := New(64, 1)
	deadline := func(r *Record) int64 { return r.Last + idle }
	ended := map[Key]int64{}
	now := int64(1e9) * 1700000000
	a, b := key(1), key(2)
	for _, k := range []Key{a, b} {
		r, _ := tab.Touch(&k, now, nil)
		tab.Schedule(r, now+idle)
	}
	start := now
	for range 100 {
		now += second
		if now-start <= 50*second {
			tab.Find(&b).Last = now
		}
		tab.Advance(now, deadline, func(r *Record) { ended[r.Key] = now - start })
	}
	if d := ended[a]; d < idle || d > idle+2*second {
		t.Errorf("idle flow ended after %d s", d/second)
	}
	if d := ended[b]; d < 80*second || d > 82*second {
		t.Errorf("busy flow ended after %d s, want 80", d/second)
	}
	if tab.Len() != 0 {
		t.Errorf("%d flows left", tab.Len())
	}
}

func TestWheelSurvivesJumpsAndLongDeadlines(t *testing.T) {
	for _, jump := range []int64{3, 511, 512, 513, 5000, 1e6} {
		tab := New(600, 1)
		now := 1000 * second
		for n := range 600 {
			k := key(n)
			r, _ := tab.Touch(&k, now, nil)
			tab.Schedule(r, now+int64(n)*10*second)
		}
		left := 600
		deadline := func(r *Record) int64 { return r.First + int64(r.Port[0]+r.Port[1]-1024-443)*10*second }
		to := now + jump*second
		tab.Advance(to, deadline, func(*Record) { left-- })
		tab.Advance(to+2*second, deadline, func(*Record) { left-- })
		want := max(0, 599-int(jump+2)/10)
		if left < want-1 || left > want+1 {
			t.Errorf("jump of %d s: %d flows left, want %d", jump, left, want)
		}
	}
}

func TestHashSpreads(t *testing.T) {
	for name, hash := range map[string]func(*Key) uint32{
		"wide": func(k *Key) uint32 { return k.Hash(99) },
		"narrow": func(k *Key) uint32 {
			tail := uint64(k.Port[0])<<48 | uint64(k.Port[1])<<32 | uint64(k.Protocol)<<16 | uint64(k.Version)<<8
			return k.hash32(99, tail)
		},
	} {
		var count [1024]int
		for n := range 102400 {
			k := key(n)
			count[hash(&k)&1023]++
		}
		for i, c := range count {
			if c < 40 || c > 180 {
				t.Errorf("%s: bucket %d has %d of 100 expected", name, i, c)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	tab := New(1000, 1)
	n := 0
	end := func(*Record) {}
	if a := testing.AllocsPerRun(5000, func() {
		k := key(n)
		n++
		r, _ := tab.Touch(&k, int64(n)*1e6, end)
		tab.Schedule(r, r.Last+30*second)
		tab.Mark(r, Decided)
		tab.Advance(int64(n)*1e6, func(r *Record) int64 { return r.Last + second }, end)
	}); a != 0 {
		t.Errorf("%v allocations a flow", a)
	}
}

func benchmarkTouch(b *testing.B, flows int) {
	tab := New(flows, 1)
	keys := make([]Key, flows)
	for n := range keys {
		keys[n] = key(n)
		tab.Touch(&keys[n], 1, nil)
	}
	rng := rand.New(rand.NewSource(1))
	rng.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r, _ := tab.Touch(&keys[i], 1, nil)
		r.TotalPackets++
		if i++; i == len(keys) {
			i = 0
		}
	}
}

func BenchmarkTouch100(b *testing.B)  { benchmarkTouch(b, 100) }
func BenchmarkTouch8192(b *testing.B) { benchmarkTouch(b, 8192) }
