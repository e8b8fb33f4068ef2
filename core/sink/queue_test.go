package sink

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"netifyd/core"
)

// The queue does what a list does from which the oldest are cut, through many turns of its ring.
func TestQueueAgainstList(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const size = 1000
	q := newQueue(make([]byte, size), false)
	var list [][]byte
	used, dropped := 0, uint64(0)
	buf := make([]byte, 0, 64)
	for step := range 20_000 {
		if r.IntN(4) > 0 {
			line := bytes.Repeat([]byte{byte('a' + step%26)}, r.IntN(400))
			line = append(line, '\n')
			e := frame(nil, line)
			before := dropped
			for used+entryHead+len(e) > size {
				used -= entryHead + len(list[0])
				list = list[1:]
				dropped++
			}
			list = append(list, e)
			used += entryHead + len(e)
			if kept := q.push(line, core.Wanted); kept != (dropped == before) {
				t.Fatalf("step %d: kept %v", step, kept)
			}
		} else {
			var ended bool
			if buf, ended = q.take(buf); ended {
				t.Fatal("ended while open")
			}
			var want []byte
			for len(list) > 0 && (len(want) == 0 || len(want)+len(list[0]) <= cap(buf)) {
				want = append(want, list[0]...)
				used -= entryHead + len(list[0])
				list = list[1:]
			}
			if !bytes.Equal(buf, want) {
				t.Fatalf("step %d: %q, want %q", step, buf, want)
			}
		}
		if q.lost() != dropped || q.used != used {
			t.Fatalf("step %d: %d lost, %d used; want %d, %d", step, q.lost(), q.used, dropped, used)
		}
	}
	if dropped == 0 {
		t.Error("nothing was ever dropped")
	}
}

func TestQueueEnds(t *testing.T) {
	q := newQueue(make([]byte, 200), false)
	if q.push(bytes.Repeat([]byte("x"), 300), core.Wanted) || q.lost() != 1 {
		t.Error("a line larger than the queue was taken")
	}
	if room := q.spare(); room != 100-entryHead-maxFrame {
		t.Errorf("room for %d", room)
	}
	if !q.push([]byte("kept\n"), core.Wanted) || isBusy(q) {
		t.Error("a line that fits was lost")
	}
	q.close()
	if q.push([]byte("late\n"), core.Wanted) {
		t.Error("a closed queue takes lines")
	}
	buf, ended := q.take(nil)
	if want := "{\"length\": 5}\nkept\n"; string(buf) != want || ended {
		t.Errorf("%q, %v", buf, ended)
	}
	if buf, ended = q.take(buf); len(buf) != 0 || !ended {
		t.Errorf("%q, %v", buf, ended)
	}
	if len(q.release()) != 200 || q.spare() != 0 || q.push([]byte("x"), core.Wanted) || isBusy(q) {
		t.Error("a released queue is in use")
	}
}

func BenchmarkPush(b *testing.B) {
	q := newQueue(make([]byte, MinQueue), false)
	line := []byte(fmt.Sprintf("%01100d\n", 1))
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		q.push(line, core.Wanted)
	}
}

// frame puts the header of a line before it.
func frame(dst, line []byte) []byte { return append(frameHead(dst, len(line)), line...) }

// Dialect 5 has no headers.
func TestBareQueue(t *testing.T) {
	q := newQueue(make([]byte, 100), true)
	q.push([]byte("{}\n"), core.Wanted)
	q.push([]byte("{\"a\":1}\n"), core.Wanted)
	if got, _ := q.take(nil); string(got) != "{}\n" { // grown for the first entry alone
		t.Errorf("%q", got)
	}
	if got, _ := q.take(make([]byte, 0, 64)); string(got) != "{\"a\":1}\n" {
		t.Errorf("%q", got)
	}
}

func isBusy(q *queue) bool {
	yes, _ := q.busy(false)
	return yes
}
