//go:build unix

package console

import (
	"syscall"

	"github.com/gdamore/tcell/v2"
)

// suspend gives the terminal back to the shell until somebody types fg.
func suspend(to tcell.Screen) {
	if to.Suspend() == nil {
		_ = syscall.Kill(syscall.Getpid(), syscall.SIGSTOP)
		_ = to.Resume()
	}
}
