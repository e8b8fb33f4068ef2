package afpacket

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// The kernel gives a block that is not full after twice the timeout at the
// latest. Where that is long, the open block is read where it stands.
const (
	drainLimit = 200 * time.Millisecond
	drainSlack = 100 * time.Millisecond
	drainStep  = 2 * time.Millisecond
	drainTries = 500 // steps without a frame, whatever the socket says
)

// end notes that the socket gets no more packets. What it has got is drained.
func (s *socket) end() {
	if s.ended.IsZero() {
		s.ended = time.Now()
	}
}

// hush lets the kernel put no more packets into the socket. A filter that takes
// none does that for every socket; one of a group cannot be bound anew.
func (s *socket) hush() {
	_ = s.raw.Control(func(fd uintptr) { _ = setFilter(int(fd), noPackets) })
}

// hushAll hushes the others of its group too.
func (s *socket) hushAll() {
	if s.group != nil {
		s.group.end()
	} else {
		s.hush()
	}
}

// settle hushes a socket that has ended and waits until no packet is under way
// into it any more: the kernel waits for all that its processors are at whenever
// it closes a packet socket. Close, which may have ended it, hushes it too, but
// perhaps only later.
func (s *socket) settle() {
	if s.settled {
		return
	}
	s.settled = true
	s.shut.Store(true)
	s.hushAll()
	s.hush() // again: the filter of a shunt may have come after that of the group's end
	if fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err == nil {
		_ = unix.Close(fd)
	}
}

// drain lends what an ended socket still has. Once that was all it lets go of
// the socket: no frame is lent then, and none was lost.
func (s *Source) drain(b *core.Batch) error {
	s.sock.settle()
	limit := min(2*s.config.Timeout, drainLimit) + drainSlack
	for more, idle := true, 0; more && idle < drainTries; idle++ {
		passed := time.Since(s.sock.ended)
		b.Frames, more = s.rest(b.Frames, passed > limit)
		if len(b.Frames) > 0 {
			return nil
		}
		if more = more || passed < drainStep; more {
			time.Sleep(drainStep)
		}
	}
	s.release()
	if s.isClosed() {
		return s.finish()
	}
	s.setDown(true)
	s.down = false // no longer: gone
	s.tell(core.Vanished, nil)
	return nil
}

// finish is the last thing that Next does.
func (s *Source) finish() error {
	s.over = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endShunt()
	return os.ErrClosed
}

// rest appends frames of the next block, or of what the receiver still has, and
// says whether there may be more.
func (s *Source) rest(dst []core.Frame, late bool) (_ []core.Frame, more bool) {
	sock := s.sock
	if ring := sock.ring; ring != nil && ring.ready() {
		dst = ring.take(dst)
		if len(dst) == 0 {
			ring.giveBack() // nothing in it was wanted
		}
		return dst, true
	}
	failed := false
	if sock.ring == nil {
		_ = sock.raw.Control(func(fd uintptr) { sock.recv.receive(fd) })
		failed = sock.recv.takeError() != nil // of the interface; the kernel tells it before the packets
		if dst = sock.recv.take(dst); len(dst) > 0 {
			return dst, true
		}
	}
	s.mu.Lock()
	s.collect()
	s.mu.Unlock()
	switch {
	case sock.ring == nil:
		return dst, failed || !late && sock.recv.taken < sock.put // behind an error are packets, however late it is
	case sock.ring.taken >= sock.put:
		return dst, false
	case late:
		dst = sock.ring.takeOpen(dst)
		return dst, len(dst) > 0
	}
	return dst, true
}

// release lets go of the socket. No frame is lent.
func (s *Source) release() {
	s.mu.Lock()
	sock := s.sock
	s.collect()
	s.sock = nil
	if s.shunt != nil {
		s.shunt.attached = false
	}
	s.mu.Unlock()
	sock.free()
}
