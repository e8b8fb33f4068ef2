package console

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"netifyd/core/query/client"
)

// list puts new rows in place of the old ones. A row keeps its place for a
// while after the order changed, and the chosen one as long as it is chosen.
func (s *screen) list(rows []row) {
	now := s.clock()
	if !s.view.filters {
		rows = s.sift(rows)
	}
	if rows = s.mark(rows, now); s.listed == s.serial { // the rows before are not those of another filter
		rows = s.keep(rows, now)
	}
	s.listed = s.serial
	for i := range rows {
		r := &rows[i]
		if _, ok := r.cell["rate"]; !ok && (s.view.title == "apps" || s.view.title == "hosts") {
			if s.rates[r.key] == nil {
				s.rates[r.key] = &client.Rate{}
			}
			s.rates[r.key].See(r.number("down")+r.number("up"), now)
		}
	}
	place := map[string]int{}
	for i := range s.lists {
		place[s.lists[i].key] = i
	}
	if s.hold && now.Sub(s.ordered) < placeHeld {
		slices.SortStableFunc(rows, func(x, y row) int {
			at, is := place[x.key]
			to, was := place[y.key]
			return cmp.Or(-cmp.Compare(truth(is), truth(was)), cmp.Compare(at, to))
		})
	} else {
		s.sort(rows)
		chosen := s.top(s.chosen)
		if was, ok := place[chosen]; ok && !s.follow {
			if is := slices.IndexFunc(rows, func(r row) bool { return r.key == chosen }); is >= 0 {
				r := rows[is]
				rows = slices.Insert(slices.Delete(rows, is, is+1), min(was, len(rows)-1), r)
			}
		}
		s.ordered, s.hold = now, true
	}
	s.lists = rows
	s.unfold()
}

// sort puts rows into the order that is chosen.
func (s *screen) sort(rows []row) {
	if len(s.view.orders) == 0 {
		return
	}
	o := s.order()
	slices.SortStableFunc(rows, func(x, y row) int {
		if o.text != nil {
			a, b := strings.ToLower(o.text(s, &x)), strings.ToLower(o.text(s, &y))
			return cmp.Or(-cmp.Compare(truth(a != ""), truth(b != "")), strings.Compare(a, b))
		}
		return -cmp.Compare(o.number(s, &x), o.number(s, &y))
	})
}

// sift is the filter of lists that the agent does not filter.
func (s *screen) sift(rows []row) []row {
	l, err := choose(s.filter())
	if err != nil {
		if !s.typing {
			s.wrong = err.Error()
		}
		return rows
	}
	if len(l.words) == 0 {
		return rows
	}
	return slices.DeleteFunc(rows, func(r row) bool {
		c := r.cell
		x := subject{device: []string{c["device"], c["name"]}, iface: []string{c["interface"]}, host: []string{c["host"]}, app: []string{tag(first(c["application"], c["label"]))}}
		switch s.view.title {
		case "apps":
			if s.category {
				x.cat, x.app = x.app, nil
			}
		case "hosts":
			x.app = []string{s.flowApp(&r)}
			x.proto = []string{s.flowProtocol(&r)}
		case "alerts":
			x.host = []string{alertText(&r)}
		}
		if a, err := netip.ParseAddr(c["host"]); err == nil {
			x.addresses = []netip.Addr{a}
		}
		return !l.fits(&x)
	})
}

// mark marks the flows of a model that have ended: it keeps them for a while itself.
func (s *screen) mark(rows []row, now time.Time) []row {
	for i := range rows {
		if rows[i].cell["ended"] == "true" {
			rows[i].ended = now
		}
	}
	return rows
}

// keep puts the flows that have just ended among the others.
func (s *screen) keep(rows []row, now time.Time) []row {
	if s.view.title != "flows" || s.total > len(rows) { // one that is missing may only have left the first rows
		return rows
	}
	alive := map[string]bool{}
	for i := range rows {
		alive[rows[i].key] = true
	}
	for i := range s.lists {
		r := s.lists[i]
		if alive[r.key] || r.cell["ended"] != "" {
			continue
		}
		if r.ended.IsZero() {
			r.ended = now
		}
		if now.Sub(r.ended) < afterglow {
			rows = append(rows, r)
		}
	}
	return rows
}

// unfold makes what stands on the screen: rows, and what is inside those that are open.
func (s *screen) unfold() {
	s.shown = s.shown[:0]
	for i := range s.lists {
		r := s.lists[i]
		s.shown = append(s.shown, r)
		if !slices.Contains(s.opened, r.key) {
			continue
		}
		for _, x := range s.inside[r.key] {
			x.parent, x.key = r.key, r.key+"\x00"+x.key
			s.shown = append(s.shown, x)
		}
	}
	if at := slices.IndexFunc(s.shown, func(r row) bool { return r.key == s.chosen }); at >= 0 {
		s.cursor = at
	}
	s.move(0)
}

// top is the key of the row that a key belongs to: its own, or its device's.
func (s *screen) top(key string) string {
	parent, _, _ := strings.Cut(key, "\x00")
	return parent
}

// move moves the cursor by rows, and the list after it.
func (s *screen) move(by int) {
	s.cursor = max(min(s.cursor+by, len(s.shown)-1), 0)
	if by != 0 || s.chosen != "" {
		s.chosen = ""
		if s.cursor < len(s.shown) {
			s.chosen = s.shown[s.cursor].key
		}
	}
	page := s.page()
	s.scroll = max(min(s.scroll, s.cursor), s.cursor-page+1, 0)
	s.scroll = max(min(s.scroll, len(s.shown)-page), 0)
}

// current is the row under the cursor; nil: there is none.
func (s *screen) current() *row {
	if s.cursor >= len(s.shown) {
		return nil
	}
	return &s.shown[s.cursor]
}
