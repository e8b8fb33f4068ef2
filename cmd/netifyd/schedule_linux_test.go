package main

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A moment is a minute of the world at which the local time of a zone is something special.
type moment struct {
	name  string
	zone  string
	rules []timed
}

// timed is a rule with its times, whether a living flow is in its set before the
// moment, and whether it is after it.
type timed struct {
	times, criteria string
	before, after   bool
}

// zoneAt is a zone in which the local time at a moment is a time of the day, as
// POSIX writes it, and the day of the year there.
func zoneAt(at time.Time, clock time.Duration) (offset time.Duration, day time.Time) {
	of := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	offset = (clock - of + 24*time.Hour) % (24 * time.Hour)
	return offset, at.Add(offset)
}

// posix writes an offset, which counts to the west there.
func posix(east time.Duration) string {
	return fmt.Sprintf("-%d:%02d", int(east.Hours()), int(east.Minutes())%60)
}

func momentsAt(at time.Time) (list []moment) {
	const any = "app == 'netify.youtube'"
	weekday := func(t time.Time) string { return strings.ToLower(t.Weekday().String()[:3]) }
	offset, day := zoneAt(at, 0)
	list = append(list, moment{"midnight", "AAA" + posix(offset), []timed{
		{weekday(day.Add(-time.Minute)), any, true, false},
		{weekday(day), any, false, true},
		{weekday(day.Add(-time.Minute)) + " 22:00-02:00", any, true, true}, // the night is the evening's
		{"!" + weekday(day), any, true, false},
		{"", any + " && usage.today > 200KiB", true, false},
	}})
	offset, _ = zoneAt(at, 20*time.Hour)
	list = append(list, moment{"hour", "AAA" + posix(offset), []timed{
		{"20:00-07:00", any, false, true},
		{"19:00-20:00", any, true, false},
		{"19:00-20:01", any, true, true},
	}})
	offset, day = zoneAt(at, 2*time.Hour)
	other := (day.YearDay()+180-1)%365 + 1
	list = append(list, moment{"summer", fmt.Sprintf("AAA%sBBB,J%d/2,J%d/3", posix(offset), day.YearDay(), other), []timed{ // 02:00 is 03:00
		{"02:00-03:00", any, false, false},
		{"03:00-04:00", any, false, true},
		{"01:00-02:30", any, true, false},
		{"01:00-03:30", any, true, true},
	}}, moment{"winter", fmt.Sprintf("AAA%sBBB,J%d/2,J%d/3", posix(offset), other, day.YearDay()), []timed{ // 03:00 is 02:00
		{"02:00-03:00", any, true, true},
		{"02:30-03:00", any, true, false},
		{"02:00-02:30", any, false, true},
		{"03:00-04:00", any, false, false},
	}})
	return list
}

// TestLiveMoments plays midnight, the end of an hour, and both changes of summer
// time to agents whose zones have them within the minute, with a flow that lives
// on: sets hold it when and only when its rules do.
func TestLiveMoments(t *testing.T) {
	h := newHouse(t)
	h.rules = "table ip none {}"
	at := time.Now().UTC().Truncate(time.Minute).Add(time.Minute)
	if time.Until(at) < 25*time.Second {
		at = at.Add(time.Minute)
	}
	type watched struct {
		timed
		moment, set string
		held, was   bool
		changed     time.Time
	}
	var list []*watched
	for _, m := range momentsAt(at) {
		var b strings.Builder
		fmt.Fprintf(&b, "[agent]\nvolatile_dir = \"%[1]s/%[2]s\"\n[[listen]]\npath = \"%[1]s/%[2]s/s.sock\"\n[[interface]]\nname = \"home0\"\nrole = \"lan\"\n[usage]\nenabled = true\ndirectory = \"none\"\ntimezone = %[3]q\n", h.dir, m.name, m.zone)
		for i, r := range m.rules {
			fmt.Fprintf(&b, "[[target]]\nname = \"t%[1]d\"\ntype = \"nftset\"\ntable = \"at_%[2]s\"\nset = \"s%[1]d\"\nset_family = \"ipv4\"\nelements = [\"local_addr\", \"other_addr\"]\n[[action]]\nname = \"r%[1]d\"\ncriteria = %[3]q\ntargets = [\"t%[1]d\"]\n", i, m.name, r.criteria)
			if r.times != "" {
				fmt.Fprintf(&b, "times = [%q]\n", r.times)
			}
			list = append(list, &watched{timed: r, moment: m.name, set: fmt.Sprintf("s%d", i)})
		}
		h.start(h.in(h.client, binary, "-c", h.write(m.name+".toml", b.String())))
	}
	look := func() {
		for _, w := range list {
			out, _ := h.in(h.client, "nft", "list", "set", "inet", "at_"+w.moment, w.set).CombinedOutput()
			if now := strings.Contains(string(out), "203.0.113.4"); now != w.held {
				w.held, w.changed = now, time.Now()
			}
		}
	}
	h.log = &said{"/dev/null"}
	h.await("the sets", func() bool {
		out := h.must(h.client, "nft", "list", "sets")
		return strings.Count(out, "set s") == len(list)
	})
	h.gets("a part of the quota", youtube, false, 0)
	h.start(h.in(h.home, "curl", "-sk", "-o", "/dev/null", "-m", "300", "--limit-rate", "3k", "--resolve", "www.youtube.com:443:203.0.113.4", "https://www.youtube.com/page"))
	for time.Until(at) > time.Second {
		look()
		time.Sleep(100 * time.Millisecond)
	}
	for _, w := range list {
		if w.was = w.held; w.held != w.before {
			t.Errorf("%s: times %q %s: before it the set holds the flow: %v", w.moment, w.times, w.criteria, w.held)
		}
	}
	done := func() bool {
		look()
		for _, w := range list {
			if w.held != w.after {
				return false
			}
		}
		return true
	}
	for end := at.Add(30 * time.Second); (!done() || time.Now().Before(at.Add(9*time.Second))) && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
	}
	for _, w := range list {
		if w.held != w.after {
			t.Errorf("%s: times %q %s: after it the set holds the flow: %v", w.moment, w.times, w.criteria, w.held)
		}
		if w.was == w.after {
			continue
		}
		after := w.changed.Sub(at).Round(time.Millisecond)
		if t.Logf("%s: times %q %s: %v after the moment", w.moment, w.times, w.criteria, after); after < 0 {
			t.Errorf("%s: times %q %s: it changed before the moment", w.moment, w.times, w.criteria)
		}
	}
}
