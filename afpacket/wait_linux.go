package afpacket

import (
	"errors"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// missedLimit is how many packets in a row the Go poller may fail to announce
// before poll(2) is used: some old kernels and emulators lose the wake-up.
const missedLimit = 4

var errTimeout = errors.New("nothing came")

// waiter waits for packets in the Go poller, which costs fewer context switches
// than poll(2), and in poll(2) where the Go poller does not work.
type waiter struct {
	s      *socket
	check  func(fd uintptr) bool // made once: a closure at each wait would be an allocation
	poll   func(fd uintptr)
	calls  int // of check in this wait
	missed int
	err    error
	limit  time.Duration

	usePoll bool
	wakeFD  int // of waker
	mu      sync.Mutex
	waker   *os.File // eventfd that ends poll(2); nil: none
	woken   bool
}

func (w *waiter) init(s *socket) {
	w.s = s
	w.check, w.poll = w.checkReady, w.pollReady
}

// wait returns nil when packets are there, errTimeout when nothing came or wake
// was called, or the socket's own error such as ENETDOWN.
func (w *waiter) wait(limit time.Duration) error {
	w.calls, w.err, w.limit = 0, nil, limit
	if !w.usePoll {
		err := w.waitPoller()
		if !w.usePoll {
			return err
		}
	}
	if err := w.prepare(); err != nil {
		return err
	}
	if err := w.s.raw.Control(w.poll); err != nil {
		return err
	}
	return w.err
}

// waitPoller waits in the Go poller, or sets usePoll where that does not work.
func (w *waiter) waitPoller() error {
	if err := w.s.file.SetReadDeadline(time.Now().Add(w.limit)); err != nil {
		w.usePoll = true
		return err
	}
	if w.isWoken() { // wake sets a deadline too, which was just put off
		return errTimeout
	}
	err := w.s.raw.Read(w.check)
	switch {
	case err == nil:
		w.missed = 0
		return w.err
	case errors.Is(err, os.ErrDeadlineExceeded):
		found := false
		_ = w.s.raw.Control(func(fd uintptr) { found = w.s.ready(fd) })
		if !found {
			w.missed = 0
			return errTimeout
		}
		if w.missed++; w.missed >= missedLimit {
			w.usePoll = true
		}
		return nil
	case w.takeError():
		return w.err // the poller reports an error of the socket as its own
	}
	w.usePoll = true
	return err
}

// checkReady is called before waiting and after each wake-up.
func (w *waiter) checkReady(fd uintptr) bool {
	if w.s.ready(fd) {
		return true
	}
	w.calls++
	return w.calls > 1 && w.socketError(fd)
}

// socketError takes the error that woke us, if one did.
func (w *waiter) socketError(fd uintptr) bool {
	if v, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); err == nil && v != 0 {
		w.err = unix.Errno(v)
	}
	return w.err != nil
}

func (w *waiter) takeError() (found bool) {
	_ = w.s.raw.Control(func(fd uintptr) { found = w.socketError(fd) })
	return found
}

// pollReady waits in poll(2).
func (w *waiter) pollReady(fd uintptr) {
	if w.s.ready(fd) {
		return
	}
	fds := [2]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN | unix.POLLERR}, {Fd: int32(w.wakeFD), Events: unix.POLLIN}}
	n, err := unix.Poll(fds[:], int(max(w.limit/time.Millisecond, 1)))
	switch {
	case fds[1].Revents != 0:
		w.err = errTimeout
	case err == unix.EINTR || n == 0:
		w.err = errTimeout
	case err != nil:
		w.err = err
	case !w.s.ready(fd) && !w.socketError(fd):
		w.err = errTimeout
	}
}

// prepare makes what wake needs to end poll(2).
func (w *waiter) prepare() (err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.woken {
		return errTimeout
	}
	if w.waker == nil {
		// Blocking, so that os.File leaves it out of the Go poller.
		w.wakeFD, err = unix.Eventfd(0, unix.EFD_CLOEXEC)
		if err == nil {
			w.waker = os.NewFile(uintptr(w.wakeFD), "eventfd")
		}
	}
	return err
}

// wake ends a wait, and those to come.
func (w *waiter) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.woken = true
	_ = w.s.file.SetReadDeadline(time.Now())
	if w.waker != nil {
		_, _ = w.waker.Write([]byte{0, 0, 0, 0, 0, 0, 0, 1})
	}
}

func (w *waiter) isWoken() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.woken
}

func (w *waiter) free() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waker != nil {
		_ = w.waker.Close()
	}
}
