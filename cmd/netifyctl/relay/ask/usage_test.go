package ask

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
	"netifyd/cmd/netifyctl/relay/privacy"
)

// cell is what a device used of a label in an hour.
type cell struct {
	hour          int64
	device, label string
	local         bool
}

// history is usage as an agent keeps it: hours of yesterday and today, days of
// before, which have the first labels of a device and "other".
type history struct {
	*agent
	cells map[cell]uint64
	large int // labels of a device that a day keeps
	page  int // rows in an answer
}

const day = 86400

func newHistory(a *agent) *history {
	h := &history{agent: a, cells: map[cell]uint64{}, large: 2, page: 7}
	a.answers["usage"] = h.answer
	return h
}

func number(args map[string]any, name string) int64 {
	n, _ := args[name].(float64)
	return int64(n)
}

func (h *history) answer(args map[string]any) any {
	step := map[any]int64{"hour": 3600, "day": day}[args["step"]]
	from := number(args, "from")
	from -= from % step
	to := from + max(1, number(args, "count"))*step
	type line struct {
		start         int64
		device, label string
		n             uint64
	}
	sums := map[line]uint64{}
	for c, n := range h.cells {
		local, _ := args["local"].(bool)
		if c.local != local || c.hour < from-from%day || c.hour >= to {
			continue
		}
		at, label := c.hour, c.label
		if old := at-at%day < h.now-h.now%day-day; old {
			if at -= at % day; !h.isLarge(c) {
				label = "other"
			}
		}
		if at < from || at >= to {
			continue
		}
		key := line{start: at - at%step, device: c.device, label: label}
		sums[key] += n
	}
	var lines []line
	for k, n := range sums {
		k.n = n
		lines = append(lines, k)
	}
	slices.SortFunc(lines, func(x, y line) int {
		return strings.Compare(fmt.Sprint(x.start, x.device, x.label), fmt.Sprint(y.start, y.device, y.label))
	})
	offset := int(number(args, "offset"))
	limit := min(int(number(args, "limit")), h.page) // an answer may be cut
	rows := [][]any{}
	for _, l := range lines[min(offset, len(lines)):min(offset+limit, len(lines))] {
		rows = append(rows, []any{l.start, l.device, "name of " + l.device, l.label, l.n, 2 * l.n, 1})
	}
	return map[string]any{"from": from, "to": to, "columns": []string{"start", "device", "name", "application", "down", "up", "flows"}, "rows": rows, "total": len(lines)}
}

// isLarge says that a label is among the largest of its device in a day.
func (h *history) isLarge(c cell) bool {
	sums := map[string]uint64{}
	for x, n := range h.cells {
		if x.device == c.device && x.local == c.local && x.hour/day == c.hour/day {
			sums[x.label] += n
		}
	}
	larger := 0
	for label, n := range sums {
		if n > sums[c.label] || n == sums[c.label] && label < c.label {
			larger++
		}
	}
	return larger < h.large
}

// store is a column store: the newest version of a row wins.
type store map[string]storedRow

type storedRow struct {
	version, down, up uint64
	device            string
}

func (s store) take(t *testing.T, b *output.Batch) {
	for _, l := range b.Lines {
		var v []any
		if err := json.Unmarshal(l, &v); err != nil || len(v) != len(UsageColumns) {
			t.Fatalf("%s: %v", l, err)
		}
		key := fmt.Sprint(v[0], v[2], v[4], v[5])
		r := storedRow{uint64(v[12].(float64)), uint64(v[6].(float64)), uint64(v[7].(float64)), v[2].(string)}
		if r.version >= s[key].version {
			s[key] = r
		}
	}
}

func (s store) of(device string) (sum uint64) {
	for _, r := range s {
		if device == "" || r.device == device {
			sum += r.down
			if r.up != 2*r.down {
				panic("down and up belong together")
			}
		}
	}
	return sum
}

func (h *history) of(device string) (sum uint64) {
	for c, n := range h.cells {
		if device == "" || c.device == device {
			sum += n
		}
	}
	return sum
}

// run lets u tell what is due, until nothing is.
func run(t *testing.T, u *Usage, s store, at *time.Time, fails func() bool) {
	for range 10000 {
		b, done, again := u.Next(context.Background(), *at)
		switch {
		case b != nil && fails():
			return // the relay is killed before the answer
		case b != nil:
			s.take(t, b)
			done(true)
		case again > time.Second:
			return
		}
	}
	t.Fatal("it never rests")
}

// Rows that were sent, some twice, some late, say the same as the agent, whatever
// goes down for how long.
func TestUsageAddsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for round := range 2 {
		a, control := stand(t)
		h := newHistory(a)
		s := store{}
		file := filepath.Join(t.TempDir(), "usage.json")
		open := func() *Usage {
			return &Usage{Agent: control, UUID: func() string { return "a" }, Local: true, Interval: time.Minute, File: file, Log: func(f string, x ...any) { t.Errorf(f, x...) }}
		}
		u := open()
		at := time.Unix(a.now, 0)
		for n := range 60 {
			a.mu.Lock()
			for range r.IntN(20) {
				c := cell{a.now - a.now%3600, string('a' + rune(r.IntN(3))), string('p' + rune(r.IntN(6))), r.IntN(4) == 0}
				h.cells[c] += uint64(r.IntN(1000))
			}
			if r.IntN(3) == 0 { // what was of one application is another's
				for c, n := range h.cells {
					if c.hour == a.now-a.now%3600 {
						delete(h.cells, c)
						c.label = "q"
						h.cells[c] += n
						break
					}
				}
			}
			// The output is there, or for some minutes, hours or days it is not.
			if n > 0 { // what was before the first time is not told
				a.now += int64([]int{60, 600, 3600, 7200, 90000, 300000}[min(5, r.IntN(40)/6)])
			}
			at = time.Unix(a.now, 0)
			a.mu.Unlock()
			if n == 0 || r.IntN(4) > 0 {
				run(t, u, s, &at, func() bool { return r.IntN(20) == 0 })
			}
			if r.IntN(5) == 0 {
				u = open() // the relay restarts
			}
		}
		for range 2 {
			a.mu.Lock()
			a.now += 7200
			at = time.Unix(a.now, 0)
			a.mu.Unlock()
			u = open()
			run(t, u, s, &at, func() bool { return false })
		}
		for _, device := range []string{"", "a", "b", "c"} {
			if s.of(device) != h.of(device) {
				t.Fatalf("round %d, device %q: %d are stored, the agent has %d", round, device, s.of(device), h.of(device))
			}
		}
	}
}

func TestUsageColumns(t *testing.T) {
	a, control := stand(t)
	h := newHistory(a)
	h.cells[cell{a.now - a.now%3600, "02:00:00:00:00:01", "netflix", false}] = 5
	h.cells[cell{a.now - a.now%3600, "02:00:00:00:00:02", "netflix", false}] = 6
	h.cells[cell{a.now - a.now%3600, "02:00:00:00:00:03", "netflix", false}] = 7
	hide, err := privacy.New("none", "", "", "", []string{"02:00:00:00:00:03"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(a.now, 0)
	for _, objects := range []bool{false, true} {
		u := &Usage{Agent: control, UUID: func() string { return "a" }, Interval: time.Minute, Filter: hide, Objects: objects, Log: t.Errorf}
		var rows []string
		for range 100 {
			b, done, again := u.Next(context.Background(), at)
			if b != nil {
				for _, l := range b.Lines {
					rows = append(rows, string(l))
				}
				done(true)
			} else if again > time.Second {
				break
			}
		}
		start := a.now - a.now%3600
		want := fmt.Sprintf(`[%d,%d,"","","netflix","internet",11,22,2,0,0,0,%d]`, start, a.now-start, at.UnixMilli()+int64(25))
		if objects {
			want = `{"start":`
		}
		if len(rows) != 1 || !strings.HasPrefix(rows[0], want[:min(len(want), 60)]) {
			t.Errorf("%q\nwant %q", rows, want)
		}
	}
}

// Only closed hours are told where that is wanted, within the time to spread over.
func TestUsageByTheHour(t *testing.T) {
	a, control := stand(t)
	h := newHistory(a)
	u := &Usage{Agent: control, UUID: func() string { return "a" }, Interval: time.Hour, Spread: 10 * time.Minute, Log: t.Errorf}
	s := store{}
	hour := a.now - a.now%3600
	h.cells[cell{hour, "a", "x", false}] = 5
	at := time.Unix(a.now, 0)
	run(t, u, s, &at, func() bool { return false })
	if len(s) != 0 {
		t.Errorf("%v", s)
	}
	if d := u.next.Unix() - hour; d < 3600+60 || d > 3600+60+600 {
		t.Errorf("told %d seconds after the hour began", d)
	}
	a.mu.Lock()
	a.now = u.next.Unix()
	a.mu.Unlock()
	at = u.next
	run(t, u, s, &at, func() bool { return false })
	if s.of("") != 5 {
		t.Errorf("%v", s)
	}
}

func TestUsageTrouble(t *testing.T) {
	a, control := stand(t)
	var said []string
	u := &Usage{Agent: control, UUID: func() string { return "a" }, Interval: time.Minute, Log: func(f string, x ...any) { said = append(said, fmt.Sprintf(f, x...)) }}
	at := time.Unix(a.now, 0)
	for range 5 {
		if b, _, again := u.Next(context.Background(), at); b != nil || again != askAgain {
			t.Error(b, again)
		}
		at = at.Add(askAgain)
	}
	if len(said) != 1 || !strings.Contains(said[0], "no such question") {
		t.Errorf("%q", said)
	}
	// What is refused comes again, but not at once.
	h := newHistory(a)
	h.cells[cell{a.now - a.now%3600, "a", "x", false}] = 5
	for range 100 {
		b, done, _ := u.Next(context.Background(), at)
		if b == nil {
			continue
		}
		done(false)
		again, _, wait := u.Next(context.Background(), time.Now())
		if again != nil || wait < 14*time.Minute {
			t.Error(again, wait)
		}
		return
	}
	t.Error("nothing is told")
}
