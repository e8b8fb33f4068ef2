package calendar

import (
	"testing"
	"time"
)

func clock(t testing.TB, zone, period string) *Clock {
	c, err := NewClock(zone, period)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	berlin   = "CET-1CEST,M3.5.0,M10.5.0/3"
	newYork  = "EST5EDT,M3.2.0,M11.1.0"
	lordHowe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"
)

func unix(text string) int64 {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

// Days have 23, 24 or 25 hours, in three zones, without files of zones.
func TestDays(t *testing.T) {
	for _, c := range []struct {
		zone, at, start string
		hours           float64
	}{
		{berlin, "2026-03-29T12:00:00+02:00", "2026-03-29T00:00:00+01:00", 23},
		{berlin, "2026-10-25T02:30:00+01:00", "2026-10-25T00:00:00+02:00", 25},
		{berlin, "2026-07-01T00:00:00+02:00", "2026-07-01T00:00:00+02:00", 24},
		{newYork, "2026-03-08T12:00:00-04:00", "2026-03-08T00:00:00-05:00", 23},
		{newYork, "2026-11-01T12:00:00-05:00", "2026-11-01T00:00:00-04:00", 25},
		{lordHowe, "2026-10-04T12:00:00+11:00", "2026-10-04T00:00:00+10:30", 23.5},
		{lordHowe, "2026-04-05T12:00:00+10:30", "2026-04-05T00:00:00+11:00", 24.5},
		{"UTC0", "2026-04-05T12:00:00Z", "2026-04-05T00:00:00Z", 24},
	} {
		d := clock(t, c.zone, "1").Day(unix(c.at))
		if d.Start != unix(c.start) || float64(d.End-d.Start) != c.hours*3600 {
			t.Errorf("%s at %s: begins %s, has %v hours", c.zone, c.at, time.Unix(d.Start, 0).UTC(), float64(d.End-d.Start)/3600)
		}
	}
}

// Hours follow one another without gap, each within one day, also where the zone changes.
func TestHoursAreWhole(t *testing.T) {
	for _, zone := range []string{berlin, newYork, lordHowe, "<+0545>-5:45", "UTC0"} {
		c := clock(t, zone, "1")
		for at, end := unix("2026-01-01T00:00:00Z"), unix("2027-01-02T00:00:00Z"); at < end; {
			h := c.Hour(at)
			if h.Start > at || h.End <= at || h.End-h.Start > 3600 {
				t.Fatalf("%s: hour of %s is %+v", zone, time.Unix(at, 0).UTC(), h)
			}
			if a, b := c.Day(h.Start), c.Day(h.End-1); a != b {
				t.Fatalf("%s: hour %+v is of two days", zone, h)
			}
			if p := c.Period(at); p.Start > at || p.End <= at {
				t.Fatalf("%s: period of %s is %+v", zone, time.Unix(at, 0).UTC(), p)
			}
			at = h.End
			if c.Hour(at).Start != at {
				t.Fatalf("%s: after %+v comes %+v", zone, h, c.Hour(at))
			}
		}
	}
}

func TestPeriods(t *testing.T) {
	for _, c := range []struct{ period, at, start, end string }{
		{"1", "2026-02-15T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"-2", "2026-03-30T00:00:00Z", "2026-03-30T00:00:00Z", "2026-04-29T00:00:00Z"},
		{"-2", "2026-02-26T23:59:59Z", "2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"},
		{"-2", "2028-02-27T23:59:59Z", "2028-01-30T00:00:00Z", "2028-02-28T00:00:00Z"},
		{"31", "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"},
		{"15", "2026-01-03T00:00:00Z", "2025-12-15T00:00:00Z", "2026-01-15T00:00:00Z"},
		{"2026-01-17/14", "2026-01-17T00:00:00Z", "2026-01-17T00:00:00Z", "2026-01-31T00:00:00Z"},
		{"2026-01-17/14", "2026-02-01T10:00:00Z", "2026-01-31T00:00:00Z", "2026-02-14T00:00:00Z"},
		{"2026-01-17/14", "2026-01-10T10:00:00Z", "2026-01-03T00:00:00Z", "2026-01-17T00:00:00Z"},
	} {
		p := clock(t, "UTC0", c.period).Period(unix(c.at))
		if p.Start != unix(c.start) || p.End != unix(c.end) {
			t.Errorf("%s at %s: %s to %s", c.period, c.at, time.Unix(p.Start, 0).UTC(), time.Unix(p.End, 0).UTC())
		}
	}
}

func TestBadClocks(t *testing.T) {
	for _, c := range []struct{ zone, period string }{
		{"", "0"}, {"", "32"}, {"", "-29"}, {"", "2026-13-01/3"}, {"", "2026-01-01/0"}, {"", "monthly"}, {"", ""},
		{"CET", "1x"}, {"Mars/Olympus", "1"}, {"C-1", "1"}, {"CET1 CEST", "1"}, {"<+01", "1"},
	} {
		if _, err := NewClock(c.zone, c.period); err == nil {
			t.Errorf("%q, %q: no error", c.zone, c.period)
		}
	}
}
