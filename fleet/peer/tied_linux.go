package peer

import (
	"os/exec"
	"syscall"
)

// Tied lets a program end when we do, even by kill -9, and not by the Ctrl-C of
// a terminal: it is we who end it, in order.
func Tied(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
