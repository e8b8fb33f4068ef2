package afpacket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/capture/filter"
)

// ringVersion is a variable so that tests can be refused.
var ringVersion = unix.TPACKET_V3

// errDown says that a socket cannot join a group while its interface is down.
var errDown = fmt.Errorf("it is down: set it up first: %w", unix.ENETDOWN)

// socket is one bound AF_PACKET socket with its ring, or its receiver where the
// kernel refused a ring. It lives until its interface is gone.
type socket struct {
	device
	file    *os.File
	raw     syscall.RawConn
	ring    *ring     // nil: receiver
	recv    *receiver // nil: ring
	memory  *mapping  // of the ring
	wait    waiter
	put     uint64    // packets that the kernel has put into the socket, when it was last asked
	ended   time.Time // since when it gets no more; zero: it still does
	settled bool      // nothing is under way into it

	group  *group            // nil: none
	filter []unix.SockFilter // of one of a group, for when all are there
	shut   atomic.Bool       // it, or its group, has ended

	notice string
}

// openSocket opens with a ring, or without where that is refused and allowed.
func openSocket(c *Config) (*socket, error) {
	if c.Method == Socket {
		return tryOpen(c, false)
	}
	s, err := tryOpen(c, true)
	var refused *ringError
	if !errors.As(err, &refused) || c.Method == Ring {
		return s, err
	}
	if s, err = tryOpen(c, false); err == nil {
		s.notice = join(fmt.Sprintf("%s: the kernel refused a ring (%v): packets are read one by one, at more cost", c.Interface, refused.err), s.notice)
	}
	return s, err
}

// ringError is the kernel's refusal of a ring, which reading without one may get around.
type ringError struct{ err error }

func (e *ringError) Error() string {
	return "ring: " + e.err.Error() + `: use method "socket"`
}
func (e *ringError) Unwrap() error { return e.err }

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// tryOpen does everything in the order that loses and leaks nothing: the socket
// has no protocol until bind, so it receives nothing before its filter and ring
// are in place, and nothing unfiltered has to be drained.
func tryOpen(c *Config, withRing bool) (_ *socket, err error) {
	d, err := lookup(c.Interface)
	if err != nil {
		return nil, err
	}
	if c.fanout != nil {
		if !d.up() {
			return nil, errDown
		}
		if mine, _ := c.fanout.turn(c.shard); !mine {
			return nil, errTurn
		}
	}
	s := &socket{device: d}
	s.wait.init(s)
	shape := d.shape()
	kind := unix.SOCK_RAW
	if shape.cooked {
		kind = unix.SOCK_DGRAM
	}
	fd, err := unix.Socket(unix.AF_PACKET, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	defer func() {
		if err != nil {
			if s.file == nil {
				_ = unix.Close(fd)
			}
			s.free()
		}
	}()
	snap := c.SnapLength
	if !withRing {
		s.recv = newReceiver(fd, c, shape)
		if !s.recv.auxiliary {
			s.notice = c.Interface + ": the kernel tells no VLAN tags"
			snap = 0 // it would tell the length after the cut: recvmsg cuts instead
		}
	}
	code, err := compile(c, shape.link, snap)
	if err != nil {
		return nil, err
	}
	first := code
	if c.fanout != nil {
		first = noPackets
	}
	if err := setFilter(fd, first); err != nil {
		return nil, err
	}
	if withRing {
		if err := s.mapRing(fd, c, shape); err != nil {
			return nil, err
		}
	}
	if shape.loopback {
		// Since Linux 4.20; before, the walk skips these packets.
		_ = unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_IGNORE_OUTGOING, 1)
	}
	if c.Promiscuous && !shape.loopback {
		s.promiscuous(fd, c)
	}
	address := &unix.SockaddrLinklayer{Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: d.index}
	if err := unix.Bind(fd, address); err != nil {
		return nil, fmt.Errorf("bind to interface %d: %w", d.index, err)
	}
	s.file = os.NewFile(uintptr(fd), "af_packet:"+c.Interface)
	if s.raw, err = s.file.SyscallConn(); err != nil {
		return nil, err
	}
	if c.fanout != nil {
		s.filter = code
		if err = c.fanout.join(s, fd, c.shard); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// noPackets is the filter that takes no packet.
var noPackets = []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K}}

// compile makes the filter for the link. Its answer is the snap length, so the
// kernel copies no more; 0 is everything.
func compile(c *Config, link core.LinkType, snap int) ([]unix.SockFilter, error) {
	program, err := filter.Compile(c.Filter, filter.Options{Link: link, SnapLength: snap, Metadata: true})
	if err != nil {
		return nil, fmt.Errorf("filter %q: %w", c.Filter, err)
	}
	code := make([]unix.SockFilter, len(program))
	for i, in := range program {
		code[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	return code, nil
}

func setFilter(fd int, code []unix.SockFilter) error {
	prog := unix.SockFprog{Len: uint16(len(code)), Filter: &code[0]}
	if err := unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog); err != nil {
		return fmt.Errorf("filter of %d instructions refused by the kernel: %w", len(code), err)
	}
	return nil
}

// isOpen says that the socket is to get packets: one that has ended is not, nor
// is one of a group before all others are there.
func (s *socket) isOpen() bool { return !s.shut.Load() && (s.group == nil || s.group.whole()) }

// mapRing asks for a ring and maps it. Errors are *ringError.
func (s *socket) mapRing(fd int, c *Config, shape shape) error {
	const frame = 2048 // the kernel wants a size that divides a block, and packs V3 frames of any size
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, ringVersion); err != nil {
		return &ringError{fmt.Errorf("TPACKET_V3: %w", err)}
	}
	request := unix.TpacketReq3{
		Block_size:     uint32(c.BlockBytes),
		Block_nr:       uint32(c.RingBytes / c.BlockBytes),
		Frame_size:     frame,
		Frame_nr:       uint32(c.RingBytes / frame),
		Retire_blk_tov: uint32(c.Timeout / time.Millisecond),
	}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &request); err != nil {
		return &ringError{fmt.Errorf("%d blocks of %d bytes: %w: make it smaller", request.Block_nr, c.BlockBytes, err)}
	}
	mem, err := mapShared(fd, c.RingBytes)
	if err != nil {
		return &ringError{fmt.Errorf("mmap of %d bytes: %w: make it smaller", c.RingBytes, err)}
	}
	s.ring = &ring{shape: shape, mem: mem, block: c.BlockBytes}
	s.memory = &mapping{ring: s.ring}
	// Whoever forgets a source leaves the mapping to the collector.
	runtime.AddCleanup(s, (*mapping).forget, s.memory)
	return nil
}

// promiscuous asks for frames to everyone. The kernel ends it with the socket.
func (s *socket) promiscuous(fd int, c *Config) {
	request := unix.PacketMreq{Ifindex: int32(s.index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &request); err != nil {
		s.notice = join(s.notice, fmt.Sprintf("%s: promiscuous mode refused (%v): frames between other machines stay unseen", c.Interface, err))
	}
}

// ready says whether packets are there to take; a receiver reads them at once.
func (s *socket) ready(fd uintptr) bool {
	if s.ring != nil {
		return s.ring.ready()
	}
	return s.recv.receive(fd)
}

// gone says whether the kernel has taken the socket off its interface.
func (s *socket) gone() bool {
	gone := false
	err := s.raw.Control(func(fd uintptr) {
		address, err := unix.Getsockname(int(fd))
		ll, ok := address.(*unix.SockaddrLinklayer)
		gone = err != nil || !ok || ll.Ifindex != s.index
	})
	return gone || err != nil
}

// giveBack ends the loan of frames.
func (s *socket) giveBack() {
	if s.ring != nil {
		s.ring.giveBack()
	}
}

// counters since they were last asked for: the kernel forgets what it has told.
func (s *socket) counters() (c core.Counters) {
	_ = s.raw.Control(func(fd uintptr) {
		if s.ring == nil {
			if v, err := unix.GetsockoptTpacketStats(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
				c = core.Counters{Received: uint64(v.Packets), Dropped: uint64(v.Drops)}
				s.put += c.Received - c.Dropped
			} else {
				c = core.Counters{Received: s.recv.count.Swap(0)} // what it drops, it does not tell
			}
		} else if v, err := unix.GetsockoptTpacketStatsV3(int(fd), unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			c = core.Counters{Received: uint64(v.Packets), Dropped: uint64(v.Drops), Freezes: uint64(v.Freeze_q_cnt)}
			c.Corrupt = s.ring.corrupt.Swap(0)
			s.put += c.Received - c.Dropped // the kernel counts what it drops as received too
		}
	})
	return c
}

// free closes the socket and unmaps the ring: no frame may be lent, nobody may wait.
func (s *socket) free() {
	if s.group != nil {
		s.group.end()
	}
	if s.file != nil {
		_ = s.file.Close()
	}
	if s.group != nil {
		s.group.leave(s)
	}
	if s.memory != nil {
		s.memory.free()
	}
	s.wait.free()
}

// networkOrder of a protocol, as the kernel wants it in a number.
func networkOrder(v uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return binary.NativeEndian.Uint16(b[:])
}
