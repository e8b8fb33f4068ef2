package ask

import (
	"cmp"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"netifyd/cmd/netifyctl/relay/privacy"
	"netifyd/core/query/client"
)

// usageKey is who used what.
type usageKey struct{ Device, Label, Scope string }

type usageCount struct{ Down, Up, Flows uint64 }

type usageRow struct {
	usageKey
	usageCount
	name string
}

// piece is what was used in a time, an hour as a rule.
type piece struct {
	bounds
	start  int64 // as rows have it
	sums   map[usageKey]usageCount
	names  map[string]string // of devices
	seen   map[seenRow]bool
	starts []int64

	estimated, lossy bool
	moved            bool // rows changed their places while they were read
}

// seenRow is a row of an answer.
type seenRow struct {
	usageKey
	start int64
}

func newPiece(b bounds, start int64) *piece {
	return &piece{bounds: b, start: start, sums: map[usageKey]usageCount{}, names: map[string]string{}, seen: map[seenRow]bool{}}
}

// add takes a row of an answer. Devices that may not be told apart are one.
func (p *piece) add(f *privacy.Filter, l *client.Rows, i int, scope string) {
	device := l.Text(i, "device")
	start := int64(l.Number(i, "start"))
	exact := seenRow{usageKey{device, l.Text(i, "application"), scope}, start}
	p.moved = p.moved || p.seen[exact]
	p.seen[exact] = true
	p.starts = append(p.starts, start)
	if f.Excluded(device) {
		return
	}
	key := usageKey{f.MAC(device), exact.Label, scope}
	n := p.sums[key]
	p.sums[key] = usageCount{n.Down + l.Number(i, "down"), n.Up + l.Number(i, "up"), n.Flows + l.Number(i, "flows")}
	p.names[key.Device] = l.Text(i, "name")
}

// subtract takes away what was told of the hours before, of a day that is known
// as a whole only. A label that the day has under "other" is taken from there.
func (p *piece) subtract(told map[usageKey]usageCount) {
	for key, n := range told {
		from := key
		if _, ok := p.sums[from]; !ok {
			from.Label = "other"
		}
		has := p.sums[from]
		p.sums[from] = usageCount{less(has.Down, n.Down), less(has.Up, n.Up), less(has.Flows, n.Flows)}
	}
}

func less(a, b uint64) uint64 { return a - min(a, b) }

// changes are the rows that differ from what was told of the same time before.
// What is no more there, since its bytes are another's now, is told as nothing.
func (p *piece) changes(s *usageState) (rows []usageRow) {
	for key, n := range p.sums {
		if s.Hours[key] != n {
			rows = append(rows, usageRow{key, n, p.names[key.Device]})
		}
	}
	for key := range s.Hours {
		if _, ok := p.sums[key]; !ok && !p.moved {
			rows = append(rows, usageRow{key, usageCount{}, p.names[key.Device]})
		}
	}
	slices.SortFunc(rows, func(a, b usageRow) int {
		return cmp.Or(cmp.Compare(a.Device, b.Device), cmp.Compare(a.Scope, b.Scope), cmp.Compare(a.Label, b.Label))
	})
	return rows
}

// usageState is how far an output is.
type usageState struct {
	Version  uint64
	Next     int64 // the time that is not told as a whole yet begins
	End      int64 // of that hour
	DayStart int64
	Hours    map[usageKey]usageCount // what was told of that time
	Day      map[usageKey]usageCount // and of the hours of its day before it
}

func (s *usageState) copy() usageState {
	c := *s
	c.Hours, c.Day = maps.Clone(s.Hours), maps.Clone(s.Day)
	return c
}

// within begins another day, if it is one.
func (s *usageState) within(day bounds) {
	if s.DayStart != day.from {
		s.DayStart, s.Day = day.from, nil
	}
}

// acknowledge takes a piece as told.
func (s *usageState) acknowledge(p *piece, complete bool) {
	if !complete {
		told := maps.Clone(p.sums)
		if p.moved { // what was not seen this time may be there still
			for key, n := range s.Hours {
				if _, ok := told[key]; !ok {
					told[key] = n
				}
			}
		}
		s.Next, s.End, s.Hours = p.from, p.to, told
		return
	}
	if s.Day == nil {
		s.Day = map[usageKey]usageCount{}
	}
	for key, n := range p.sums {
		d := s.Day[key]
		s.Day[key] = usageCount{d.Down + n.Down, d.Up + n.Up, d.Flows + n.Flows}
	}
	s.Next, s.End, s.Hours = p.to, p.to, nil
}

// stored is how a state looks in its file.
type stored struct {
	Version  uint64     `json:"version"`
	Next     int64      `json:"next"`
	DayStart int64      `json:"day_start"`
	Hour     []usageRow `json:"hour"`
	Day      []usageRow `json:"day"`
}

func (s *usageState) save(path string) error {
	if path == "" {
		return nil
	}
	text, err := json.Marshal(stored{s.Version, s.Next, s.DayStart, rowsOf(s.Hours), rowsOf(s.Day)})
	if err != nil {
		return err
	}
	return replace(path, text)
}

// replace writes a file anew, as a whole.
func replace(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

func rowsOf(m map[usageKey]usageCount) (rows []usageRow) {
	for key, n := range m {
		rows = append(rows, usageRow{usageKey: key, usageCount: n})
	}
	return rows
}

func loadUsage(path string) (s usageState) {
	text, err := os.ReadFile(path)
	var f stored
	if err != nil || json.Unmarshal(text, &f) != nil {
		return s
	}
	s = usageState{Version: f.Version, Next: f.Next, DayStart: f.DayStart, Hours: map[usageKey]usageCount{}, Day: map[usageKey]usageCount{}}
	for _, r := range f.Hour {
		s.Hours[r.usageKey] = r.usageCount
	}
	for _, r := range f.Day {
		s.Day[r.usageKey] = r.usageCount
	}
	return s
}
