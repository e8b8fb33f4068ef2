package console

import (
	"net/netip"
	"strings"
	"time"

	"netifyd/core/glyph"
)

// view is one list of the screen: a question, orders and columns. Each is one entry of views.
type view struct {
	key     rune // that shows it
	title   string
	method  string // "": it draws the status
	filters bool   // the agent filters it; else the console does
	orders  []order
	columns func(*screen) []column
	empty   string
}

// order is one that a list can have. What has numbers goes from the largest
// down, what has texts from the first on.
type order struct {
	name   string
	ask    string // what the agent is asked to sort by; "": it has one order
	number func(*screen, *row) uint64
	text   func(*screen, *row) string
}

// column is one of a list. The width of the screen alone decides which are shown.
type column struct {
	head  string
	width int
	grow  int // columns that it may take more, where there is room
	need  int // the higher, the sooner it is left out
	right bool
	order string // that a click on its head chooses
	text  func(*screen, *row) string
	look  look
}

// spans are what totals are of. The first is none: rates.
var spans = []string{"now", "today", "month"}

// views are filled in by init, since their functions read the screen.
var views []view

func init() {
	number := func(column string) func(*screen, *row) uint64 {
		return func(_ *screen, r *row) uint64 { return r.number(column) }
	}
	rate := order{name: "rate", ask: "rate", number: (*screen).rateOf}
	mine := order{name: "rate", number: (*screen).rateOf} // the console makes the rate
	sum := func(ask, from string) func(*screen, *row) uint64 {
		return func(_ *screen, r *row) uint64 { return r.number(from+"down") + r.number(from+"up") }
	}
	total, flows := order{name: "total", number: sum("", "")}, order{name: "flows", number: number("flows")}
	views = []view{
		{key: '1', title: "devices", method: "devices", filters: true, columns: deviceColumns, empty: "no device was seen yet", orders: []order{rate, {name: "today", ask: "today_down", number: sum("", "today_")},
			{name: "month", ask: "period_down", number: sum("", "period_")}, {name: "flows", ask: "flows", number: number("flows")}, {name: "name", ask: "name", text: (*screen).deviceName}, {name: "last seen", ask: "last", number: number("last")}}},
		{key: '2', title: "apps", method: "usage", columns: appColumns, empty: "nothing was used yet", orders: []order{mine, total, flows, {name: "name", text: (*screen).label}}},
		{key: '3', title: "flows", method: "flows", filters: true, columns: flowColumns, empty: "no flow at this moment", orders: []order{rate, {name: "bytes", ask: "bytes", number: number("bytes")}, {name: "newest", ask: "-age", number: func(_ *screen, r *row) uint64 { return ^r.number("age") }},
			{name: "oldest", ask: "age", number: number("age")}, {name: "idle", ask: "idle", number: number("idle")}, {name: "device", ask: "device", text: (*screen).flowDevice}, {name: "application", ask: "application", text: (*screen).flowApp}, {name: "host", ask: "host", text: (*screen).flowHost}}},
		{key: '4', title: "hosts", method: "hosts", columns: hostColumns, empty: "no name of a server yet", orders: []order{mine, total, flows, {name: "name", text: (*screen).label}}},
		{key: '5', title: "alerts", method: "alerts", columns: alertColumns, empty: "nothing that a person should know", orders: []order{{name: "newest", number: number("last")}, {name: "kind", text: func(_ *screen, r *row) string { return r.cell["alert"] }}}},
		{key: '6', title: "agent"},
	}
}

func findView(title string) *view {
	for i := range views {
		if views[i].title == title || title == "applications" && views[i].title == "apps" {
			return &views[i]
		}
	}
	return nil
}

// label is what a row of applications or names is called.
func (s *screen) label(r *row) string {
	if s.view.title == "hosts" {
		return r.cell["host"]
	}
	return labelText(r.cell["application"])
}

// labelText is what an application is called, or the protocol of what has none.
func labelText(name string) string {
	if app, ok := strings.CutPrefix(name, "netify."); ok {
		return app
	}
	return strings.ToLower(name)
}

func (s *screen) deviceName(r *row) string {
	if r.parent != "" {
		return "└ " + labelText(r.cell["application"])
	}
	if s.numbers {
		return r.cell["device"]
	}
	return first(r.cell["name"], firstAddress(r.cell["addresses"]), r.cell["device"])
}

// flowDevice is what the device of a flow is called: its name, else its address.
func (s *screen) flowDevice(r *row) string {
	if name := s.names.devices[r.cell["device"]]; name != "" && !s.numbers {
		return name
	}
	return addressOf(r.cell["local"])
}

// flowApp is what a flow is called: its application, else its protocol. The
// agent gives numbers, a stream names.
func (s *screen) flowApp(r *row) string {
	app := r.cell["application"]
	if name := s.names.apps[r.number("application")]; name != "" {
		app = name
	}
	if app != "" && app != "0" {
		return tag(app)
	}
	return first(strings.ToLower(s.flowProtocol(r)), "?")
}

func (s *screen) flowProtocol(r *row) string {
	if name := s.names.protocols[r.number("protocol")]; name != "" {
		return name
	}
	if proto := r.cell["protocol"]; proto != "0" {
		return proto
	}
	return ""
}

func (s *screen) flowHost(r *row) string {
	if s.numbers || r.cell["host"] == "" {
		return r.cell["other"]
	}
	return r.cell["host"]
}

// addressOf is the address of an endpoint, without its port.
func addressOf(endpoint string) string {
	if at, err := netip.ParseAddrPort(endpoint); err == nil {
		return at.Addr().String()
	}
	return endpoint
}

// firstAddress is the first of a list in JSON.
func firstAddress(list string) string {
	one, _, _ := strings.Cut(strings.Trim(list, "[]"), ",")
	return strings.Trim(one, `"`)
}

func deviceColumns(s *screen) []column {
	name := column{head: "DEVICE", width: 14, grow: 14, order: "name", text: (*screen).deviceName}
	app := column{head: "APPLICATION", width: 11, grow: 8, need: 5, order: "rate", text: (*screen).busiestApp, look: faint}
	down := column{head: "↓ RATE", width: 8, right: true, order: "rate", text: func(s *screen, r *row) string { return glyph.ShortRate(s.downOf(r)) }}
	up := column{head: "↑ RATE", width: 8, need: 3, right: true, order: "rate", text: func(s *screen, r *row) string { return glyph.ShortRate(s.upOf(r)) }}
	host := column{head: "NAME", width: 16, grow: 50, need: 6, text: (*screen).busiestHost, look: faint}
	flows := column{head: "FLOWS", width: 5, need: 4, right: true, order: "flows", text: cell("flows")}
	kind := column{head: "TYPE", width: 9, need: 7, text: cell("type"), look: faint}
	address := column{head: "ADDRESS", width: 15, need: 8, text: func(_ *screen, r *row) string { return firstAddress(r.cell["addresses"]) }, look: faint}
	if s.span == 0 {
		sum := column{head: s.totalHead("today"), width: 8, need: 1, right: true, order: "today", text: func(s *screen, r *row) string { return glyph.Octets(s.sum(r, "today_")) }}
		return []column{name, app, down, up, sum, flows, kind, address, host}
	}
	from := map[int]string{1: "today_", 2: "period_"}[s.span]
	half := func(way string) func(*screen, *row) string {
		return func(s *screen, r *row) string { return glyph.Octets(s.part(r, from, way)) }
	}
	down.need = 2
	return []column{name, app, {head: "DOWN", width: 8, need: 1, right: true, order: spans[s.span], text: half("down")}, {head: "UP", width: 8, need: 3, right: true, order: spans[s.span], text: half("up")},
		{head: s.totalHead(spans[s.span]), width: 8, right: true, order: spans[s.span], text: func(s *screen, r *row) string { return glyph.Octets(s.sum(r, from)) }}, down, flows, kind, address, host}
}

// cell gives a column's text as it came.
func cell(name string) func(*screen, *row) string {
	return func(_ *screen, r *row) string { return r.cell[name] }
}

// totalHead is the head of a column of totals: of what, or since when.
func (s *screen) totalHead(of string) string {
	switch {
	case !s.reset.IsZero():
		return s.reset.Format("+15:04")
	case s.status.Stream:
		return "SEEN"
	}
	return strings.ToUpper(of)
}

// totalColumns are those of rows of totals.
func totalColumns(s *screen, head string, middleCut bool) []column {
	name := column{head: head, width: 18, grow: 60, order: "name", text: (*screen).label}
	if middleCut {
		name.head = "NAME"
	}
	return []column{name,
		{head: "RATE", width: 8, need: 1, right: true, order: "rate", text: func(s *screen, r *row) string { return glyph.ShortRate(s.rateOf(r)) }},
		{head: "DOWN", width: 8, need: 2, right: true, order: "total", text: func(s *screen, r *row) string { return glyph.Octets(s.part(r, "", "down")) }},
		{head: "UP", width: 8, need: 3, right: true, order: "total", text: func(s *screen, r *row) string { return glyph.Octets(s.part(r, "", "up")) }},
		{head: s.totalHead(s.period()), width: 8, right: true, order: "total", text: func(s *screen, r *row) string { return glyph.Octets(s.sum(r, "")) }},
		{head: "FLOWS", width: 7, need: 4, right: true, order: "flows", text: cell("flows")},
	}
}

func appColumns(s *screen) []column {
	if s.category {
		return totalColumns(s, "CATEGORY", false)
	}
	return totalColumns(s, "APPLICATION", false)
}

func hostColumns(s *screen) []column { return totalColumns(s, "NAME", true) }

func flowColumns(s *screen) []column {
	rate := func(name string) func(*screen, *row) string {
		return func(_ *screen, r *row) string { return glyph.ShortRate(r.number(name)) }
	}
	host := column{head: "NAME", width: 16, grow: 60, need: 4, order: "host", text: (*screen).flowHost}
	return []column{
		{head: "DEVICE", width: 14, grow: 10, order: "device", text: func(s *screen, r *row) string {
			if s.numbers {
				return r.cell["local"]
			}
			return s.flowDevice(r)
		}},
		{head: "APPLICATION", width: 11, grow: 8, need: 2, order: "application", text: (*screen).flowApp},
		{head: "PROTOCOL", width: 10, need: 8, text: (*screen).flowProtocol, look: faint},
		{head: "↓ RATE", width: 8, right: true, order: "rate", text: rate("down_rate")},
		{head: "↑ RATE", width: 8, need: 3, right: true, order: "rate", text: rate("up_rate")},
		{head: "BYTES", width: 8, need: 1, right: true, order: "bytes", text: func(_ *screen, r *row) string { return glyph.Octets(r.number("bytes")) }},
		{head: "AGE", width: 7, need: 7, right: true, order: "newest", text: func(_ *screen, r *row) string { return glyph.Span(r.number("age")) }, look: faint},
		host,
		{head: "IFACE", width: 8, need: 9, text: cell("interface"), look: faint},
	}
}

func alertColumns(*screen) []column {
	return []column{{head: "WHEN", width: 12, order: "newest", text: func(s *screen, r *row) string {
		return time.Unix(int64(r.number("last")), 0).In(s.clock().Location()).Format("02 Jan 15:04")
	}}, {head: "WHAT", width: 20, grow: 300, order: "kind", text: func(_ *screen, r *row) string { return alertText(r) }}}
}
