package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"netifyd/core/query/client"
)

// Times of the screen.
const (
	placeHeld = 3 * time.Second  // a row keeps its place after the order changed
	afterglow = 10 * time.Second // a flow stays on the screen after its end
	graphRoom = 60               // points of a graph
)

// Most rows that are asked for, however far somebody scrolls.
const mostRows = 200

// top is what the screen of netifyd top shows, and what keys make of it. It
// asks the agent and holds the answers of one moment; it knows no terminal.
type top struct {
	agent  *client.Client
	dial   func() (*client.Client, error) // after the agent went away
	clock  func() time.Time
	save   func(name string, text []byte) error // a file of this name
	copied []byte                               // for the clipboard of the terminal; taken by it

	width, height int
	plain         bool // the terminal has no letters but ASCII

	view     *view
	category bool // of the applications, their categories
	filters  map[*view]string
	typing   bool // the filter is being typed
	typed    string
	sorts    map[*view]int // which of a view's columns it is sorted by
	span     int           // of spans
	numbers  bool          // addresses in place of names
	follow   bool
	frozen   bool
	iface    string
	interval time.Duration
	help     bool
	message  string    // what the last key led to
	wrong    string    // what the agent said of the last question
	reset    time.Time // the totals of this list begin here; zero: at the begin of the span

	wantsReset time.Time // x was pressed once

	status   client.Status
	overview overviewAnswer
	apps     map[uint64]string
	devices  map[string]string // names by address
	named    time.Time         // when devices was asked for

	rows    client.Rows
	keys    []string // of the rows
	ended   map[string]time.Time
	rates   map[string]*client.Rate
	base    map[string][2]uint64 // totals of rows when they were reset
	cursor  int
	scroll  int
	chosen  string
	ordered time.Time // when the rows got their order
	opened  string    // device whose applications are shown
	inside  client.Rows

	detail *detail
}

// overviewAnswer is what the head of the screen needs of the answer to "overview".
type overviewAnswer struct {
	Newest, Step int64
	Words        struct {
		Devices uint64
		Down    uint64 `json:"down_rate"`
		Up      uint64 `json:"up_rate"`
	}
	Wan struct{ Down, Up []uint64 }
}

// curve is how many samples the head of the screen shows.
const curve = 12

// spans are what totals are of. The first is none: rates.
var spans = []string{"now", "today", "month"}

func newTop(agent *client.Client, interval time.Duration, clock func() time.Time) *top {
	return &top{agent: agent, clock: clock, interval: interval, width: 80, height: 24, view: &views[0], sorts: map[*view]int{}, filters: map[*view]string{}, ended: map[string]time.Time{}, rates: map[string]*client.Rate{}}
}

// refresh asks the agent for what the screen shows. What fails is shown too.
func (t *top) refresh() {
	if t.frozen {
		return
	}
	err := t.ask()
	if err != nil && t.dial != nil && t.agent != nil && !isRefusal(err) {
		t.agent.Close()
		t.agent = nil
	}
	if t.agent == nil && t.dial != nil {
		if t.agent, err = t.dial(); err == nil {
			err = t.ask()
		} else {
			err = fmt.Errorf("%w; trying again", err)
		}
	}
	t.wrong = ""
	if err != nil {
		t.wrong = err.Error()
	}
}

// isRefusal says that the agent answered, and did not like the question.
func isRefusal(err error) bool {
	var words client.Refusal
	return errors.As(err, &words)
}

func (t *top) ask() error {
	if t.agent == nil {
		return fmt.Errorf("no agent")
	}
	t.status = client.Status{}
	if err := t.agent.Ask("status", nil, &t.status); err != nil {
		return err
	}
	since := max(t.overview.Newest-curve*t.overview.Step, 0)
	t.overview = overviewAnswer{}
	if err := t.agent.Ask("overview", map[string]any{"since": since}, &t.overview); err != nil && !isRefusal(err) {
		return err
	}
	if err := t.learnNames(); err != nil {
		return err
	}
	if t.detail != nil {
		return t.detail.ask(t)
	}
	var rows client.Rows
	if t.view.method != "" {
		if err := t.agent.Ask(t.view.method, t.arguments(), &rows); err != nil {
			t.rows, t.keys = client.Rows{}, nil
			return err
		}
	}
	t.take(rows)
	return t.look()
}

// learnNames asks for the names of applications once, and for those of devices now and then.
func (t *top) learnNames() (err error) {
	if t.apps == nil {
		if t.apps, err = applications(t.agent); err != nil {
			return err
		}
	}
	if now := t.clock(); t.devices == nil || now.Sub(t.named) > 20*time.Second {
		t.devices, t.named = deviceNames(t.agent), now
	}
	return nil
}

// deviceNames are the names of the devices by their addresses; none where nothing is counted.
func deviceNames(agent *client.Client) map[string]string {
	var list client.Rows
	_ = agent.Ask("devices", map[string]any{"limit": mostRows}, &list)
	return namesOf(&list)
}

func namesOf(list *client.Rows) map[string]string {
	names := map[string]string{}
	for i := range list.Rows {
		if name := list.Text(i, "name"); name != "" {
			names[list.Text(i, "device")] = name
		}
	}
	return names
}

// arguments are those of the view's question.
func (t *top) arguments() map[string]any {
	args := map[string]any{"limit": min(max(t.scroll+t.page(), 1), mostRows)}
	if len(t.view.sorts) > 0 {
		args["sort"] = t.view.sorts[t.sorts[t.view]%len(t.view.sorts)]
	}
	if t.view.args != nil {
		t.view.args(t, args)
	}
	return args
}

// look asks for what the chosen device has inside.
func (t *top) look() error {
	t.inside = client.Rows{}
	if t.opened == "" {
		return nil
	}
	return t.agent.Ask("usage", map[string]any{"by": "application", "device": t.opened, "period": t.period(), "limit": 8}, &t.inside)
}

// period is what totals are of.
func (t *top) period() string {
	if t.span == 0 {
		return "today"
	}
	return spans[t.span]
}

// take puts new rows in place of the old ones. A row keeps its place for a
// while, and the chosen one as long as it is chosen.
func (t *top) take(rows client.Rows) {
	now := t.clock()
	t.keep(&rows, now)
	at := map[string]int{}
	keys := make([]string, len(rows.Rows))
	for i := range rows.Rows {
		keys[i] = rows.Text(i, t.view.key)
		at[keys[i]] = i
	}
	if t.view.rated {
		for i, key := range keys {
			if t.rates[key] == nil {
				t.rates[key] = &client.Rate{}
			}
			t.rates[key].See(rows.Number(i, "down")+rows.Number(i, "up"), now)
		}
		if t.span == 0 {
			sort.SliceStable(keys, func(i, j int) bool { return t.rates[keys[i]].Bytes > t.rates[keys[j]].Bytes })
		}
	}
	order := keys
	if now.Sub(t.ordered) < placeHeld {
		order = nil
		for _, key := range t.keys {
			if _, ok := at[key]; ok {
				order = append(order, key)
			}
		}
		for _, key := range keys {
			if !slices.Contains(order, key) {
				order = append(order, key)
			}
		}
	} else {
		if was := slices.Index(t.keys, t.chosen); was >= 0 && !t.follow {
			if is := slices.Index(order, t.chosen); is >= 0 {
				order = slices.Insert(slices.Delete(slices.Clone(order), is, is+1), min(was, len(order)-1), t.chosen)
			}
		}
		t.ordered = now
	}
	sorted := make([][]json.RawMessage, len(order))
	for i, key := range order {
		sorted[i] = rows.Rows[at[key]]
	}
	rows.Rows = sorted
	t.rows, t.keys = rows, order
	if is := slices.Index(order, t.chosen); is >= 0 {
		t.cursor = is
	}
	t.move(0)
}

// keep puts the flows that have just ended among the others.
func (t *top) keep(rows *client.Rows, now time.Time) {
	if !t.view.ends {
		return
	}
	alive := map[string]bool{}
	for i := range rows.Rows {
		alive[rows.Text(i, t.view.key)] = true
	}
	whole := rows.Total <= len(rows.Rows)
	for i, key := range t.keys {
		if alive[key] || i >= len(t.rows.Rows) {
			delete(t.ended, key)
			continue
		}
		if _, ok := t.ended[key]; !ok && whole {
			t.ended[key] = now
		}
		if at, ok := t.ended[key]; ok && now.Sub(at) < afterglow {
			rows.Rows = append(rows.Rows, t.rows.Rows[i])
			continue
		}
		delete(t.ended, key)
	}
}

// forget is for another list: what is known of the rows of the one before is of no use.
func (t *top) forget() {
	t.rows, t.keys, t.chosen, t.cursor, t.scroll, t.opened, t.ordered = client.Rows{}, nil, "", 0, 0, "", time.Time{}
	t.base, t.reset = nil, time.Time{}
	clear(t.ended)
	clear(t.rates)
}

// show turns to another view.
func (t *top) show(v *view) {
	t.detail, t.help = nil, false
	if v == t.view {
		return
	}
	t.view = v
	t.forget()
}

// move moves the cursor by rows, and the list after it.
func (t *top) move(by int) {
	t.cursor = max(min(t.cursor+by, len(t.keys)-1), 0)
	if by != 0 || t.chosen != "" {
		t.chosen = ""
		if t.cursor < len(t.keys) {
			t.chosen = t.keys[t.cursor]
		}
	}
	page := max(t.page()-len(t.inside.Rows), 1)
	t.scroll = max(min(t.scroll, t.cursor), t.cursor-page+1)
}

// page is how many rows the screen has room for.
func (t *top) page() int { return max(t.height-frameLines, 1) }

// filter is that of the list that is shown.
func (t *top) filter() string { return t.filters[t.view] }

// app is what a flow is called: its application, else its protocol.
func (t *top) app(i int) string {
	if name := t.apps[t.rows.Number(i, "application")]; name != "" {
		return name
	}
	return strings.ToLower(protocolName(t.rows.Number(i, "protocol")))
}
