//go:build !linux

package main

import "runtime/debug"

// trim gives back the heap's pages that starting or a reload needed and capturing does not.
func trim() { debug.FreeOSMemory() }
