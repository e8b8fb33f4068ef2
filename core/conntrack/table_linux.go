package conntrack

import (
	"errors"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// Table is a way to the kernel's connection table. It belongs to one goroutine.
type Table struct {
	fd     int
	number uint32
	ask    [256]byte
	answer [4096]byte
	dead   bool // the kernel said that it will never answer
}

// Open opens a way to the table. Whether it may be asked shows with the first
// question: that takes CAP_NET_ADMIN.
func Open() (*Table, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &Table{fd: fd}, nil
}

// Close ends it.
func (t *Table) Close() error { return unix.Close(t.fd) }

// Lookup asks for the connection that packets with the addresses of p belong
// to, in whichever direction they go. It costs one or two questions of fixed
// size, which the kernel answers before the call that asks returns.
func (t *Table) Lookup(p *core.Tuple, e *Entry) bool {
	switch p.Protocol {
	case unix.IPPROTO_TCP, unix.IPPROTO_UDP, unix.IPPROTO_SCTP, unix.IPPROTO_DCCP, unix.IPPROTO_UDPLITE:
	default:
		return false
	}
	if t.lookup(p, e) {
		return true
	}
	back := core.Tuple{Src: p.Dst, Dst: p.Src, SrcPort: p.DstPort, DstPort: p.SrcPort, Protocol: p.Protocol, Version: p.Version}
	return t.lookup(&back, e)
}

func (t *Table) lookup(p *core.Tuple, e *Entry) bool {
	if t.dead {
		return false
	}
	t.number++
	if _, err := unix.Write(t.fd, appendRequest(t.ask[:0], p, t.number)); err != nil {
		t.dead = errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.EPERM)
		return false
	}
	for { // an answer to an earlier question may be there still
		n, err := unix.Read(t.fd, t.answer[:])
		if err != nil {
			return false
		}
		errno, err := e.parse(t.answer[:n], t.number)
		switch {
		case err == nil:
			return true
		case errno == int(unix.EPERM) || errno == int(unix.EOPNOTSUPP) || errno == int(unix.EINVAL):
			t.dead = true // no right, or no such table
			return false
		case errors.Is(err, errNone):
			return false
		}
	}
}
