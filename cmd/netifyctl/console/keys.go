package console

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gdamore/tcell/v2"
)

// press does what a key asks for. quit: the screen is to be left.
func (s *screen) press(ev *tcell.EventKey) (quit bool) {
	if ev.Key() == tcell.KeyRune && ev.Modifiers()&tcell.ModAlt != 0 { // Esc, and a letter right behind it
		return s.press(tcell.NewEventKey(tcell.KeyEscape, 0, 0)) || s.press(tcell.NewEventKey(tcell.KeyRune, ev.Rune(), 0))
	}
	s.message = ""
	key, letter := ev.Key(), rune(0)
	if key == tcell.KeyRune {
		letter = ev.Rune()
	}
	if key == tcell.KeyCtrlC && !s.typing {
		return true
	}
	if s.typing {
		s.typeFilter(key, letter)
		return false
	}
	if s.help {
		s.help = false
		return letter == 'q'
	}
	if s.detail != nil && s.detail.press(s, key, letter) {
		return false
	}
	if s.moves(key, letter) {
		return false
	}
	switch {
	case letter == 'q':
		return true
	case key == tcell.KeyEscape:
		s.escape()
	case key == tcell.KeyEnter:
		s.enter()
	default:
		if do := keyTable[letter]; do != nil {
			do(s)
		} else {
			s.turnTo(letter)
		}
	}
	return false
}

// moves is for keys that move the cursor.
func (s *screen) moves(key tcell.Key, letter rune) bool {
	switch {
	case key == tcell.KeyUp || letter == 'k':
		s.move(-1)
	case key == tcell.KeyDown || letter == 'j':
		s.move(1)
	case key == tcell.KeyPgUp || key == tcell.KeyCtrlB:
		s.move(-s.page())
	case key == tcell.KeyPgDn || key == tcell.KeyCtrlF:
		s.move(s.page())
	case key == tcell.KeyHome || letter == 'g':
		s.move(-len(s.shown) - 1)
	case key == tcell.KeyEnd || letter == 'G':
		s.move(len(s.shown) + 1)
	case key == tcell.KeyRight || letter == 'l':
		s.open(true)
	case key == tcell.KeyLeft || letter == 'h':
		s.open(false)
	default:
		return false
	}
	return true
}

// keyTable says what letters do that are neither lists nor moves.
var keyTable map[rune]func(*screen)

func init() {
	keyTable = map[rune]func(*screen){
		'/': func(s *screen) {
			if s.view.method == "" {
				s.message = "there is no list here to choose from"
				return
			}
			s.typing, s.before = true, s.filter()
		},
		's': func(s *screen) { s.reorder(1) }, 'S': func(s *screen) { s.reorder(-1) },
		'r': func(s *screen) { s.turnSpan(truth(s.span == 0)) },
		'p': func(s *screen) { s.turnSpan((s.span + 1) % len(spans)) },
		'n': func(s *screen) { s.numbers = !s.numbers },
		'f': func(s *screen) { s.follow = !s.follow; s.choose() },
		' ': func(s *screen) { s.frozen = !s.frozen },
		'i': (*screen).nextIface,
		'x': (*screen).resetTotals,
		'+': func(s *screen) { s.pace(-time.Second) }, '-': func(s *screen) { s.pace(time.Second) },
		'?': func(s *screen) { s.help = true },
		'e': func(s *screen) { s.export(false) }, 'E': func(s *screen) { s.export(true) },
		'y': (*screen).copyRow,
	}
}

// escape takes away what was chosen, the narrowest first.
func (s *screen) escape() {
	switch {
	case s.filter() != "" || s.iface != "" && s.view.title == "flows":
		s.iface = ""
		s.refilter("")
	case len(s.opened) > 0:
		s.opened = nil
		s.unfold()
	}
	s.chosen = ""
}

func (s *screen) turnTo(letter rune) {
	for i := range views {
		if v := &views[i]; v.key == letter {
			if v.title == "apps" && s.view == v && s.detail == nil {
				s.category = !s.category
				s.forget()
			}
			s.show(v)
		}
	}
}

// typeFilter takes a key of somebody who types a filter. The list follows at once.
func (s *screen) typeFilter(key tcell.Key, letter rune) {
	text := s.filter()
	switch {
	case key == tcell.KeyEnter:
		s.typing = false
		return
	case key == tcell.KeyEscape || key == tcell.KeyCtrlC:
		s.typing = false
		text = s.before
	case key == tcell.KeyBackspace || key == tcell.KeyBackspace2 || key == tcell.KeyDelete:
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	case key == tcell.KeyCtrlU:
		text = ""
	case key == tcell.KeyCtrlW:
		text = strings.TrimRight(text, " ")
		text = text[:strings.LastIndexByte(text, ' ')+1]
	case letter != 0 && unicode.IsPrint(letter) && len(text) < 200:
		text += string(letter)
	default:
		return
	}
	if text != s.filter() {
		s.refilter(text)
	}
	if _, err := choose(text); err == nil || !s.typing {
		s.wrong = ""
	}
}

func (s *screen) reorder(by int) {
	n := len(s.view.orders)
	if n == 0 {
		s.message = "there is no list here"
		return
	}
	s.orders[s.view] = (s.orders[s.view]%n + by + n) % n
	s.hold = false
	s.serial++
	s.listed = s.serial
	s.resort()
}

// resort puts what stands there into a new order without waiting for the agent.
func (s *screen) resort() {
	s.sort(s.lists)
	s.unfold()
}

// turnSpan shows rates, or the totals of a span.
func (s *screen) turnSpan(span int) {
	s.span = span
	if s.view.title == "devices" {
		s.orders[s.view] = span // rate, today, month
	} else if s.view.title != "flows" && s.view.title != "alerts" {
		s.orders[s.view] = truth(span > 0) // rate, total
	}
	s.base, s.reset, s.hold = nil, time.Time{}, false
	s.serial++
	clear(s.rates)
	s.resort()
}

// pace changes how often the agent is asked.
func (s *screen) pace(by time.Duration) {
	s.interval = min(max(s.interval+by, time.Second), 10*time.Second)
	s.message = "asks every " + s.interval.String()
}

// choose lets the cursor stay on the row that it stands on.
func (s *screen) choose() {
	if r := s.current(); r != nil {
		s.chosen = r.key
	}
}

// open shows the applications of the chosen device, or hides them.
func (s *screen) open(yes bool) {
	r := s.current()
	if s.view.title != "devices" || r == nil {
		return
	}
	device := s.top(r.key)
	at := slices.Index(s.opened, device)
	switch {
	case yes && at < 0:
		if s.opened = append(s.opened, device); len(s.opened) > 8 {
			s.opened = s.opened[1:]
		}
	case !yes && at >= 0:
		s.opened = slices.Delete(s.opened, at, at+1)
	}
	s.chosen = device
	s.unfold()
}

// nextIface shows the flows of one interface after the other, then of all.
func (s *screen) nextIface() {
	list := []string{""}
	for i := range s.status.Interfaces.Rows {
		list = append(list, s.status.Interfaces.Text(i, "name"))
	}
	s.show(findView("flows"))
	s.iface = list[(slices.Index(list, s.iface)+1)%len(list)]
	s.refilter(s.filter())
}

// resetTotals lets the totals of the list begin at 0. It wants to be pressed twice.
func (s *screen) resetTotals() {
	now := s.clock()
	if s.wantsX.IsZero() || now.Sub(s.wantsX) > 5*time.Second {
		s.wantsX, s.message = now, "x once more: totals begin at 0 on this screen; the history stays"
		return
	}
	s.wantsX, s.reset, s.base = time.Time{}, now, map[string]uint64{}
	for i := range s.shown {
		r := &s.shown[i]
		for _, from := range []string{"", "today_", "period_"} {
			for _, way := range []string{"down", "up"} {
				s.base[r.key+from+way] = r.number(from + way)
			}
		}
	}
}

// enter opens what the cursor stands on: a device or a flow with everything
// that is known of it, an application or a name with its flows, an alert in full.
func (s *screen) enter() {
	r := s.current()
	if r == nil {
		return
	}
	s.chosen = r.key
	switch {
	case r.parent != "":
		s.flowsOf(`device:"` + quoted(r.parent) + `" app:"` + quoted(tag(r.cell["application"])) + `"`)
	case s.view.title == "devices":
		s.begin("device", map[string]any{"device": r.key}, first(r.cell["name"], r.key))
	case s.view.title == "flows":
		s.begin("flow", map[string]any{"digest": r.key}, s.flowApp(r)+"  "+s.flowDevice(r)+" → "+s.flowHost(r))
	case s.view.title == "apps" && s.category:
		s.flowsOf(`cat:"` + quoted(r.key) + `"`)
	case s.view.title == "apps":
		s.flowsOf(`app:"` + quoted(tag(r.key)) + `"`)
	case s.view.title == "hosts":
		s.flowsOf(`host:"` + quoted(r.key) + `"`)
	case s.view.title == "alerts":
		s.begin("", nil, alertText(r))
	}
}

func quoted(text string) string { return strings.ReplaceAll(text, `"`, "") }

// flowsOf shows the flows that a filter lets through.
func (s *screen) flowsOf(filter string) {
	s.show(findView("flows"))
	s.iface = ""
	s.forget()
	s.filters[s.view] = filter
}

// point at something with the mouse: a row, the head of a column, the name of a list.
func (s *screen) mouse(ev *tcell.EventMouse) {
	x, y := ev.Position()
	buttons := ev.Buttons()
	switch {
	case buttons&tcell.WheelUp != 0:
		s.wheel(-3)
	case buttons&tcell.WheelDown != 0:
		s.wheel(3)
	}
	down := buttons&tcell.Button1 != 0
	pressed := down && !s.click.down
	s.click.down = down
	if !pressed {
		return
	}
	s.message = ""
	g := &s.geometry
	switch {
	case y == s.height-1:
		for _, tab := range g.tabs {
			if x >= tab.from && x < tab.to {
				s.turnTo(views[tab.what].key)
			}
		}
	case s.help || s.detail != nil:
		s.help = false
	case y == g.top-1 && g.rows > 0:
		for _, head := range g.heads {
			if x >= head.from && x < head.to && head.what >= 0 {
				s.reorder(head.what - s.orders[s.view]%len(s.view.orders))
			}
		}
	case y >= g.top && y < g.top+g.rows && s.scroll+y-g.top < len(s.shown):
		s.clicked(s.scroll+y-g.top, x)
	}
}

// clicked chooses a row; a second click opens it.
func (s *screen) clicked(at, x int) {
	s.cursor = at
	s.choose()
	now, key := s.clock(), s.chosen
	switch {
	case x < 2 && s.view.title == "devices":
		s.open(!slices.Contains(s.opened, s.top(key)))
	case s.click.row == key && now.Sub(s.click.at) <= doubleClick:
		s.click.row = ""
		s.enter()
		return
	}
	s.click.row, s.click.at = key, now
}

func (s *screen) wheel(by int) {
	if s.detail != nil {
		s.detail.move(by)
		return
	}
	s.move(by)
}
