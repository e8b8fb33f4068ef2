package action

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// window is when a rule holds: days of the week, and a piece of the day that
// may go past midnight into the next.
type window struct {
	days     uint8 // bit 0: Sunday
	from, to int   // minutes since midnight; equal: the whole day
	outside  bool  // the rule does not hold then
}

const everyDay = 1<<7 - 1

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseWindow reads "mon-fri 20:00-07:00", "sat,sun", "22:00-06:00", and with a
// ! before it when a rule does not hold.
func parseWindow(text string) (w window, err error) {
	rest, outside := strings.CutPrefix(strings.TrimSpace(text), "!")
	w = window{days: everyDay, outside: outside}
	words := strings.Fields(strings.ToLower(rest))
	if len(words) == 0 || len(words) > 2 {
		return w, errors.New(`want days, times or both, as "mon-fri 20:00-07:00"`)
	}
	if len(words) == 2 || !strings.Contains(words[0], ":") {
		if w.days, err = parseDays(words[0]); err != nil {
			return w, err
		}
		words = words[1:]
	}
	if len(words) == 0 {
		return w, nil
	}
	from, to, ok := strings.Cut(words[0], "-")
	if !ok {
		return w, fmt.Errorf("%q: want two times with a - between them, as 20:00-07:00", words[0])
	}
	if w.from, err = parseMinute(from); err == nil {
		w.to, err = parseMinute(to)
	}
	if w.from == dayMinutes {
		err = fmt.Errorf("%q: a day begins at 00:00", words[0])
	}
	if w.from == 0 && w.to == dayMinutes {
		w.to = 0 // the whole day
	}
	return w, err
}

const dayMinutes = 24 * 60

func parseMinute(text string) (int, error) {
	h, m, ok := strings.Cut(text, ":")
	hour, err := strconv.ParseUint(h, 10, 8)
	minute, err2 := strconv.ParseUint(m, 10, 8)
	at := int(hour)*60 + int(minute)
	if !ok || err != nil || err2 != nil || minute > 59 || at > dayMinutes || len(m) != 2 {
		return 0, fmt.Errorf("%q is no time: want hours and minutes, as 20:00", text)
	}
	return at, nil
}

// parseDays reads mon-fri, sat,sun and daily.
func parseDays(text string) (days uint8, err error) {
	if text == "daily" {
		return everyDay, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		first, last, span := strings.Cut(part, "-")
		a, err := parseDay(first)
		if err != nil {
			return 0, err
		}
		b := a
		if span {
			if b, err = parseDay(last); err != nil {
				return 0, err
			}
		}
		for d := a; ; d = (d + 1) % 7 {
			days |= 1 << d
			if d == b {
				break
			}
		}
	}
	return days, nil
}

func parseDay(text string) (int, error) {
	for d, name := range dayNames {
		if text == name || len(text) > 3 && strings.HasPrefix(strings.ToLower(time.Weekday(d).String()), text) {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is no day: want mon, tue, wed, thu, fri, sat or sun", text)
}

// has says that a local time is in the window, whether it is one of holding or not.
func (w *window) has(t time.Time) bool {
	day, minute := int(t.Weekday()), t.Hour()*60+t.Minute()
	on := func(d int) bool { return w.days>>d&1 != 0 }
	switch {
	case w.from == w.to:
		return on(day)
	case w.from < w.to:
		return on(day) && w.from <= minute && minute < w.to
	}
	return on(day) && minute >= w.from || on((day+6)%7) && minute < w.to
}

// holds says whether a rule with such windows holds at a local time.
func holds(windows []window, t time.Time) bool {
	within, asked := false, false
	for i := range windows {
		w := &windows[i]
		switch {
		case !w.outside:
			asked = true
			within = within || w.has(t)
		case w.has(t):
			return false
		}
	}
	return within || !asked
}
