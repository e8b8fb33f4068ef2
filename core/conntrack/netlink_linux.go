package conntrack

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Messages (linux include/uapi/linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h).
const (
	subsystem  = 1 << 8
	messageNew = subsystem // 0 within it
	messageGet = subsystem | 1
	groupNew   = 1
	headLen    = unix.SizeofNlMsghdr + 4 // with family, version and resource
)

// bufferSize holds a message of the kernel's, which it cuts at a page or at 16 KiB.
const bufferSize = 32 << 10

// eventRoom is what the kernel may hold of events that nobody has read yet.
const eventRoom = 512 << 10

// patience is how long the kernel may take for a piece of its answer.
const patience = 2 * time.Second

// Table reads the table of connections. It belongs to one goroutine.
type Table struct {
	file *os.File
	buf  []byte
	seq  uint32
	conn Conn
}

// Open opens the table. Reading needs CAP_NET_ADMIN, and a kernel with nf_conntrack_netlink.
func Open() (*Table, error) {
	f, err := open(0)
	if err != nil {
		return nil, err
	}
	return &Table{file: f, buf: make([]byte, bufferSize)}, nil
}

func open(group int) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_NETFILTER)
	if err == nil {
		if err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err == nil && group != 0 {
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, eventRoom)
			err = unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, group)
		}
		if err != nil {
			_ = unix.Close(fd)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("connections are not told by netlink: %w", err)
	}
	return os.NewFile(uintptr(fd), "conntrack"), nil
}

// Each gives every connection over TCP or UDP to f, lent until it returns, and
// stops after so many bytes of the kernel's answer; whole says that it need not.
// Without the right to look the error is unix.EPERM.
func (t *Table) Each(most int, f func(*Conn)) (whole bool, err error) {
	t.seq++
	var ask [headLen]byte
	binary.NativeEndian.PutUint32(ask[0:], headLen)
	binary.NativeEndian.PutUint16(ask[4:], messageGet)
	binary.NativeEndian.PutUint16(ask[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	binary.NativeEndian.PutUint32(ask[8:], t.seq)
	if _, err := t.file.Write(ask[:]); err != nil {
		return false, err
	}
	_ = t.file.SetReadDeadline(time.Now().Add(patience))
	for sum := 0; ; {
		n, err := t.file.Read(t.buf)
		if err != nil {
			return false, err
		}
		if done, err := messages(t.buf[:n], t.seq, &t.conn, f); done || err != nil {
			return err == nil, err
		}
		if sum += n; sum >= most {
			return false, t.again()
		}
	}
}

// again opens the socket anew, which ends an answer that is not read to its end.
func (t *Table) again() error {
	f, err := open(0)
	if err != nil {
		return err
	}
	t.file.Close()
	t.file = f
	return nil
}

// Close closes the table.
func (t *Table) Close() { t.file.Close() }

// messages takes the connections out of what the kernel has sent: of one
// answer, or any where seq is 0. done says that an answer is at its end.
func messages(b []byte, seq uint32, c *Conn, f func(*Conn)) (done bool, err error) {
	for len(b) >= unix.SizeofNlMsghdr {
		n := int(binary.NativeEndian.Uint32(b))
		if n < unix.SizeofNlMsghdr || n > len(b) {
			return false, errors.New("the kernel's answer is cut")
		}
		kind, of, body := binary.NativeEndian.Uint16(b[4:]), binary.NativeEndian.Uint32(b[8:]), b[unix.SizeofNlMsghdr:n]
		b = b[min((n+3)&^3, len(b)):]
		switch {
		case seq != 0 && of != seq:
		case kind == unix.NLMSG_DONE:
			return true, nil
		case kind == unix.NLMSG_ERROR && len(body) >= 4:
			if code := int32(binary.NativeEndian.Uint32(body)); code != 0 {
				return true, unix.Errno(-code)
			}
		case kind == messageNew && len(body) >= 4:
			if c.Parse(body[4:]) {
				f(c)
			}
		}
	}
	return false, nil
}

// Watcher tells of new connections.
type Watcher struct {
	file *os.File
	done sync.WaitGroup
}

// Watch gives every connection that begins to f, from a goroutine of its own,
// lent until f returns. lost is called when some were missed.
func Watch(f func(*Conn), lost func()) (*Watcher, error) {
	file, err := open(groupNew)
	if err != nil {
		return nil, err
	}
	w := &Watcher{file: file}
	w.done.Add(1)
	go func() {
		defer w.done.Done()
		buf := make([]byte, bufferSize)
		var c Conn
		for {
			n, err := file.Read(buf)
			switch {
			case errors.Is(err, unix.ENOBUFS):
				lost()
			case err != nil:
				return
			default:
				_, _ = messages(buf[:n], 0, &c, f)
			}
		}
	}()
	return w, nil
}

// Close ends the telling, and returns when it has ended.
func (w *Watcher) Close() {
	w.file.Close()
	w.done.Wait()
}
