package peer

import (
	"os/exec"
	"syscall"
)

// Tied lets a program end when we do, even by kill -9.
func Tied(c *exec.Cmd) { c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
