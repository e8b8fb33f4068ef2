package console

import (
	"slices"
	"strings"
	"time"

	"netifyd/core/query/client"
)

// Times of the screen.
const (
	placeHeld   = 3 * time.Second  // a row keeps its place after the order changed
	afterglow   = 10 * time.Second // a flow stays on the screen after its end
	doubleClick = 400 * time.Millisecond
	graphRoom   = 60 // points of a graph
)

// mostRows are asked for of a list, however far somebody scrolls.
const mostRows = 200

// screen is what is shown, and what keys make of it. It knows no terminal and
// asks nobody: question says what it wants to know, take is given the answers.
type screen struct {
	clock         func() time.Time
	save          func(name string, text []byte) error // a file of this name
	copied        []byte                               // for the clipboard of the terminal; taken by it
	where         string                               // whose answers these are; "": this machine's agent
	width, height int

	view     *view
	category bool // of the applications, their categories
	filters  map[*view]string
	typing   bool
	before   string // filter when typing began
	orders   map[*view]int
	span     int  // of spans
	numbers  bool // addresses in place of names
	follow   bool
	frozen   bool
	iface    string
	interval time.Duration
	help     bool
	message  string    // what the last key led to
	wrong    string    // what failed last
	stale    bool      // the agent is away: what is shown is old
	reset    time.Time // totals begin here; zero: at the begin of the span
	wantsX   time.Time // x was pressed once

	status   statusAnswer
	overview overviewAnswer
	names    *names
	leaders  map[string]*busy
	apps     map[string]uint64       // rates by application
	rates    map[string]*client.Rate // of rows that the agent gives no rate of
	base     map[string]uint64       // totals when they were reset

	serial  int  // of the list that is wanted
	listed  int  // of the one that is shown
	fresh   bool // the list was answered at least once
	lists   []row
	columns []string // of the answer
	total   int
	inside  map[string][]row
	opened  []string // devices whose applications are shown
	shown   []row    // lists with what is inside, as they stand on the screen
	cursor  int
	scroll  int
	chosen  string
	ordered time.Time
	hold    bool // the rows have an order that is to be kept for a while

	detail   *detail
	geometry geometry
	click    struct {
		at   time.Time
		row  string
		down bool
	}
}

// busy is what a device does just now, by its fastest flow, and how fast its
// applications are.
type busy struct {
	app, host string
	rates     map[string][2]uint64
}

func newScreen(clock func() time.Time, interval time.Duration) *screen {
	return &screen{clock: clock, interval: interval, width: 80, height: 24, view: &views[0], filters: map[*view]string{}, orders: map[*view]int{}, rates: map[string]*client.Rate{}, names: &names{}}
}

// question is what the screen wants to know at this moment; nil: nothing.
func (s *screen) question() *question {
	if s.frozen && s.settled() {
		return nil
	}
	q := &question{list: s.view.method, serial: s.serial, period: s.period(), opened: slices.Clone(s.opened), leaders: s.view.title == "devices", args: map[string]any{"limit": mostRows}}
	if s.detail != nil && s.detail.method != "" {
		q.detail, q.about, q.page = s.detail.method, s.detail.about, s.detail.page
		return q
	}
	if len(s.view.orders) > 0 && s.order().ask != "" {
		q.args["sort"] = s.order().ask
	}
	if s.view.filters && s.filterFits() {
		q.args["filter"] = s.filter()
		if s.iface != "" && s.view.title == "flows" {
			q.args["filter"] = strings.TrimSpace(s.filter() + ` iface:"` + s.iface + `"`)
		}
	}
	if s.view.title == "apps" {
		q.args["by"], q.args["period"] = "application", s.period()
		if s.category {
			q.args["by"] = "category"
		}
	}
	return q
}

// settled says that what is wanted is there: a frozen screen asks for no more.
func (s *screen) settled() bool {
	if s.detail != nil {
		return s.detail.method == "" || s.detail.text != nil
	}
	return s.fresh && s.listed == s.serial
}

// filterFits says that the filter is whole: one that is being typed may not be yet.
func (s *screen) filterFits() bool {
	_, err := choose(s.filter())
	return err == nil || !s.typing
}

func (s *screen) order() *order { return &s.view.orders[s.orders[s.view]%len(s.view.orders)] }

// filter is that of the list that is shown.
func (s *screen) filter() string { return s.filters[s.view] }

// period is what totals are of.
func (s *screen) period() string {
	if s.span == 0 {
		return "today"
	}
	return spans[s.span]
}

// take puts the answers to a question on the screen.
func (s *screen) take(a *answers) {
	if s.frozen && s.settled() {
		return
	}
	if s.stale = a.wrong != "" && !a.refused; s.stale {
		s.wrong = a.wrong
		return
	}
	s.status, s.overview, s.names = a.status, a.overview, a.names
	if a.serial == s.serial && (!a.refused || !s.typing) {
		s.wrong = a.wrong
	}
	s.apps = map[string]uint64{}
	for _, r := range rowsOf(&a.overview.Applications, "name") {
		s.apps[strings.ToLower(tag(r.key))] = r.number("down_rate") + r.number("up_rate")
	}
	if s.detail != nil {
		if a.page == s.detail.page {
			s.detail.take(a, s)
		}
		return
	}
	if a.serial != s.serial || a.refused {
		if a.refused && a.serial == s.serial && !s.typing {
			s.lists, s.shown, s.fresh = nil, nil, true
		}
		return
	}
	if a.leaders != nil {
		s.lead(a.leaders)
	}
	s.columns, s.total, s.inside, s.fresh = a.columns, a.total, a.inside, true
	s.list(a.rows)
}

// lead notes what each device does, the fastest flow first.
func (s *screen) lead(flows []row) {
	s.leaders = map[string]*busy{}
	for i := range flows {
		r := &flows[i]
		b := s.leaders[r.cell["device"]]
		if b == nil {
			b = &busy{app: s.flowApp(r), host: s.flowHost(r), rates: map[string][2]uint64{}}
			s.leaders[r.cell["device"]] = b
		}
		label := strings.ToLower(s.flowApp(r))
		n := b.rates[label]
		b.rates[label] = [2]uint64{n[0] + r.number("down_rate"), n[1] + r.number("up_rate")}
	}
}

func (s *screen) busiestApp(r *row) string {
	if b := s.leaders[r.key]; b != nil && r.parent == "" {
		return b.app
	}
	return ""
}

func (s *screen) busiestHost(r *row) string {
	if b := s.leaders[r.key]; b != nil && r.parent == "" {
		return b.host
	}
	return ""
}

// inner is how fast an application of a device is.
func (s *screen) inner(r *row, way int) uint64 {
	if b := s.leaders[r.parent]; b != nil {
		return b.rates[strings.ToLower(tag(r.cell["application"]))][way]
	}
	return 0
}

func (s *screen) downOf(r *row) uint64 {
	if r.parent != "" {
		return s.inner(r, 0)
	}
	return r.number("down_rate")
}

func (s *screen) upOf(r *row) uint64 {
	if r.parent != "" {
		return s.inner(r, 1)
	}
	return r.number("up_rate")
}

// rateOf is the rate of a row: as the answer has it, as the overview has it of
// applications, or as its totals grow.
func (s *screen) rateOf(r *row) uint64 {
	if _, ok := r.cell["rate"]; ok {
		return r.number("rate")
	}
	if s.view.title == "apps" && !s.category {
		return s.apps[strings.ToLower(s.label(r))]
	}
	if x := s.rates[r.key]; x != nil {
		return x.Bytes
	}
	return 0
}

// part is a total of a row since it was reset.
func (s *screen) part(r *row, from, way string) uint64 {
	n := r.number(from + way)
	if r.parent != "" {
		n = r.number(way)
	}
	return n - min(n, s.base[r.key+from+way])
}

func (s *screen) sum(r *row, from string) uint64 {
	return s.part(r, from, "down") + s.part(r, from, "up")
}

// show turns to another list.
func (s *screen) show(v *view) {
	s.detail, s.help = nil, false
	if v == s.view {
		return
	}
	s.view = v
	s.forget()
}

// refilter asks for the list anew. What stands there stays until the answer comes.
func (s *screen) refilter(text string) {
	s.filters[s.view] = text
	s.serial++
	s.hold, s.chosen, s.cursor, s.scroll = false, "", 0, 0
	s.base, s.reset = nil, time.Time{}
}

// forget is for another list: what is known of the rows of the one before is of no use.
func (s *screen) forget() {
	s.serial++
	s.lists, s.shown, s.opened, s.inside, s.chosen, s.cursor, s.scroll, s.hold, s.total, s.fresh = nil, nil, nil, nil, "", 0, 0, false, 0, false
	s.base, s.reset = nil, time.Time{}
	clear(s.rates)
}
