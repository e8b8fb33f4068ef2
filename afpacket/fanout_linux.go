package afpacket

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// uniqueID is a variable so that tests can be refused.
var uniqueID uint32 = unix.PACKET_FANOUT_FLAG_UNIQUEID

// errTurn says that other sockets of the group come first.
var errTurn = errors.New("others of its group come first")

// group is the sockets of one interface that share its packets by flow hash
// (packet(7)). Which socket has a flow follows from how many there are and from
// the order in which they joined. So they join in the order of the shards, get
// no packet before all are there, and leave together.
type group struct {
	mu      sync.Mutex
	id      int
	size    int
	members []*socket     // in the order of the shards
	over    bool          // one of them got no more packets: all leave, before the first comes again
	changed chan struct{} // closed when members changed
}

func newGroup(size int) *group { return &group{size: size, changed: make(chan struct{})} }

// turn says whether the socket of a shard may join now, and else what to wait for.
func (g *group) turn(shard int) (bool, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.next(shard), g.changed
}

// next is turn for who holds mu.
func (g *group) next(shard int) bool { return len(g.members) == shard && !g.over }

// lastID gives groups numbers where the kernel does not.
var lastID atomic.Uint32

// join makes the socket of a shard the last of the group, if it is still its
// turn; the last of all opens all their filters. Fragments are joined first, so that they follow their flow.
func (g *group) join(s *socket, fd, shard int) error {
	how := uint32(unix.PACKET_FANOUT_HASH | unix.PACKET_FANOUT_FLAG_DEFRAG)
	if s.shape().loopback {
		how |= unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING // what the socket asked for does not hold for a group; before Linux 5.4 the walk skips these packets
	}
	set := func(id, how uint32) error {
		return unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT, int(int32(id|how<<16)))
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case !g.next(shard):
		return errTurn
	case len(g.members) > 0:
		if err := set(uint32(g.id), how); err != nil {
			return fmt.Errorf("fanout group %d: %w", g.id, err)
		}
	case set(0, how|uniqueID) == nil: // since Linux 4.12 the kernel finds a free number
		v, err := unix.GetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT)
		if g.id = v & 0xffff; err != nil {
			return err
		}
	default:
		g.id = (os.Getpid() + int(lastID.Add(1))) & 0xffff
		if err := set(uint32(g.id), how); err != nil {
			return fmt.Errorf("fanout group %d: %w", g.id, err)
		}
	}
	s.group = g
	g.members = append(g.members, s)
	g.tell()
	if len(g.members) == g.size {
		for _, m := range g.members {
			var err error
			if control := m.raw.Control(func(fd uintptr) { err = setFilter(int(fd), m.filter) }); control != nil || err != nil {
				return errors.Join(control, err)
			}
		}
	}
	return nil
}

// tell wakes those that wait for their turn. The caller holds mu.
func (g *group) tell() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// whole says that all sockets are there and get packets.
func (g *group) whole() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.members) == g.size && !g.over
}

// end lets none of the sockets have more packets: without one of them, the
// kernel would give its flows to the others.
func (g *group) end() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over {
		return
	}
	g.over = true
	for _, m := range g.members {
		m.shut.Store(true)
		m.hush()
	}
	for _, m := range g.members {
		m.wait.wake()
	}
}

// leave is called once a socket, whose group has ended, is closed.
func (g *group) leave(s *socket) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members = slices.DeleteFunc(g.members, func(m *socket) bool { return m == s })
	g.over = len(g.members) > 0
	g.tell()
}
