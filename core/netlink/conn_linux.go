package netlink

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// answerSize holds a message of the kernel's, which it cuts at a page or at 32 KiB.
const answerSize = 32 << 10

// Conn talks to netfilter. The kernel answers a question before the call that
// asks returns, so that nothing here waits. It belongs to one goroutine.
type Conn struct {
	fd     int
	number uint32
	buf    []byte
}

// Open opens a way to netfilter. It needs CAP_NET_ADMIN, which shows with the first question.
func Open() (*Conn, error) {
	fd, err := socket(unix.SOCK_NONBLOCK)
	if err != nil {
		return nil, err
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1) // an error without what caused it
	return &Conn{fd: fd, buf: make([]byte, answerSize)}, nil
}

func socket(flags int) (int, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|flags, unix.NETLINK_NETFILTER)
	if err != nil {
		return -1, err
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// Lacking says where to get what the kernel has not: a package of OpenWrt, and a module.
func Lacking(kmod, module string) string {
	return "install " + kmod + " on OpenWrt, or run `modprobe " + module + "`, which the kernel's own package has (linux-image-$(uname -r) on Debian)"
}

// Close ends it.
func (c *Conn) Close() error { return unix.Close(c.fd) }

// Number gives the number for the next message.
func (c *Conn) Number() uint32 {
	c.number++
	return c.number
}

// Port is what notifications of what this socket did have as From; 0: not known.
func (c *Conn) Port() uint32 {
	a, err := unix.Getsockname(c.fd)
	if n, ok := a.(*unix.SockaddrNetlink); ok && err == nil {
		return n.Pid
	}
	return 0
}

// Send hands messages to the kernel, and gives every answer to f, lent.
// unix.ENOBUFS: there were more answers than the socket holds, and what became
// of some messages is not known. Those that it holds were given to f: else the
// next question would get them.
func (c *Conn) Send(b []byte, f func(a *Answer)) error {
	if _, err := unix.Write(c.fd, b); err != nil {
		return err
	}
	var missed error
	for {
		n, err := unix.Read(c.fd, c.buf)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return missed
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.ENOBUFS):
			missed = err
			continue
		case err != nil:
			return err
		}
		for b := c.buf[:n]; ; {
			a, rest, ok := Next(b)
			if !ok {
				break
			}
			f(&a)
			b = rest
		}
	}
}

// Ask hands one message or one batch to the kernel, gives what it answers to f, and the first error it has.
func (c *Conn) Ask(b []byte, f func(a *Answer)) error {
	var errno int
	err := c.Send(b, func(a *Answer) {
		switch a.Kind {
		case KindError, KindDone:
			if n := a.Errno(); n != 0 && errno == 0 {
				errno = n
			}
		default:
			f(a)
		}
	})
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	return err
}

// Watcher hears what others change.
type Watcher struct{ file *os.File }

// Watch hears messages of a group of netfilter of those kinds that no one of
// own made; 0 among them is what happened by itself. room is what the kernel may hold of those nobody has read.
func Watch(group, room int, kinds []uint16, own []uint32) (*Watcher, error) {
	fd, err := socket(unix.SOCK_NONBLOCK)
	if err != nil {
		return nil, err
	}
	prog := filter(kinds, own)
	if err = unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, prog); err == nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room)
		err = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, group)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return &Watcher{file: os.NewFile(uintptr(fd), "netlink")}, nil
}

// filter keeps messages of kinds whose head does not name one of own. Loads
// swap to network order what the heads have in the machine's.
func filter(kinds []uint16, own []uint32) *unix.SockFprog {
	const load32, load16, equal, give = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_LD | unix.BPF_H | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	var b [4]byte
	p := []unix.SockFilter{{Code: load32, K: 12}}
	for _, o := range own {
		native.PutUint32(b[:], o)
		p = append(p, unix.SockFilter{Code: equal, Jf: 1, K: be32(b[:])}, unix.SockFilter{Code: give})
	}
	p = append(p, unix.SockFilter{Code: load16, K: 4})
	for _, k := range kinds {
		native.PutUint16(b[:], k)
		p = append(p, unix.SockFilter{Code: equal, Jf: 1, K: be32([]byte{0, 0, b[0], b[1]})}, unix.SockFilter{Code: give, K: 1 << 18})
	}
	p = append(p, unix.SockFilter{Code: give})
	return &unix.SockFprog{Len: uint16(len(p)), Filter: unsafe.SliceData(p)}
}

func be32(b []byte) uint32 {
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
}

// Next gives what came next to f, message by message, lent. unix.ENOBUFS: some
// was missed. os.ErrClosed: Close was called.
func (w *Watcher) Next(buf []byte, f func(a *Answer)) error {
	n, err := w.file.Read(buf)
	if err != nil {
		return err
	}
	for b := buf[:n]; ; {
		a, rest, ok := Next(b)
		if !ok {
			return nil
		}
		f(&a)
		b = rest
	}
}

// Close ends it, from any goroutine.
func (w *Watcher) Close() error { return w.file.Close() }
