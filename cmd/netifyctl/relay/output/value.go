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

// Size is bytes in the configuration: "512KiB", "4MiB", "20GB", or a number of bytes.
// KiB to TiB are powers of two, kB to TB of ten, as the agent's sizes.
type Size int64

// sizeUnits are bytes.
var sizeUnits = []struct {
	suffix string
	bytes  uint64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"gib", 1 << 30}, {"tib", 1 << 40}, {"kb", 1e3}, {"mb", 1e6}, {"gb", 1e9}, {"tb", 1e12}}

func (s *Size) UnmarshalTOML(v any) error {
	switch v := v.(type) {
	case int64:
		*s = Size(v)
	case string:
		number, unit := strings.ToLower(v), uint64(1)
		for _, u := range sizeUnits {
			if rest, ok := strings.CutSuffix(number, u.suffix); ok {
				number, unit = rest, u.bytes
				break
			}
		}
		n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 64)
		if err != nil || n > 1<<62/unit {
			return fmt.Errorf("%q: want a size such as 512KiB, 4MiB or 20GB", v)
		}
		*s = Size(n * unit)
	default:
		return fmt.Errorf("want a size such as \"512KiB\" or \"4MiB\"")
	}
	if *s < 0 {
		return fmt.Errorf("a size cannot be negative")
	}
	return nil
}
