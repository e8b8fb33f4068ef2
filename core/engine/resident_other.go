//go:build !linux

package engine

// resident is the memory of this process now, in KiB: the most that it had, where no more is known.
func resident(most uint64) uint64 { return most }
