package sink

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// hungUp says that the other end has closed both halves of the connection,
// as far as the kernel knows: at once for UNIX sockets, for TCP once a
// write was answered by a reset.
func hungUp(conn net.Conn) bool {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return true
	}
	gone := false
	err = raw.Control(func(fd uintptr) {
		set := []unix.PollFd{{Fd: int32(fd)}} // no events: errors and hang-ups are always told
		n, err := unix.Poll(set, 0)
		gone = err == nil && n > 0 && set[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
	})
	return gone || err != nil
}
