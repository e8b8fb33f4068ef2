package alert

// Quota is how many bytes a network and each of its devices may use in a
// period of accounting. 0: as many as they like.
type Quota struct{ All, Device uint64 }

// Levels of a quota that are told, in per cent.
const (
	Near    = 80
	Reached = 100
)

// State is what is counted of the agent since its start, and how it is now.
type State struct {
	Dropped   uint64 // packets that the kernel dropped
	Evicted   uint64 // flows that ended since there was no room
	Refused   uint64 // flows whose device found no place
	ClockSet  bool
	Offloads  bool // the kernel offloads flows
	Uncounted bool // and does not count them
	Unwritten bool // history could not be written
	Present   []bool
}

// Watch raises alerts when what it is shown changes. It belongs to one goroutine.
type Watch struct {
	ring *Ring
	told func(Alert)
	was  State
	any  bool

	period int64           // of spent
	spent  map[uint32]Kind // the level that was told, by device
}

// NewWatch makes a watch over a ring. told is called with each alert that is fresh.
func NewWatch(r *Ring, told func(Alert)) *Watch { return &Watch{ring: r, told: told} }

// Dropped is how many packets the kernel had dropped when Look was called last.
func (w *Watch) Dropped() uint64 { return w.was.Dropped }

// Raise adds an alert to the ring, and tells of a fresh one.
func (w *Watch) Raise(a Alert, now uint32) {
	if w.ring.Raise(a, now) {
		a.Number, a.First, a.Last = w.ring.Newest(), now, now
		w.told(a)
	}
}

// Look compares the state of the agent with that of the last time.
func (w *Watch) Look(s State, now uint32) {
	was := w.was
	count := func(k Kind, n, before uint64) {
		if n > before {
			w.Raise(Alert{Kind: k, Value: n - before}, now)
		}
	}
	count(CaptureLost, s.Dropped, was.Dropped)
	count(TableFull, s.Evicted, was.Evicted)
	count(DevicesFull, s.Refused, was.Refused)
	begins := func(k Kind, is, before bool) {
		if is && !before {
			w.Raise(Alert{Kind: k}, now)
		}
	}
	begins(ClockUnset, !s.ClockSet, w.any && !was.ClockSet)
	begins(OffloadUncounted, s.Uncounted, was.Uncounted)
	begins(OffloadCounted, s.Offloads && !s.Uncounted, was.Offloads)
	begins(HistoryUnwritten, s.Unwritten, was.Unwritten)
	for i, there := range s.Present {
		if !there && i < len(was.Present) && was.Present[i] {
			w.Raise(Alert{Kind: InterfaceGone, Iface: uint8(i + 1)}, now)
		}
	}
	s.Present = append(was.Present[:0], s.Present...)
	w.was, w.any = s, true
}

// Seen remembers which pairs of numbers were there, in fixed memory: it never
// forgets one. Some that are new it takes for known: hardly any in a home, one in
// eight once there are 256 devices with 30 applications each.
type Seen struct {
	bits    [4096]byte
	changed bool
}

// Add notes a pair and says whether it is new.
func (s *Seen) Add(device, label uint32) bool {
	h := (uint64(device)<<32 | uint64(label)) * 0x9e3779b97f4a7c15
	fresh := false
	for range 3 {
		h ^= h >> 29
		h *= 0xbf58476d1ce4e5b9
		bit := h >> 48 & (8*uint64(len(s.bits)) - 1)
		if s.bits[bit/8]>>(bit%8)&1 == 0 {
			s.bits[bit/8] |= 1 << (bit % 8)
			fresh, s.changed = true, true
		}
	}
	return fresh
}

// Bits are what there is to write down, and whether it changed since the last time.
func (s *Seen) Bits() (b []byte, changed bool) {
	changed, s.changed = s.changed, false
	return s.bits[:], changed
}

// Set takes back what Bits gave.
func (s *Seen) Set(b []byte) {
	if len(b) == len(s.bits) {
		copy(s.bits[:], b)
	}
}
