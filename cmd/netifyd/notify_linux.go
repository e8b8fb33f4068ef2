package main

import "golang.org/x/sys/unix"

// monotonic is the time since the machine started, in microseconds, as the
// service manager counts it.
func monotonic() int64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &t) != nil {
		return 0
	}
	return t.Nano() / 1000
}
