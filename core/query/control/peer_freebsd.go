package control

import (
	"net"
	"slices"

	"golang.org/x/sys/unix"
)

// peer is the user of the other end, and whether it may change something: it
// is root, or of a group (unix(4), LOCAL_PEERCRED). Where that is not to be
// known it is nobody.
func peer(conn net.Conn, group int) (uid uint32, changes bool) {
	uid = nobody
	onSocket(conn, func(fd uintptr) {
		cred, err := unix.GetsockoptXucred(int(fd), 0, unix.LOCAL_PEERCRED)
		if err != nil {
			return
		}
		n := min(int(cred.Ngroups), len(cred.Groups))
		uid, changes = cred.Uid, cred.Uid == 0 || group >= 0 && slices.Contains(cred.Groups[:n], uint32(group))
	})
	return uid, changes
}
