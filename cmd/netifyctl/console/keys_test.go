package console

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
)

func listed(d *desk) (keys []string) {
	for i := range d.lists {
		keys = append(keys, d.lists[i].key)
	}
	return keys
}

// A row keeps its place for a while, and as long as it is chosen.
func TestRowsHoldStill(t *testing.T) {
	h := newHouse(t)
	d := atHouse(t, h, 80, 24)
	d.keys("3")
	before := listed(d)
	h.List[2].Rate[1] = 1 << 30 // the third becomes the first
	d.refresh()
	if got := listed(d); strings.Join(got, " ") != strings.Join(before, " ") {
		t.Errorf("%v after %v within the time that rows hold", got, before)
	}
	d.keys("j") // chooses the second
	d.now = d.now.Add(placeHeld)
	d.refresh()
	if got := listed(d); got[0] != before[2] || got[1] != before[1] || d.cursor != 1 {
		t.Errorf("%v after %v, the second of which is chosen; the cursor is at %d", got, before, d.cursor)
	}
	d.keys("f")
	h.List[1].Rate[1] = 1 << 31
	d.now = d.now.Add(placeHeld)
	d.refresh()
	if got := listed(d); got[0] != before[1] || d.cursor != 0 {
		t.Errorf("%v, the cursor at %d does not follow %s", got, d.cursor, before[1])
	}
}

// A flow that has ended stays for a while; one that a filter leaves out does not.
func TestEndedFlowsStay(t *testing.T) {
	h := newHouse(t)
	d := atHouse(t, h, 80, 24)
	d.keys("3")
	h.List = h.List[:2]
	d.refresh()
	if len(d.shown) != 5 || d.shown[2].ended.IsZero() || !d.shown[0].ended.IsZero() {
		t.Errorf("%d rows: %+v", len(d.shown), d.shown)
	}
	d.keys("/netflix")
	if len(d.shown) != 1 {
		t.Errorf("%d rows fit the filter, want 1", len(d.shown))
	}
	d.keys("\x15\r")
	d.now = d.now.Add(afterglow)
	d.refresh()
	if len(d.shown) != 2 {
		t.Errorf("%d rows after the time", len(d.shown))
	}
}

// A frozen screen does not move. An agent that goes away is told of, what was
// there stays, and all goes on when the agent is there again.
func TestFreezeAndReturn(t *testing.T) {
	h := newHouse(t)
	d := atHouse(t, h, 80, 24)
	d.keys("3 ")
	h.List = h.List[:1]
	d.refresh()
	if d.shows("FROZEN"); len(d.shown) != 5 {
		t.Error("a frozen screen changed")
	}
	d.keys("4")
	d.shows("FROZEN", "nflxvideo") // what was not there yet is asked for once
	d.keys("3/dns\r")
	d.shows("FROZEN", "0 of 0")
	d.keys("\x1b ")
	d.away = true
	d.refresh()
	d.shows("agent went away, trying again", "living-room-tv")
	d.refresh()
	d.shows("trying again (no agent runs here)", "living-room-tv")
	d.away = false
	d.refresh()
	d.shows("!trying again", "living-room-tv")
}

func TestExport(t *testing.T) {
	h := newHouse(t)
	h.Hosts[h.List[2].First] = "=cmd|' /C calc'!A0"
	d := atHouse(t, h, 80, 24)
	d.keys("3eE")
	csv := d.files["netifyd-flows-20270115-081234.csv"]
	if !strings.HasPrefix(csv, "digest,device,application") || strings.ContainsAny(csv, "\x1b\u202e") || !strings.Contains(csv, ",'=cmd") || strings.Count(csv, "\n") != 6 {
		t.Errorf("%q", csv)
	}
	var rows []map[string]any
	if err := json.Unmarshal([]byte(d.files["netifyd-flows-20270115-081234.json"]), &rows); err != nil || len(rows) != 5 || rows[0]["device"] != "02:00:00:00:00:01" || rows[0]["bytes"] != 4.1e9 {
		t.Errorf("%v: %q", err, d.files)
	}
	d.keys("y")
	if got := d.to.GetClipboardData(); !json.Valid(got) || !strings.Contains(string(got), "nflxvideo") {
		t.Errorf("copied: %s", got)
	}
	d.keys("\r")
	d.keys("y")
	if got := d.to.GetClipboardData(); !json.Valid(got) || !strings.Contains(string(got), "client_ja4") {
		t.Errorf("copied: %s", got)
	}
	d.keys("e")
	d.shows("written: netifyd-flow-20270115-081234.json")
	d.files = nil
	d.keys("qe")
	d.shows("disk full")
}

// A click chooses, a second one opens, the head of a column sorts, and the last line has the lists.
func TestMouse(t *testing.T) {
	d := atHouse(t, newHouse(t), 80, 24)
	click := tcell.Button1
	d.mouseAt(20, 4, click)
	if d.cursor != 1 || d.chosen == "" {
		t.Errorf("the cursor is at %d", d.cursor)
	}
	d.mouseAt(20, 4, click)
	d.shows("Esc back", "Küche")
	d.keys("\x1b")
	d.mouseAt(16, 23, click)
	d.shows("[2 apps]")
	d.mouseAt(25, 23, click)
	d.shows("[3 flows]")
	d.mouseAt(56, 2, click)
	d.shows("by bytes")
	d.mouseAt(5, 5, tcell.WheelDown)
	if d.cursor != 3 {
		t.Errorf("the wheel took the cursor to %d", d.cursor)
	}
	d.mouseAt(1, 23, click)
	d.mouseAt(0, 3, click)
	d.shows(">▾living-room-tv", "└ netflix")
	d.mouseAt(0, 3, click)
	d.shows("!└")
	for _, at := range [][2]int{{-1, -1}, {500, 500}, {79, 0}, {0, 22}} {
		d.mouseAt(at[0], at[1], click)
	}
}

// x pressed twice lets totals begin at 0; once is asked about.
func TestResetTotals(t *testing.T) {
	d := atHouse(t, newHouse(t), 80, 24)
	d.keys("x")
	d.shows("x once more", "4.2 GiB")
	d.keys("x")
	d.shows("+08:12", "!4.2 GiB", "0 B")
	d.keys("p")
	d.shows("4.2 GiB", "!+08:12")
}

func TestOrders(t *testing.T) {
	d := atHouse(t, newHouse(t), 120, 40)
	d.keys("3ss")
	d.shows("by newest")
	if got := d.lists[0].number("age"); got != 10 {
		t.Errorf("the newest has an age of %d s", got)
	}
	d.keys("SSS")
	d.shows("by host")
	d.keys("4sss")
	d.shows("by name")
	if got := d.lists[0].key; !strings.HasPrefix(got, "evil") {
		t.Errorf("the first name is %q", got)
	}
	d.keys("r")
	d.shows("by total")
}

// What fits is found in the lists, too, that the agent does not filter.
func TestFilterHere(t *testing.T) {
	d := atHouse(t, newHouse(t), 120, 40)
	d.keys("2/!netflix\r")
	d.shows("youtube", "[2 apps]")
	if len(d.shown) != 3 {
		t.Errorf("%d rows", len(d.shown))
	}
	d.keys("4/host:*.net\r")
	if len(d.shown) != 1 {
		t.Errorf("%d names", len(d.shown))
	}
	d.keys("5/dropped\r")
	if len(d.shown) != 1 {
		t.Errorf("%d alerts", len(d.shown))
	}
	d.keys("6/")
	d.shows("there is no list here")
	d.keys("1/tv\x7f\x7fapp:youtube\r")
	d.shows("Küche", "!living-room-tv", "filter app:youtube")
}

// What is opened of a row shows its flows.
func TestEnterGoesToFlows(t *testing.T) {
	d := atHouse(t, newHouse(t), 120, 40)
	d.keys("lj\r")
	d.shows(`filter device:"02:00:00:00:00:01" app:"netflix"`, "1 of 1")
	d.keys("2s\r")
	d.shows(`filter app:"netflix"`, "2 of 2")
	d.keys("4s\r")
	d.shows("filter host:", "1 of 1")
	d.keys("\x1b")
	d.shows("5 of 5", "!filter host")
}

// However small the terminal is, nothing breaks.
func TestEverySize(t *testing.T) {
	d := atHouse(t, newHouse(t), 80, 24)
	for _, size := range [][2]int{{1, 1}, {5, 3}, {20, 6}, {39, 8}, {40, 12}, {79, 24}, {111, 30}, {112, 30}, {300, 90}} {
		d.to.SetSize(size[0], size[1])
		for _, keys := range []string{"1", "l", "2", "3\r", "\x1b4", "5", "6", "??"} {
			d.keys(keys)
			d.text()
		}
	}
}

func TestQuit(t *testing.T) {
	d := atHouse(t, newHouse(t), 80, 24)
	d.keys("3\r")
	if d.press(tcell.NewEventKey(tcell.KeyRune, 'e', tcell.ModAlt)) || d.detail != nil || len(d.files) != 1 {
		t.Error("Esc with a letter right behind it is Esc and the letter")
	}
	if d.keys("/q\r") || !d.keys("q") || !d.keys("\x03") {
		t.Error("q leaves, but not while a filter is typed")
	}
}
