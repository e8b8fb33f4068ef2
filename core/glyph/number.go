package glyph

import (
	"strconv"
	"strings"
)

// Octets writes a number of bytes for people: three digits at the most, in units of 1024.
func Octets(n uint64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return strconv.FormatUint(n, 10) + " B"
	}
	v, u := float64(n)/1024, 0
	for v >= 999.5 && u < len(units)-1 {
		v, u = v/1024, u+1
	}
	digits := 0
	if v < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + " " + units[u:u+1] + "iB"
}

// Rate writes bytes a second for people, as bits a second: three digits at the
// most, in units of 1000.
func Rate(bytes uint64) string {
	v := float64(bytes) * 8
	for _, unit := range []string{"bit/s", "kbit/s", "Mbit/s", "Gbit/s"} {
		if v < 999.5 {
			digits := 0
			if v < 9.95 && unit != "bit/s" {
				digits = 1
			}
			return strconv.FormatFloat(v, 'f', digits, 64) + " " + unit
		}
		v /= 1000
	}
	return strconv.FormatFloat(v, 'f', 1, 64) + " Tbit/s"
}

// ShortRate is Rate for a column of eight letters: kb/s, and a dash for 0.
func ShortRate(bytes uint64) string {
	if bytes == 0 {
		return "-"
	}
	return strings.Replace(Rate(bytes), "bit/s", "b/s", 1)
}

// Span writes a number of seconds for people, in one unit.
func Span(seconds uint64) string {
	switch {
	case seconds < 120:
		return strconv.FormatUint(seconds, 10) + " s"
	case seconds < 2*3600:
		return strconv.FormatUint(seconds/60, 10) + " min"
	case seconds < 48*3600:
		return strconv.FormatUint(seconds/3600, 10) + " h"
	}
	return strconv.FormatUint(seconds/86400, 10) + " d"
}
