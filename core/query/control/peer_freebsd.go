package control

import (
	"net"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// mayChange says that the other end is root, or of a group (unix(4), LOCAL_PEERCRED).
func mayChange(conn net.Conn, group int) (ok bool) {
	sc, is := conn.(syscall.Conn)
	if !is {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) {
		cred, err := unix.GetsockoptXucred(int(fd), 0, unix.LOCAL_PEERCRED)
		if err != nil {
			return
		}
		n := min(int(cred.Ngroups), len(cred.Groups))
		ok = cred.Uid == 0 || group >= 0 && slices.Contains(cred.Groups[:n], uint32(group))
	})
	return ok
}
