package main

import (
	"fmt"
	"io"
	"os"
)

// newUUID is four pairs of digits and capitals, "IJ-LG-UP-RV", as netifyd
// makes them. It reads the kernel's generator itself: crypto/rand would link a
// generator of its own, with 60 KB of code and 32 MB of address space.
func newUUID() (string, error) {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	f, err := os.Open("/dev/urandom")
	if err != nil {
		return "", fmt.Errorf("no random numbers for an identifier: %w", err)
	}
	defer f.Close()
	var b [8]byte
	if _, err := io.ReadFull(f, b[:]); err != nil {
		return "", fmt.Errorf("no random numbers for an identifier: %w", err)
	}
	out := make([]byte, 0, 11)
	for i, c := range b {
		if i > 0 && i%2 == 0 {
			out = append(out, '-')
		}
		out = append(out, letters[int(c)%len(letters)])
	}
	return string(out), nil
}
