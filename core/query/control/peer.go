//go:build linux || freebsd

package control

import (
	"net"
	"syscall"
)

// onSocket calls f with the descriptor of a connection, if it has one.
func onSocket(conn net.Conn, f func(fd uintptr)) {
	sc, is := conn.(syscall.Conn)
	if !is {
		return
	}
	if raw, err := sc.SyscallConn(); err == nil {
		_ = raw.Control(f)
	}
}
