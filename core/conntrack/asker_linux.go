package conntrack

import (
	"errors"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// Asker asks the kernel's table about one connection at a time. It belongs to one goroutine.
type Asker struct {
	fd     int
	number uint32
	ask    [256]byte
	answer [4096]byte
	dead   bool // the kernel said that it will never answer
}

// NewAsker opens a way to the table. Whether it may be asked shows with the
// first question: that takes CAP_NET_ADMIN.
func NewAsker() (*Asker, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, err
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &Asker{fd: fd}, nil
}

// Close ends it.
func (a *Asker) Close() error { return unix.Close(a.fd) }

// Lookup asks for the connection that packets with the addresses of p belong
// to, in whichever direction they go. It costs one or two questions of fixed
// size, which the kernel answers before the call that asks returns.
func (a *Asker) Lookup(p *core.Tuple, c *Conn) bool {
	if p.Protocol != unix.IPPROTO_TCP && p.Protocol != unix.IPPROTO_UDP {
		return false
	}
	if a.lookup(p, c) {
		return true
	}
	back := core.Tuple{Src: p.Dst, Dst: p.Src, SrcPort: p.DstPort, DstPort: p.SrcPort, Protocol: p.Protocol, Version: p.Version}
	return a.lookup(&back, c)
}

func (a *Asker) lookup(p *core.Tuple, c *Conn) bool {
	if a.dead {
		return false
	}
	a.number++
	if _, err := unix.Write(a.fd, appendQuestion(a.ask[:0], p, a.number)); err != nil {
		a.dead = errors.Is(err, unix.ECONNREFUSED) || errors.Is(err, unix.EPERM)
		return false
	}
	for { // an answer to an earlier question may be there still
		n, err := unix.Read(a.fd, a.answer[:])
		if err != nil {
			return false
		}
		found, errno := c.answer(a.answer[:n], a.number)
		switch errno {
		case 0:
			if found {
				return true
			}
		case unix.EPERM, unix.EOPNOTSUPP, unix.EINVAL:
			a.dead = true // no right, or no such table
			return false
		default:
			return false
		}
	}
}

// answer reads what the kernel says to a question. False without an error: it is the answer to another.
func (c *Conn) answer(b []byte, number uint32) (found bool, errno unix.Errno) {
	if len(b) < headLen || native.Uint32(b[8:]) != number {
		return false, 0
	}
	n := int(native.Uint32(b))
	switch kind := native.Uint16(b[4:]); {
	case n < headLen || n > len(b):
		return false, unix.EBADMSG
	case kind == unix.NLMSG_ERROR:
		return false, unix.Errno(-int32(native.Uint32(b[unix.SizeofNlMsghdr:])))
	case kind != messageNew || !c.Parse(b[headLen:n]):
		return false, unix.EBADMSG
	}
	return true, 0
}
