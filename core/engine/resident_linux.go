package engine

import (
	"bytes"
	"os"
	"strconv"
)

// resident is the memory of this process now, in KiB (proc(5), statm).
func resident(uint64) uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseUint(string(fields[1]), 10, 64)
	return pages * uint64(os.Getpagesize()) >> 10
}
