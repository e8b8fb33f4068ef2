package query

import (
	"cmp"
	"strings"

	"netifyd/core/device"
	"netifyd/core/flow"
)

// ranked is a flow that is to be listed: its place in the table, and what it is sorted by.
type ranked struct {
	key   uint64
	place int32
	first int64 // tells another flow at the same place
}

// flowColumns are the columns of flows.
var flowColumns = []string{"digest", "device", "application", "protocol", "host", "interface", "down_rate", "up_rate", "rate", "bytes", "age", "idle", "flags", "local", "other", "risk", "risks", "label"}

// listFlows lists the flows that a filter lets through. It goes through the table
// twice: for which flows are the first ones, and to write these.
func (s *Server) listFlows(a args) error {
	l, err := a.choice(ofFlows)
	if err != nil {
		return err
	}
	criteria, err := a.text("criteria")
	if err != nil {
		return err
	}
	var fits func(*Flow) bool // nil: all do
	var warnings []string
	if criteria != "" {
		rules, err := s.rules()
		if err == nil {
			fits, warnings, err = rules.Try(criteria)
		}
		if err != nil {
			return err
		}
	}
	p, err := a.shallow()
	if err != nil {
		return err
	}
	o, err := a.order(flowColumns, "rate")
	if err != nil {
		return err
	}
	now := s.house.Now()
	total := s.rank(&l, fits, o, p.offset+p.limit, now)
	r := &s.reply
	r.number("now", uint64(now/1e9))
	if len(warnings) > 0 {
		r.name("warnings")
		r.texts(warnings)
	}
	r.columns(flowColumns)
	var f subject
	for _, x := range s.top[min(p.offset, len(s.top)):] {
		ok := s.house.FlowAt(int(x.place), func(v *Flow) {
			if v.Rec.First != x.first {
				return
			}
			s.look(&f, v, now)
			s.writeFlow(&f)
		})
		if ok && r.full {
			break
		}
	}
	r.endRows(total)
	return nil
}

// rank puts the first n flows into s.top, in order, and counts all that fit.
func (s *Server) rank(l *choice, criteria func(*Flow) bool, o order, n int, now int64) (total int) {
	h := newLeaders(s.top[:0], n, o.rising)
	column := flowColumns[o.column]
	quick := recordKeys[column]
	if quick != 0 && len(l.words) == 0 && criteria == nil {
		total = s.rankAll(h, quick)
		s.top = h.sorted()
		return total
	}
	key := flowKeys[column]
	switch {
	case quick != 0:
		key = func(f *subject) uint64 { return quick.of(f.Rec) }
	case key == nil:
		key = byFlags
	}
	var f subject
	for at := 0; at >= 0; {
		at = s.house.Flows(at, func(v *Flow) {
			s.look(&f, v, now)
			if len(l.words) > 0 && !l.fits(&f) || criteria != nil && !criteria(v) {
				return
			}
			total++
			h.offer(ranked{key(&f) ^ h.turn, int32(v.Place), v.Rec.First})
		})
	}
	s.top = h.sorted()
	return total
}

// rankAll offers every flow by what its record tells, and counts them.
func (s *Server) rankAll(h *leaders, key recordKey) (total int) {
	for at := 0; at >= 0; {
		first := at
		at = s.house.Records(at, func(part []flow.Record) { total += h.offerAll(part, first, key) })
	}
	return total
}

// look makes a flow ready for a filter.
func (s *Server) look(f *subject, v *Flow, now int64) {
	r := v.Rec
	f.Flow, f.server, f.age, f.quiet, f.known = v, s, now-r.First, now-r.Last, 0 // what is known says of the rest
}

// recordKeys are what a flow is sorted by in the columns that the record holds.
var recordKeys = map[string]recordKey{"rate": byRate, "down_rate": byDownRate, "up_rate": byUpRate, "bytes": byBytes}

// flowKeys are what a flow is sorted by in the others: of texts the first eight
// letters. Columns that are in neither are sorted by flags.
var flowKeys = map[string]func(f *subject) uint64{
	"age":         func(f *subject) uint64 { return uint64(max(f.age, 0)) },
	"idle":        func(f *subject) uint64 { return uint64(max(f.quiet, 0)) },
	"device":      func(f *subject) uint64 { return letters(f.device().label()) },
	"application": func(f *subject) uint64 { return letters(f.app()) },
	"label":       func(f *subject) uint64 { return letters(f.label()) },
	"protocol":    func(f *subject) uint64 { return letters(f.Rec.Proto.Name()) },
	"interface":   func(f *subject) uint64 { return letters(f.Iface) },
	"host":        func(f *subject) uint64 { return letters(f.hostName()) },
	"local":       func(f *subject) uint64 { return letters(f.Rec.Addr[f.Rec.Local()][:]) },
	"risk":        func(f *subject) uint64 { score, _, _ := f.View.Risks(f.Rec).Score(); return uint64(score) },
	"other":       func(f *subject) uint64 { return letters(f.Rec.Addr[1-f.Rec.Local()][:]) },
}

func byFlags(f *subject) uint64 { return uint64(f.Rec.Flags) }

// letters are the first eight bytes of a text, the smallest text the largest
// number: so that texts go from a to z where numbers go from the largest down,
// and what has none comes last.
func letters[T string | []byte](s T) (n uint64) {
	if len(s) == 0 {
		return 0
	}
	for i := range 8 {
		c := byte(0)
		if i < len(s) {
			c = lower(s[i])
		}
		n = n<<8 | uint64(c)
	}
	return ^n
}

// writeFlow writes a row.
func (s *Server) writeFlow(f *subject) {
	r, rec := &s.reply, f.Rec
	local := rec.Local()
	digest := f.View.Digest(rec)
	r.row()
	r.hex(digest[:8])
	r.cell(f.device().Address)
	r.num(uint64(rec.App))
	r.num(uint64(rec.Proto))
	r.bytes(f.hostName())
	r.cell(f.Iface)
	r.num(uint64(rec.Rate[1-local]))
	r.num(uint64(rec.Rate[local]))
	r.num(uint64(rec.Rate[0]) + uint64(rec.Rate[1]))
	r.num(rec.TotalBytes)
	r.num(uint64(max(f.age, 0) / 1e9))
	r.num(uint64(max(f.quiet, 0) / 1e9))
	r.cell(flagText(rec))
	r.endpoint(rec, local)
	r.endpoint(rec, 1-local)
	risks := f.View.Risks(rec)
	score, _, _ := risks.Score()
	r.num(uint64(score))
	r.numbers(risks)
	r.cell(f.label())
	r.endRow()
}

// flagText says in words what is special about a flow.
func flagText(r *flow.Record) string {
	var list []string
	for _, x := range [...]struct {
		flag flow.Flags
		text string
	}{{flow.Guessed, "guessed"}, {flow.Offloaded, "offloaded"}, {flow.NAT, "nat"}, {flow.Soft, "soft"}} {
		if r.Flags&x.flag != 0 {
			list = append(list, x.text)
		}
	}
	if r.HowSure() == flow.ByHint { // not HintHit: a DNS answer may have named a server that the packets name too
		list = append(list, "hint")
	}
	if r.Marks&flow.Twin != 0 { // the same traffic is another row too, from the other side of the router
		list = append(list, "twin")
	}
	return strings.Join(list, " ")
}

// flow tells everything of one flow.
func (s *Server) flow(a args) error {
	text, err := a.text("digest")
	if err != nil {
		return err
	}
	return s.find(text, func(v *Flow) {
		r := &s.reply
		r.name("event")
		r.b = trim(v.View.Event(r.b, v.Rec))
		r.name("counters")
		r.b = trim(v.View.Counters(r.b, v.Rec))
		local := v.Rec.Local()
		r.number("down_rate", uint64(v.Rec.Rate[1-local]))
		r.number("up_rate", uint64(v.Rec.Rate[local]))
		r.text("device", s.who(v.Rec).Address)
	})
}

// trim takes the line feed off the end.
func trim(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\n' {
		return b[:n-1]
	}
	return b
}

// who gives the device of a flow.
func (s *Server) who(r *flow.Record) Who {
	u := s.house.Usage()
	if u == nil || r.Device == 0 {
		return Who{}
	}
	u.Devices.Lock()
	defer u.Devices.Unlock()
	id := u.Devices.Main(device.ID(r.Device))
	who := Who{Address: u.Devices.Text(id)}
	if d := u.Devices.At(id); d != nil {
		who.Name = d.Name()
	}
	return who
}

// label is what a device is called: its name, else its address.
func (w *Who) label() string { return cmp.Or(w.Name, w.Address) }
