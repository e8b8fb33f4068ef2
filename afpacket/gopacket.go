//go:build cgo && gopacket && linux

package afpacket

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/gopacket"
	gopacketring "github.com/google/gopacket/afpacket"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/capture/filter"
)

// gopacketSource is github.com/google/gopacket/afpacket as a core.Source. It
// lends one packet at a time.
type gopacketSource struct {
	config Config
	shape  shape         // of Next alone
	state  atomic.Uint32 // busy, closed
	down   bool          // of Next alone

	mu      sync.Mutex
	handle  *gopacketring.TPacket // nil while the interface is gone or down
	promisc int                   // socket that holds the membership: the library offers none; -1: none
	total   core.Counters         // of the handles before
	handed  core.Counters         // of this handle
}

// busy is a bit of gopacketSource.state beside closed: Next runs, or has lent a frame.
const busy = reading

// OpenGopacket captures through gopacket's own ring, for comparison with Open.
// It is slower, tells no direction, and has no shards; the sizes, the filter
// and the events of Config hold. It needs cgo and the build tag "gopacket".
func OpenGopacket(c Config) (core.Source, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &gopacketSource{config: c, promisc: -1}
	if err := s.open(); err != nil && (!c.Await || !absent(err)) {
		return nil, explain(&c, err)
	}
	return s, nil
}

func (s *gopacketSource) open() error {
	d, err := lookup(s.config.Interface)
	if err != nil {
		return err
	}
	s.shape = d.shape()
	kind := gopacketring.SocketRaw
	if s.shape.cooked {
		kind = gopacketring.SocketDgram
	}
	handle, err := gopacketring.NewTPacket(kind, gopacketring.TPacketVersion3,
		gopacketring.OptInterface(s.config.Interface),
		gopacketring.OptFrameSize(2048),
		gopacketring.OptBlockSize(s.config.BlockBytes),
		gopacketring.OptNumBlocks(s.config.RingBytes/s.config.BlockBytes),
		gopacketring.OptBlockTimeout(s.config.Timeout),
		gopacketring.OptPollTimeout(s.config.Wait))
	if err != nil {
		return err
	}
	promisc := -1
	if err = s.filter(handle); err == nil && s.config.Promiscuous {
		promisc, err = holdPromiscuous(d.index)
	}
	if err != nil {
		handle.Close()
		return err
	}
	s.mu.Lock()
	s.handle, s.promisc = handle, promisc
	s.mu.Unlock()
	return nil
}

// filter drops what came in before it, as the library binds first.
func (s *gopacketSource) filter(handle *gopacketring.TPacket) error {
	program, err := filter.Compile(s.config.Filter, filter.Options{Link: s.shape.link, SnapLength: s.config.SnapLength, Metadata: true})
	if err != nil {
		return fmt.Errorf("filter %q: %w", s.config.Filter, err)
	}
	var code []bpf.RawInstruction
	if s.shape.loopback {
		// ld [SKF_AD_PKTTYPE]; jne PACKET_OUTGOING, over; ret 0
		code = []bpf.RawInstruction{{Op: 0x30, K: 0xfffff004}, {Op: 0x15, Jf: 1, K: packetOutgoing}, {Op: 0x06}}
	}
	for _, in := range program {
		code = append(code, bpf.RawInstruction{Op: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K})
	}
	if err := handle.SetBPF([]bpf.RawInstruction{{Op: 0x06}}); err != nil {
		return fmt.Errorf("filter: %w", err)
	}
	for {
		if _, _, err := handle.ZeroCopyReadPacketData(); err != nil {
			break // the timeout: no more comes past the closed filter
		}
	}
	if err := handle.SetBPF(code); err != nil {
		return fmt.Errorf("filter of %d instructions refused by the kernel: %w", len(code), err)
	}
	return handle.InitSocketStats()
}

// holdPromiscuous gives a socket that receives nothing and keeps the interface promiscuous.
func holdPromiscuous(index int) (int, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	request := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &request); err != nil {
		_ = unix.Close(fd)
		return -1, fmt.Errorf("promiscuous mode: %w", err)
	}
	return fd, nil
}

// Next lends one packet until its next call.
func (s *gopacketSource) Next(b *core.Batch) error {
	b.Frames = b.Frames[:0]
	if s.state.Or(busy)&closed != 0 {
		s.release()
		return os.ErrClosed
	}
	s.fill(b)
	b.Stamp()
	if len(b.Frames) == 0 && s.state.And(^uint32(busy))&closed != 0 {
		s.release()
		return os.ErrClosed
	}
	return nil
}

func (s *gopacketSource) fill(b *core.Batch) {
	if s.handle == nil {
		s.reopen()
		return
	}
	data, info, err := s.handle.ZeroCopyReadPacketData()
	switch {
	case err == nil:
		b.Frames = append(b.Frames, s.frame(data, info))
	case errors.Is(err, gopacketring.ErrTimeout):
	default:
		// The library leaves the socket's error where it is, so that this
		// handle would fail forever.
		s.release()
		s.look()
	}
}

func (s *gopacketSource) frame(data []byte, info gopacket.CaptureInfo) core.Frame {
	f := core.Frame{Data: data, Time: info.Timestamp.UnixNano(), Length: info.Length, Link: s.shape.link}
	for _, a := range info.AncillaryData {
		if v, ok := a.(gopacketring.AncillaryVLAN); ok {
			f.VLAN, f.HasVLAN = uint16(v.VLAN), true
			f.Length += vlanTagBytes
		}
	}
	return f
}

// look says what became of the interface.
func (s *gopacketSource) look() {
	kind := core.Vanished
	if _, err := lookup(s.config.Interface); err == nil {
		kind = core.Down
	}
	s.down = kind == core.Down
	s.tell(kind, nil)
}

// reopen waits and then tries whether the interface is there and up.
func (s *gopacketSource) reopen() {
	time.Sleep(s.config.Wait)
	d, err := lookup(s.config.Interface)
	if errors.Is(err, unix.ENODEV) && s.down {
		s.down = false
		s.tell(core.Vanished, nil)
	}
	if err != nil || !d.up() || s.open() != nil {
		return
	}
	kind := core.Returned
	if s.down {
		kind = core.Up
	}
	s.down = false
	s.tell(kind, nil)
}

func (s *gopacketSource) tell(kind core.ChangeKind, err error) {
	if s.config.Event != nil {
		s.config.Event(core.Change{Interface: s.config.Interface, Kind: kind, Err: err})
	}
}

// Counters are cumulative since OpenGopacket.
func (s *gopacketSource) Counters() core.Counters {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ask()
	return core.Counters{Received: s.total.Received + s.handed.Received, Dropped: s.total.Dropped + s.handed.Dropped, Freezes: s.total.Freezes + s.handed.Freezes}
}

// ask the handle, which adds up itself. The caller holds mu.
func (s *gopacketSource) ask() {
	if s.handle == nil {
		return
	}
	if _, v, err := s.handle.SocketStats(); err == nil {
		s.handed = core.Counters{Received: uint64(v.Packets()), Dropped: uint64(v.Drops()), Freezes: uint64(v.QueueFreezes())}
	}
}

// release closes the handle. Nobody else is in Next and no frame is lent.
func (s *gopacketSource) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ask()
	s.total.Received += s.handed.Received
	s.total.Dropped += s.handed.Dropped
	s.total.Freezes += s.handed.Freezes
	s.handed = core.Counters{}
	if s.handle != nil {
		s.handle.Close()
		s.handle = nil
	}
	if s.promisc >= 0 {
		_ = unix.Close(s.promisc)
		s.promisc = -1
	}
}

// Close ends the capture. A Next that waits returns when Config.Wait has passed.
func (s *gopacketSource) Close() error {
	before := s.state.Or(closed)
	if before&(busy|closed) == 0 {
		s.release()
	}
	return nil
}
