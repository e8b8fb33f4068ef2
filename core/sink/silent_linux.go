package sink

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// silent says that the other end of a TCP connection has acknowledged nothing
// for so long, while something waits for its acknowledgement. Keep-alive does
// not find such a peer: it waits for an idle connection, and the kernel sends
// again for a quarter of an hour. One that lives and only does not read
// answers each question whether it has room, and each repetition, whose pauses
// double (tcp(7), TCP_INFO): so more than one must have stayed without answer.
func silent(conn net.Conn, long time.Duration) bool {
	c, ok := conn.(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	dead := false
	err = raw.Control(func(fd uintptr) {
		i, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if err != nil {
			return
		}
		quiet := time.Duration(i.Last_ack_recv) * time.Millisecond
		pause := time.Duration(i.Rto) * time.Microsecond
		dead = quiet >= long && (i.Unacked > 0 && quiet >= pause*5/4 || i.Probes > 1)
	})
	return err == nil && dead
}
