package config

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

func parseBool(s string) (v, ok bool) {
	switch strings.ToLower(s) {
	case "true", "yes", "on", "1":
		return true, true
	case "false", "no", "off", "0":
		return false, true
	}
	return false, false
}

// sizeUnits are bytes: KiB, MiB, … are powers of two, kB, MB, … of ten. Letters alone are those of two.
var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12},
	{"k", 1 << 10}, {"m", 1 << 20}, {"g", 1 << 30}, {"t", 1 << 40}}

// parseSize reads KiB: "2048", "2048KiB", "2 MiB", "1G", "20GB". What is no whole KiB is rounded down.
func parseSize(s string) (int64, bool) {
	unit := int64(1 << 10)
	s = strings.ToLower(s)
	for _, u := range sizeUnits {
		if rest, found := strings.CutSuffix(s, u.suffix); found {
			s, unit = strings.TrimRight(rest, " "), u.bytes
			break
		}
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil || v < 0 || v > math.MaxInt64/unit {
		return 0, false
	}
	return v * unit >> 10, true
}

// sizeText is the size in the largest unit that it is a whole number of.
func sizeText(kib int) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	for kib != 0 && kib%1024 == 0 && len(units) > 1 {
		kib, units = kib/1024, units[1:]
	}
	return strconv.Itoa(kib) + units[0]
}

// parseDuration reads a number of seconds or Go's form of a duration.
func parseDuration(s string) (time.Duration, bool) {
	if n, err := strconv.ParseInt(s, 10, 32); err == nil {
		return time.Duration(n) * time.Second, true
	}
	d, err := time.ParseDuration(s)
	return d, err == nil
}

// durationText is Go's form without what is zero: "5m", not "5m0s".
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
}

func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }) < 0
}

// plain is a word as it stands in a message: quoted if it holds anything odd.
func plain(s string) string {
	odd := func(r rune) bool {
		return r <= ' ' || r == '"' || r == 0x7f || r > 0x7f && !unicode.IsPrint(r) || r == utf8.RuneError
	}
	if s == "" || strings.ContainsFunc(s, odd) {
		return strconv.Quote(s)
	}
	return s
}

// quotedOr is a list for a sentence: "a", "b" or "c".
func quotedOr(words []string) string {
	var b strings.Builder
	for i, w := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" or ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(strconv.Quote(w))
	}
	return b.String()
}
