package main

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"netifyd/core/glyph"
)

// Keys that are no letters. A key is a rune; these are below 0.
const (
	keyNone rune = -iota
	keyUp
	keyDown
	keyLeft
	keyRight
	keyPageUp
	keyPageDown
	keyHome
	keyEnd
	keyDelete
)

const (
	keyEnter  = '\r'
	keyEscape = '\x1b'
)

// sequences are what terminals send for keys that are no letters, after ESC:
// ECMA-48 and the VT220, in both modes of the cursor keys.
var sequences = map[string]rune{
	"[A": keyUp, "OA": keyUp, "[B": keyDown, "OB": keyDown, "[C": keyRight, "OC": keyRight, "[D": keyLeft, "OD": keyLeft,
	"[5~": keyPageUp, "[6~": keyPageDown, "[1~": keyHome, "[7~": keyHome, "[H": keyHome, "OH": keyHome, "[4~": keyEnd, "[8~": keyEnd, "[F": keyEnd, "OF": keyEnd, "[3~": keyDelete, "OM": keyEnter,
}

// keyReader makes keys of the bytes that a terminal sends.
type keyReader struct {
	got  []byte // the beginning of a key
	keys []rune
}

// feed takes a byte, and gives the keys that are whole then. They are valid until the next call.
func (k *keyReader) feed(b byte) []rune {
	k.keys = k.keys[:0]
	if k.got = append(k.got, b); k.got[0] == keyEscape {
		k.sequence()
	} else if utf8.FullRune(k.got) {
		k.letter()
	}
	return k.keys
}

func (k *keyReader) letter() {
	r, _ := utf8.DecodeRune(k.got)
	if r == '\n' {
		r = keyEnter
	}
	k.keys, k.got = append(k.keys, r), k.got[:0]
}

// sequence looks at what follows ESC.
func (k *keyReader) sequence() {
	n := len(k.got)
	last := k.got[n-1]
	switch {
	case n == 1, n == 2 && (last == '[' || last == 'O'):
	case n == 2: // it was the key, and another one followed at once
		k.keys = append(k.keys, keyEscape)
		if k.got = append(k.got[:0], last); last != keyEscape && last < utf8.RuneSelf {
			k.letter()
		}
	case k.got[1] == '[' && (last < 0x40 || last > 0x7e) && n < 16: // parameters (ECMA-48, 5.4)
	default:
		if key := sequences[string(k.got[1:])]; key != keyNone {
			k.keys = append(k.keys, key)
		}
		k.got = k.got[:0]
	}
}

// pause is told that nothing came for a while: an ESC that stands alone is the key.
func (k *keyReader) pause() []rune {
	k.keys = k.keys[:0]
	if len(k.got) == 1 && k.got[0] == keyEscape {
		k.keys = append(k.keys, keyEscape)
	}
	k.got = k.got[:0]
	return k.keys
}

// waits says that the beginning of a key is there.
func (k *keyReader) waits() bool { return len(k.got) > 0 }

// press does what a key asks for. quit: the screen is to be left.
func (t *top) press(key rune) (quit bool) {
	t.message = ""
	if t.typing {
		t.typeFilter(key)
		return false
	}
	if t.help && key != 'q' {
		t.help = false
		return false
	}
	if t.detail != nil && t.detail.press(t, key) {
		return false
	}
	if do := keyTable[key]; do != nil {
		return do(t)
	}
	for i := range views {
		if rune(views[i].key1) == key {
			if views[i].title == "apps" && t.view == &views[i] && t.detail == nil {
				t.category = !t.category
				t.forget()
			}
			t.show(&views[i])
		}
	}
	return false
}

// keyTable says what keys do. A letter that is missing here does nothing.
var keyTable map[rune]func(*top) bool

func init() {
	stay := func(do func(*top)) func(*top) bool {
		return func(t *top) bool { do(t); return false }
	}
	keyTable = map[rune]func(*top) bool{
		'q': func(t *top) bool { return true }, 3: func(t *top) bool { return true },
		keyUp: stay(func(t *top) { t.move(-1) }), 'k': stay(func(t *top) { t.move(-1) }),
		keyDown: stay(func(t *top) { t.move(1) }), 'j': stay(func(t *top) { t.move(1) }),
		keyPageUp: stay(func(t *top) { t.move(-t.page()) }), keyPageDown: stay(func(t *top) { t.move(t.page()) }),
		keyHome: stay(func(t *top) { t.move(-mostRows) }), 'g': stay(func(t *top) { t.move(-mostRows) }),
		keyEnd: stay(func(t *top) { t.move(mostRows) }), 'G': stay(func(t *top) { t.move(mostRows) }),
		keyRight: stay((*top).unfold), 'l': stay((*top).unfold),
		keyLeft: stay(func(t *top) { t.opened = "" }), 'h': stay(func(t *top) { t.opened = "" }),
		'/': stay((*top).startTyping),
		keyEscape: stay(func(t *top) {
			switch {
			case t.opened != "":
				t.opened = ""
			case t.filter() != "" || t.iface != "":
				t.filters[t.view], t.iface = "", ""
				t.forget()
			}
			t.chosen = ""
		}),
		's': stay(func(t *top) { t.sort(1) }), 'S': stay(func(t *top) { t.sort(-1) }),
		'r': stay(func(t *top) {
			if t.span > 0 {
				t.turn(0)
			} else {
				t.turn(1)
			}
		}),
		'p': stay(func(t *top) { t.turn((t.span + 1) % len(spans)) }),
		'n': stay(func(t *top) { t.numbers = !t.numbers }),
		'f': stay(func(t *top) { t.follow = !t.follow; t.move(0) }),
		' ': stay(func(t *top) { t.frozen = !t.frozen }),
		'i': stay((*top).nextIface),
		'x': stay((*top).resetTotals),
		'+': stay(func(t *top) { t.pace(-time.Second) }), '-': stay(func(t *top) { t.pace(time.Second) }),
		'?':      stay(func(t *top) { t.help = true }),
		'e':      stay((*top).export),
		keyEnter: stay((*top).enter),
	}
}

func (t *top) startTyping() {
	if !t.view.filtered {
		t.message = "a filter chooses devices or flows: 1 or 3 shows them"
		return
	}
	t.typing, t.typed = true, t.filter()
}

// typeFilter takes a key of somebody who types a filter.
func (t *top) typeFilter(key rune) {
	switch {
	case key == keyEnter:
		t.typing = false
		if t.filter() != t.typed {
			t.filters[t.view] = t.typed
			t.forget()
		}
	case key == keyEscape, key == 3:
		t.typing = false
	case key == 0x7f, key == 8, key == keyDelete:
		if _, n := utf8.DecodeLastRuneInString(t.typed); n > 0 {
			t.typed = t.typed[:len(t.typed)-n]
		}
	case key == 0x15: // ctrl-U
		t.typed = ""
	case key >= ' ' && glyph.Shown(key) && len(t.typed) < 200:
		t.typed += string(key)
	}
}

func (t *top) sort(by int) {
	n := len(t.view.sorts)
	if n == 0 {
		t.message = "this list has one order"
		return
	}
	t.sorts[t.view] = (t.sorts[t.view] + by + n) % n
	t.ordered = time.Time{}
}

// turn shows rates, or the totals of a span.
func (t *top) turn(span int) {
	t.span = span
	if t.view.title == "devices" {
		t.sorts[t.view] = span // rate, today_down, period_down
	}
	t.ordered, t.base, t.reset = time.Time{}, nil, time.Time{}
	clear(t.rates)
}

// pace changes how often the agent is asked: each second to each 10 seconds.
func (t *top) pace(by time.Duration) {
	t.interval = min(max(t.interval+by, time.Second), 10*time.Second)
	t.message = "asks every " + t.interval.String()
}

// unfold shows the applications of the chosen device.
func (t *top) unfold() {
	if t.view.title == "devices" && t.cursor < len(t.keys) {
		t.move(0)
		t.opened, t.chosen = t.keys[t.cursor], t.keys[t.cursor]
	}
}

// nextIface shows the flows of one interface after the other, then of all.
func (t *top) nextIface() {
	list := []string{""}
	for i := range t.status.Interfaces.Rows {
		list = append(list, t.status.Interfaces.Text(i, "name"))
	}
	t.show(findView("flows"))
	t.iface = list[(slices.Index(list, t.iface)+1)%len(list)]
	t.forget()
}

// resetTotals lets the totals of the list begin at 0. It wants to be pressed twice.
func (t *top) resetTotals() {
	const again = "x once more: totals begin at 0 on this screen; the history stays"
	if t.wantsReset.IsZero() || t.clock().Sub(t.wantsReset) > 5*time.Second {
		t.wantsReset, t.message = t.clock(), again
		return
	}
	t.wantsReset, t.reset, t.base = time.Time{}, t.clock(), map[string][2]uint64{}
	for i, key := range t.keys {
		for _, from := range []string{"", "today_", "period_"} {
			down, up := from+"down", from+"up"
			t.base[key+down] = [2]uint64{t.rows.Number(i, down), t.rows.Number(i, up)}
		}
	}
}

// enter opens what the cursor stands on: a device or a flow with everything
// that is known of it, an application or a name with its flows.
func (t *top) enter() {
	if t.cursor >= len(t.keys) {
		return
	}
	key := t.keys[t.cursor]
	t.chosen = key
	switch t.view.title {
	case "devices":
		t.open("device", map[string]any{"device": key}, key)
	case "flows":
		t.open("flow", map[string]any{"digest": key}, key)
	case "apps":
		word := "app"
		if t.category {
			word = "cat"
		}
		t.flowsOf(word, strings.TrimPrefix(key, "netify."))
	case "hosts":
		t.flowsOf("host", key)
	case "alerts":
		t.detail = &detail{title: "alert", lines: []string{alertText(&t.rows, t.cursor)}}
	}
}

func (t *top) flowsOf(word, value string) {
	t.show(findView("flows"))
	t.filters[t.view] = word + `:"` + strings.ReplaceAll(value, `"`, "") + `"`
	t.forget()
}

// export writes what is listed into a file.
func (t *top) export() {
	if t.view.method == "" || t.save == nil {
		t.message = "there is no list here"
		return
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(t.rows.Columns)
	for i := range t.rows.Rows {
		row := make([]string, len(t.rows.Columns))
		for k, name := range t.rows.Columns {
			row[k] = glyph.Clean(t.rows.Text(i, name))
		}
		_ = w.Write(row)
	}
	w.Flush()
	name := "netifyd-" + t.view.title + "-" + t.clock().Format("20060102-150405") + ".csv"
	if err := t.save(name, b.Bytes()); err != nil {
		t.message = err.Error()
		return
	}
	t.message = "written: " + name
}
