package usage

import (
	"testing"
	"time"

	"netifyd/core/calendar"
)

const berlin = "CET-1CEST,M3.5.0,M10.5.0/3"

func clock(t testing.TB, zone, period string) *Clock {
	c, err := calendar.NewClock(zone, period)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func unix(text string) int64 {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}
