//go:build !linux

package peer

import "os/exec"

// Tied does nothing: this kernel has no signal for a parent's end.
func Tied(*exec.Cmd) {}
