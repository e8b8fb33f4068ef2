//go:build unix

package engine

import (
	"syscall"
	"time"
)

// resources is the CPU time of this process and the most memory it had, in KiB.
func resources() (user, system time.Duration, maxRSS uint64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0, 0
	}
	return time.Duration(u.Utime.Nano()), time.Duration(u.Stime.Nano()), uint64(u.Maxrss)
}
