package control

import (
	"net"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// soPeerGroups gives the supplementary groups of the other end (Linux 4.13).
const soPeerGroups = 59

// peer is the user of the other end, and whether it may change something: it
// is root, or of a group. Where that is not to be known it is nobody.
func peer(conn net.Conn, group int) (uid uint32, changes bool) {
	uid = nobody
	onSocket(conn, func(fd uintptr) {
		cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err != nil {
			return
		}
		uid, changes = cred.Uid, cred.Uid == 0 || group >= 0 && (cred.Gid == uint32(group) || slices.Contains(groups(fd), uint32(group)))
	})
	return uid, changes
}

// groups are the supplementary groups of the other end, at most 256 of them.
func groups(fd uintptr) []uint32 {
	var list [256]uint32
	size := uint32(unsafe.Sizeof(list))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, fd, unix.SOL_SOCKET, soPeerGroups, uintptr(unsafe.Pointer(&list)), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return nil
	}
	return list[:size/4]
}
