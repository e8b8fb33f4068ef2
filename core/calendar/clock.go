// Package calendar cuts time into local hours, days and periods of accounting,
// without files of time zones.
package calendar

import (
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Clock cuts time into local hours, days and periods of accounting. It does not change once made.
type Clock struct {
	loc   *time.Location
	day   int       // of the month on which a period begins; negative: from its end
	every int       // days of a period; 0: by day
	from  time.Time // when the first of these began
}

// Span is a piece of time, in seconds since 1970: from Start until before End.
type Span struct{ Start, End int64 }

// Has says that a time is in the span.
func (s Span) Has(at int64) bool { return s.Start <= at && at < s.End }

// NewClock makes a clock. zone is the time zone as POSIX writes it
// ("CET-1CEST,M3.5.0,M10.5.0/3") or a name that the system's files have; empty:
// that of /etc/TZ, else of the system. period is when a period of accounting
// begins, as nlbwmon writes it: a day of the month ("1"), one from its end
// ("-2" is the last but one), or a date and a number of days ("2026-01-17/14").
func NewClock(zone, period string) (*Clock, error) {
	c := &Clock{}
	if zone == "" {
		if text, err := os.ReadFile("/etc/TZ"); err == nil {
			zone = strings.TrimSpace(string(text))
		}
	}
	var err error
	if c.loc, err = location(zone); err != nil {
		return nil, err
	}
	return c, c.parse(period)
}

// location is a time zone by its POSIX text or its name.
func location(zone string) (*time.Location, error) {
	if zone == "" {
		return time.Local, nil
	}
	if loc, err := time.LoadLocation(zone); err == nil {
		return loc, nil
	}
	loc, err := time.LoadLocationFromTZData(zone, tzif(zone))
	// Text that cannot be read is passed over there: what it says must show.
	if err != nil || !posix(zone) {
		return nil, fmt.Errorf("the time zone %q is unknown: want text such as CET-1CEST,M3.5.0,M10.5.0/3, or a name such as Europe/Berlin", zone)
	}
	return loc, nil
}

// tzif is a file of a time zone (RFC 9636) that says nothing but its footer:
// both data blocks have one type of local time, UTC, and no transition.
func tzif(zone string) (b []byte) {
	for range 2 {
		b = append(b, "TZif2"...)
		b = append(b, make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, 0, 1, 4} { // isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt
			b = binary.BigEndian.AppendUint32(b, n)
		}
		b = append(b, 0, 0, 0, 0, 0, 0) // offset, not summer time, designation 0
		b = append(b, "UTC\x00"...)
	}
	return append(b, "\n"+zone+"\n"...)
}

// posix says that a text begins as POSIX has it: a name of three letters or
// more, or any in angle brackets, and how far it is from UTC.
func posix(zone string) bool {
	rest := strings.TrimLeft(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	if len(zone)-len(rest) < 3 {
		var ok bool
		if _, rest, ok = strings.Cut(zone, ">"); !ok || zone[0] != '<' {
			return false
		}
	}
	rest = strings.TrimLeft(rest, "+-")
	hours, _, _ := strings.Cut(rest, ",")
	n := 0
	for n < len(hours) && hours[n] >= '0' && hours[n] <= '9' {
		n++
	}
	h, err := strconv.Atoi(hours[:n])
	return err == nil && h <= 24 && !strings.ContainsAny(zone, " \n\\")
}

func (c *Clock) parse(period string) error {
	bad := fmt.Errorf("the period %q is not understood: want a day of the month such as 1, one from its end such as -2, or a date and a number of days such as 2026-01-17/14", period)
	if date, days, ok := strings.Cut(period, "/"); ok {
		from, err := time.ParseInLocation(time.DateOnly, date, c.loc)
		n, err2 := strconv.Atoi(days)
		if err != nil || err2 != nil || n < 1 || n > 366 {
			return bad
		}
		c.from, c.every = from, n
		return nil
	}
	n, err := strconv.Atoi(period)
	if err != nil || n == 0 || n < -28 || n > 31 {
		return bad
	}
	c.day = n
	return nil
}

// Zone is how far local time is from UTC, in seconds.
func (c *Clock) Zone(at int64) int {
	_, offset := time.Unix(at, 0).In(c.loc).Zone()
	return offset
}

// Local is a time of the clock's zone.
func (c *Clock) Local(at int64) time.Time { return time.Unix(at, 0).In(c.loc) }

// Hour is the local hour around a time; shorter where the zone changes within it.
func (c *Clock) Hour(at int64) Span {
	t := c.Local(at)
	_, offset := t.Zone()
	start := at - mod(at+int64(offset), 3600)
	s := Span{start, start + 3600}
	from, to := t.ZoneBounds()
	if !from.IsZero() {
		s.Start = max(s.Start, from.Unix())
	}
	if !to.IsZero() {
		s.End = min(s.End, to.Unix())
	}
	return s
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// Day is the local day around a time: 23, 24 or 25 hours.
func (c *Clock) Day(at int64) Span {
	y, m, d := c.Local(at).Date()
	return Span{c.date(y, m, d), c.date(y, m, d+1)}
}

func (c *Clock) date(y int, m time.Month, d int) int64 {
	return time.Date(y, m, d, 0, 0, 0, 0, c.loc).Unix()
}

// Ago is the start of the day so many days before the one around a time.
func (c *Clock) Ago(at int64, days int) int64 {
	y, m, d := c.Local(at).Date()
	return c.date(y, m, d-days)
}

// Period is the period of accounting around a time.
func (c *Clock) Period(at int64) Span {
	y, m, d := c.Local(at).Date()
	if c.every > 0 {
		fy, fm, fd := c.from.Date()
		days := int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(fy, fm, fd, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
		begin := days - int(mod(int64(days), int64(c.every)))
		return Span{c.date(fy, fm, fd+begin), c.date(fy, fm, fd+begin+c.every)}
	}
	start := c.first(y, m)
	if at < start {
		return Span{c.first(y, m-1), start}
	}
	return Span{start, c.first(y, m+1)}
}

// first is when the period begins that begins in a month.
func (c *Clock) first(y int, m time.Month) int64 {
	last := time.Date(y, m+1, 0, 0, 0, 0, 0, time.UTC).Day()
	day := min(c.day, last)
	if c.day < 0 {
		day = last + c.day + 1
	}
	return c.date(y, m, day)
}
