package pftable

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Open opens a target.
func Open(s Settings) (*Target, error) {
	if err := s.complete(); err != nil {
		return nil, err
	}
	dev, err := openDevice()
	if err != nil {
		return nil, explain(err)
	}
	return open(s, dev), nil
}

type pf int

func openDevice() (device, error) {
	fd, err := unix.Open("/dev/pf", unix.O_RDWR|unix.O_CLOEXEC, 0)
	return pf(fd), err
}

func (d pf) do(number uintptr, p *pfioc) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(d), request(number), uintptr(unsafe.Pointer(p))); errno != 0 {
		return errno
	}
	return nil
}

func (d pf) close() error { return unix.Close(int(d)) }
