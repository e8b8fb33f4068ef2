package control

import (
	"net"
	"slices"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// soPeerGroups gives the supplementary groups of the other end (Linux 4.13).
const soPeerGroups = 59

// mayChange says that the other end is root, or of a group.
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
		cred, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err != nil {
			return
		}
		ok = cred.Uid == 0 || group >= 0 && (cred.Gid == uint32(group) || slices.Contains(groups(fd), uint32(group)))
	})
	return ok
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
