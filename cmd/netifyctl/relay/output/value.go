package output

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Duration is a time in the configuration: "30s", "5m", or a number of seconds.
type Duration time.Duration

func (d *Duration) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case int64:
		*d = Duration(time.Duration(v) * time.Second)
	case string:
		t, err := time.ParseDuration(v)
		if err != nil {
			return fmt.Errorf("%q: want a time such as 30s, 5m or 1h", v)
		}
		*d = Duration(t)
	default:
		return fmt.Errorf("want a time such as \"30s\", \"5m\" or \"1h\"")
	}
	if *d < 0 {
		return fmt.Errorf("a time cannot be negative")
	}
	return nil
}

// Or gives the time, or another where none was set.
func (d Duration) Or(other time.Duration) time.Duration {
	if d == 0 {
		return other
	}
	return time.Duration(d)
}

// Size is bytes in the configuration: "512KiB", "4MiB", "1GiB", or a number of bytes.
type Size int64

func (s *Size) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case int64:
		*s = Size(v)
	case string:
		number, shift := v, 0
		for unit, n := range map[string]int{"KiB": 10, "MiB": 20, "GiB": 30} {
			if rest, ok := strings.CutSuffix(v, unit); ok {
				number, shift = rest, n
			}
		}
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 32)
		if err != nil {
			return fmt.Errorf("%q: want a size such as 512KiB, 4MiB or 1GiB", v)
		}
		*s = Size(n << shift)
	default:
		return fmt.Errorf("want a size such as \"512KiB\" or \"4MiB\"")
	}
	if *s < 0 {
		return fmt.Errorf("a size cannot be negative")
	}
	return nil
}
