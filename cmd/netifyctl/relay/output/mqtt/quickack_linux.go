package mqtt

import (
	"net"

	"golang.org/x/sys/unix"
)

// acknowledger gives what acknowledges at once what TCP has received. A broker
// that sends small packets by Nagle's algorithm, as mosquitto does unless
// set_tcp_nodelay is set, keeps the last PUBACKs of a batch until we acknowledge
// those before them (RFC 9293, 3.7.4), and a kernel with nothing to send does so
// after 40 ms (RFC 9293, 3.8.6.3).
func acknowledger(c net.Conn) func() {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return func() {}
	}
	raw, err := t.SyscallConn()
	if err != nil {
		return func() {}
	}
	now := func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) }
	return func() { _ = raw.Control(now) }
}
