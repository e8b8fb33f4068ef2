package afpacket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// DefaultShunt is how many directions of flows the kernel counts by itself.
const DefaultShunt = 2048

// shuntKey is a core.Tuple as the program builds it: ports in network order.
type shuntKey struct {
	src, dst      [16]byte
	ports         [4]byte
	protocol, ver uint8
	_             [2]uint8
}

// shuntValue is what the program counts.
type shuntValue struct{ packets, bytes, seen uint64 }

// shunt is a socket filter and its maps. The filter takes the place of the
// classic one only once a flow is to be shunted, so an agent that never shunts
// pays nothing for it.
type shunt struct {
	prog, m  int
	marks    int   // map of one bit for each hash: whether the other map may have it
	attached bool  // to the source's socket
	used     bool  // it was attached: there may be flows in the map
	err      error // why there is none
	key      shuntKey
	value    shuntValue
	word     uint32               // which 64 marks
	bits     uint64               // their value
	marked   [1 << markBits]uint8 // directions of each hash, 255 standing for ever
}

// Most packets are of flows that are not shunted. To look for them in the map
// costs more than all else that the program does, so a hash of a few
// instructions goes before: the same for both directions of a flow, and out
// of the lowest words of the addresses.
const (
	markBits  = 12
	markPrime = -0x61c88647 // 2^32 over the golden ratio
)

func (k *shuntKey) hash() uint32 {
	low := 0
	if k.ver == 6 {
		low = 12
	}
	word := binary.NativeEndian.Uint32
	prime := int32(markPrime)
	return (word(k.src[low:]) ^ word(k.dst[low:]) ^ word(k.ports[:])) * uint32(prime) >> (32 - markBits)
}

// Places on the program's stack, below register 10. The IP header lies so that
// the addresses and ports of IPv6 are where the key has them.
const (
	stackKey   = -48
	stackHead6 = stackKey - 8
	stackHead4 = -96
	stackWord  = -104 // of marks
)

// Bytes after the link header up to and including TCP's flags (RFC 9293,
// section 3.1), which one call reads: calls are what the program costs. A
// datagram of UDP that is shorter passes.
const (
	reach4 = 20 + 14
	reach6 = 40 + 14
)

// skbProtocol is the place of the Ethernet type in what a program is given
// (struct __sk_buff), in network order. It is known without a call.
const skbProtocol = 16

// everyNth packet of a shunted flow is lent, so that its end is noticed and time passes.
const everyNth = 256

// shuntProgram counts and drops the packets of flows in the map, and passes
// every other packet with snap bytes. l2 is the length of the link header.
// What it does not understand (fragments, IPv4 options, IPv6 extension headers,
// second tags) passes.
func shuntProgram(mapFD, marksFD int, l2, snap int32) []insn {
	a := &assembler{labels: map[string]int{}, jumps: map[int]string{}}
	a.add(opMove, 6, 1, 0, 0)
	a.add(opLoadWord, 1, 6, skbProtocol, 0)
	a.jump(opJumpEqual, 1, network16(unix.ETH_P_IP), "ipv4")
	a.jump(opJumpNot, 1, network16(unix.ETH_P_IPV6), "pass")

	a.skbBytes(l2, stackHead6, reach6, "pass")
	a.add(opLoadByte, 9, 10, stackHead6+6, 0)     // next header (RFC 8200, section 3)
	a.add(opLoadByte, 8, 10, stackHead6+40+13, 0) // TCP's flags
	a.add(opLoadHalf, 7, 10, stackHead6+4, 0)     // payload length
	a.add(opToBig16, 7, 0, 0, 16)
	a.jump(opJumpEqual, 7, 0, "pass") // larger than the length field tells
	a.add(opAddConst, 7, 0, 0, 40)
	a.add(opLoadWord, 6, 10, stackKey+12, 0)
	for _, at := range []int16{28, 32} {
		a.add(opLoadWord, 1, 10, stackKey+at, 0)
		a.add(opXor, 6, 1, 0, 0)
	}
	a.add(opMoveConst, 1, 0, 0, 6)
	a.jump(opJump, 0, 0, "transport")

	a.label("ipv4")
	a.skbBytes(l2, stackHead4, reach4, "pass")
	a.add(opLoadByte, 1, 10, stackHead4, 0)
	a.jump(opJumpNot, 1, 0x45, "pass")        // version and header length (RFC 791, section 3.1)
	a.add(opLoadHalf, 1, 10, stackHead4+6, 0) // flags and fragment offset
	a.jump(opJumpSet, 1, network16(0x3fff), "pass")
	a.add(opLoadByte, 9, 10, stackHead4+9, 0)
	a.add(opLoadByte, 8, 10, stackHead4+20+13, 0)
	a.add(opLoadHalf, 7, 10, stackHead4+2, 0)
	a.add(opToBig16, 7, 0, 0, 16)
	a.jump(opJumpEqual, 7, 0, "pass")
	a.add(opMoveConst, 6, 0, 0, 0)
	for _, w := range [][2]int16{{12, 0}, {16, 16}, {20, 32}} { // addresses and ports
		a.add(opLoadWord, 1, 10, stackHead4+w[0], 0)
		a.add(opStoreWord, 10, 1, stackKey+w[1], 0)
		a.add(opXor, 6, 1, 0, 0)
	}
	for _, part := range []int16{0, 16} {
		a.add(opZeroWord, 10, 0, stackKey+part+4, 0)
		a.add(opZeroLong, 10, 0, stackKey+part+8, 0)
	}
	a.add(opMoveConst, 1, 0, 0, 4)

	a.label("transport")
	a.jump(opJumpEqual, 9, 17, "mark")
	a.jump(opJumpNot, 9, 6, "pass")
	a.label("mark")
	a.add(opZeroWord, 10, 0, stackKey+36, 0)
	a.add(opStoreByte, 10, 9, stackKey+36, 0)
	a.add(opStoreByte, 10, 1, stackKey+37, 0)
	a.add(opTimes32, 6, 0, 0, markPrime)
	a.add(opRight32, 6, 0, 0, 32-markBits)
	a.add(opMove, 1, 6, 0, 0)
	a.add(opRight32, 1, 0, 0, 6)
	a.add(opStoreWord, 10, 1, stackWord, 0)
	a.lookup(marksFD, stackWord, "pass")
	a.add(opLoadLong, 1, 0, 0, 0)
	a.add(opAndConst, 6, 0, 0, 63)
	a.add(opRight, 1, 6, 0, 0)
	a.add(opAndConst, 1, 0, 0, 1)
	a.jump(opJumpEqual, 1, 0, "pass")
	a.lookup(mapFD, stackKey, "pass")
	a.jump(opJumpNot, 9, 6, "count")
	a.jump(opJumpSet, 8, 0x07, "pass") // FIN, SYN, RST

	a.label("count")
	a.add(opMoveConst, 1, 0, 0, 1)
	a.add(opAtomicAdd, 0, 1, 16, 0)
	a.add(opLoadLong, 2, 0, 16, 0)
	a.add(opAndConst, 2, 0, 0, everyNth-1)
	a.jump(opJumpEqual, 2, 0, "pass")
	a.add(opAtomicAdd, 0, 1, 0, 0)
	a.add(opAtomicAdd, 0, 7, 8, 0)
	a.add(opMoveConst, 0, 0, 0, 0)
	a.add(opExit, 0, 0, 0, 0)

	a.label("pass")
	a.add(opMoveConst, 0, 0, 0, snap)
	a.add(opExit, 0, 0, 0, 0)
	return a.finish()
}

// network16 is v as a half word loaded from a packet looks on this machine.
func network16(v uint16) int32 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return int32(binary.NativeEndian.Uint16(b[:]))
}

// openShunt makes map and program; it attaches nothing.
func openShunt(c *Config, shape shape) *shunt {
	s := &shunt{prog: -1, m: -1, marks: -1}
	unsupported := func(format string, args ...any) *shunt {
		s.err = fmt.Errorf("flows are not left to the kernel: "+format+" (%w)", append(args, errors.ErrUnsupported)...)
		s.close()
		return s
	}
	switch {
	case c.Shunt == 0:
		return unsupported("switched off")
	case c.Filter != "":
		return unsupported("the interface has a filter, and a socket holds one only")
	case shape.loopback || shape.link != core.LinkEthernet:
		return unsupported("the interface is no Ethernet")
	}
	if kept := c.Keep.take(c); kept != nil {
		return kept
	}
	var err error
	if s.m, err = createMap(mapHash, int(unsafe.Sizeof(shuntKey{})), int(unsafe.Sizeof(shuntValue{})), c.Shunt); err == nil {
		s.marks, err = createMap(mapArray, 4, 8, 1<<markBits/64)
	}
	if err != nil {
		return unsupported("bpf map: %v: it needs CONFIG_BPF_SYSCALL, and root or CAP_BPF at the start", err)
	}
	if s.prog, err = loadProgram(shuntProgram(s.m, s.marks, 14, int32(c.SnapLength))); err != nil {
		return unsupported("bpf program: %v", err)
	}
	return s
}

func (s *shunt) close() {
	for _, fd := range []*int{&s.prog, &s.m, &s.marks} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
			*fd = -1
		}
	}
}

func (s *shunt) attach(sock *socket) (err error) {
	control := sock.raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, soAttachBPF, s.prog)
	})
	if err == nil {
		err = control
	}
	if err != nil {
		return fmt.Errorf("bpf program refused by the socket: %w (%w)", err, errors.ErrUnsupported)
	}
	s.attached, s.used = true, true
	return nil
}

// goOn lets the kernel count the flows of before in a socket that came later.
// Until it can, they are lent. The caller holds mu.
func (s *Source) goOn() {
	if sh := s.shunt; sh != nil && sh.used && !sh.attached && sh.err == nil && s.sock.isOpen() && fits(s.sock) == nil {
		_ = sh.attach(s.sock)
	}
}

// fits says why the program cannot read what a socket gives.
func fits(sock *socket) error {
	switch {
	case sock.ring == nil:
		return errors.New("flows are not left to the kernel: there is no ring any more")
	case sock.ring.loopback || sock.ring.link != core.LinkEthernet:
		return errors.New("flows are not left to the kernel: the interface is no Ethernet any more")
	}
	return nil
}

func (s *shunt) add(t *core.Tuple) error {
	s.key, s.value = keyOf(t), shuntValue{}
	if err := s.mark(1); err != nil {
		return err
	}
	err := s.element(cmdMapUpdate, updateNoExist)
	if err != nil {
		_ = s.mark(-1)
	}
	return err
}

func (s *shunt) remove(t *core.Tuple) {
	s.key = keyOf(t)
	if s.element(cmdMapDelete, 0) == nil {
		_ = s.mark(-1)
	}
}

// mark counts a direction more or less with the hash of key, and tells the
// program where that is the first or was the last.
func (s *shunt) mark(by int) error {
	h := s.key.hash()
	before := s.marked[h]
	if before == 255 {
		return nil
	}
	s.marked[h] = uint8(int(before) + by)
	if before != 0 && s.marked[h] != 0 {
		return nil
	}
	s.word, s.bits = h/64, 0
	for i, n := range s.marked[h/64*64:][:64] {
		if n != 0 {
			s.bits |= 1 << i
		}
	}
	err := s.bpf(cmdMapUpdate, s.marks, unsafe.Pointer(&s.word), unsafe.Pointer(&s.bits), 0)
	if err != nil {
		s.marked[h] = before
	}
	return err
}

func keyOf(t *core.Tuple) (k shuntKey) {
	k.src, k.dst, k.protocol, k.ver = t.Src, t.Dst, t.Protocol, t.Version
	binary.BigEndian.PutUint16(k.ports[0:], t.SrcPort)
	binary.BigEndian.PutUint16(k.ports[2:], t.DstPort)
	return k
}

// Shunt is core.Shunter's.
func (s *Source) Shunt(t *core.Tuple) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sock == nil {
		return errors.New("the interface is gone")
	}
	sh := s.shunt
	if sh == nil {
		return fmt.Errorf("flows are not left to the kernel without a ring (%w)", errors.ErrUnsupported)
	}
	if sh.err != nil {
		return sh.err
	}
	if err := fits(s.sock); err != nil {
		return err
	}
	if !sh.attached {
		if !s.sock.isOpen() {
			return errors.New("the socket is not open")
		}
		if err := sh.attach(s.sock); err != nil {
			sh.err = err
			return err
		}
	}
	if err := sh.add(t); err != nil {
		if err == unix.EPERM {
			sh.err = fmt.Errorf("flows are not left to the kernel: this kernel wants CAP_BPF for it, which was given up (%w)", errors.ErrUnsupported)
			return sh.err
		}
		return err
	}
	return nil
}

// Shunted is core.Shunter's. It answers while the interface is gone, too.
func (s *Source) Shunted(t *core.Tuple) (core.Count, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shunt == nil || !s.shunt.used {
		return core.Count{}, false
	}
	sh := s.shunt
	sh.key = keyOf(t)
	if sh.element(cmdMapLookup, 0) != nil {
		return core.Count{}, false
	}
	return core.Count{Packets: sh.value.packets, Bytes: sh.value.bytes}, true
}

// Unshunt is core.Shunter's.
func (s *Source) Unshunt(t *core.Tuple) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shunt != nil && s.shunt.used {
		s.shunt.remove(t)
	}
}

// keepShunt makes it the source's; whoever forgets a source leaves it to the collector.
func (s *Source) keepShunt(sh *shunt) {
	s.shunt = sh
	s.forget = runtime.AddCleanup(s, (*shunt).close, sh)
}

// endShunt closes map and program, or leaves them to a source that comes later.
// The caller holds mu.
func (s *Source) endShunt() {
	if s.shunt == nil {
		return
	}
	s.forget.Stop()
	if !s.config.Keep.put(&s.config, s.shunt) {
		s.shunt.close()
	}
	s.shunt = nil
}

// Keep holds the programs and maps of sources that were closed for sources that
// are opened later: to make others takes CAP_BPF, which may be given up
// meanwhile. The zero value is empty. Any goroutine may use it.
type Keep struct {
	mu     sync.Mutex
	shunts map[shuntKind][]*shunt
}

// shuntKind is what a program and its maps are made for.
type shuntKind struct{ flows, snap int }

// take gives what was kept for such a source; nil: nothing.
func (k *Keep) take(c *Config) *shunt {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	list := k.shunts[shuntKind{c.Shunt, c.SnapLength}]
	if len(list) == 0 {
		return nil
	}
	sh := list[len(list)-1]
	k.shunts[shuntKind{c.Shunt, c.SnapLength}] = list[:len(list)-1]
	return sh
}

// put keeps what a source has no use for any more. It refuses what still holds
// flows, and what the kernel refused.
func (k *Keep) put(c *Config, sh *shunt) bool {
	if k == nil || sh.err != nil || sh.marked != [len(sh.marked)]uint8{} {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shunts == nil {
		k.shunts = map[shuntKind][]*shunt{}
	}
	kind := shuntKind{c.Shunt, c.SnapLength}
	sh.attached, sh.used = false, false
	k.shunts[kind] = append(k.shunts[kind], sh)
	return true
}
