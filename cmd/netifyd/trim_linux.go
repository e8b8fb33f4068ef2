package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// trim gives back what starting or a reload needed and capturing does not: the
// heap's free pages, and the pages of the program, of which the kernel has
// mapped sixteen around each that was used. They come back from the page cache
// as they are used again.
func trim() {
	debug.FreeOSMemory()
	exe, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return
	}
	for line := range bytes.Lines(maps) {
		var from, to uintptr
		var mode string
		if !bytes.HasSuffix(bytes.TrimSpace(line), []byte(" "+exe)) {
			continue
		}
		if _, err := fmt.Sscanf(string(line), "%x-%x %s", &from, &to, &mode); err != nil || mode[1] != '-' {
			continue
		}
		unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED) // it is not Go's memory: no pointer leads there
	}
}
