package afpacket

import (
	"encoding/binary"
	"errors"
	"fmt"
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

// shunt is a socket filter and its map. The filter takes the place of the
// classic one only once a flow is to be shunted, so an agent that never shunts
// pays nothing for it.
type shunt struct {
	prog, m  int
	attached bool
	err      error // why there is none
	key      shuntKey
	value    shuntValue
}

// Places on the program's stack, below register 10.
const (
	stackKey   = -40
	stackType  = -48
	stackHead  = -88 // IPv4 or IPv6 header
	stackFlags = -48
)

// everyNth packet of a shunted flow is lent, so that its end is noticed and time passes.
const everyNth = 256

// shuntProgram counts and drops the packets of flows in the map, and passes
// every other packet with snap bytes. l2 is the length of the link header.
// What it does not understand (fragments, IPv4 options, IPv6 extension headers,
// second tags) passes.
func shuntProgram(mapFD int, l2, snap int32) []insn {
	a := &assembler{labels: map[string]int{}, jumps: map[int]string{}}
	a.add(opMove, 6, 1, 0, 0)
	for off := int16(stackKey); off < 0; off += 8 {
		a.add(opStoreZero, 10, 0, off, 0)
	}
	a.skbBytes(l2-2, stackType, 2, "pass")
	a.add(opLoadHalf, 1, 10, stackType, 0)
	a.jump(opJumpEqual, 1, network16(unix.ETH_P_IP), "ipv4")
	a.jump(opJumpNot, 1, network16(unix.ETH_P_IPV6), "pass")

	a.skbBytes(l2, stackHead, 40, "pass")
	a.add(opLoadByte, 9, 10, stackHead+6, 0) // next header (RFC 8200, section 3)
	a.add(opLoadHalf, 7, 10, stackHead+4, 0) // payload length
	a.add(opToBig16, 7, 0, 0, 16)
	a.add(opAddConst, 7, 0, 0, 40)
	for i := int16(0); i < 32; i += 4 {
		a.add(opLoadWord, 1, 10, stackHead+8+i, 0)
		a.add(opStoreWord, 10, 1, stackKey+i, 0)
	}
	a.add(opMoveConst, 8, 0, 0, l2+40)
	a.add(opMoveConst, 1, 0, 0, 6)
	a.jump(opJump, 0, 0, "ports")

	a.label("ipv4")
	a.skbBytes(l2, stackHead, 20, "pass")
	a.add(opLoadByte, 1, 10, stackHead, 0)
	a.jump(opJumpNot, 1, 0x45, "pass")       // version and header length (RFC 791, section 3.1)
	a.add(opLoadHalf, 1, 10, stackHead+6, 0) // flags and fragment offset
	a.jump(opJumpSet, 1, network16(0x3fff), "pass")
	a.add(opLoadByte, 9, 10, stackHead+9, 0)
	a.add(opLoadHalf, 7, 10, stackHead+2, 0)
	a.add(opToBig16, 7, 0, 0, 16)
	a.add(opLoadWord, 1, 10, stackHead+12, 0)
	a.add(opStoreWord, 10, 1, stackKey, 0)
	a.add(opLoadWord, 1, 10, stackHead+16, 0)
	a.add(opStoreWord, 10, 1, stackKey+16, 0)
	a.add(opMoveConst, 8, 0, 0, l2+20)
	a.add(opMoveConst, 1, 0, 0, 4)

	a.label("ports")
	a.jump(opJumpEqual, 7, 0, "pass") // larger than the length field tells
	a.add(opStoreByte, 10, 9, stackKey+36, 0)
	a.add(opStoreByte, 10, 1, stackKey+37, 0)
	a.jump(opJumpEqual, 9, 17, "load")
	a.jump(opJumpNot, 9, 6, "pass")
	a.label("load")
	a.skbBytes(-1, stackKey+32, 4, "pass")
	a.add(opLoadConst, 1, pseudoMapFD, 0, int32(mapFD))
	a.add(0, 0, 0, 0, 0)
	a.add(opMove, 2, 10, 0, 0)
	a.add(opAddConst, 2, 0, 0, stackKey)
	a.add(opCall, 0, 0, 0, callLookup)
	a.jump(opJumpEqual, 0, 0, "pass")
	a.add(opLoadByte, 1, 10, stackKey+36, 0)
	a.add(opMove, 9, 0, 0, 0)
	a.jump(opJumpNot, 1, 6, "count")
	a.add(opAddConst, 8, 0, 0, 13)
	a.skbBytes(-1, stackFlags, 1, "pass")
	a.add(opLoadByte, 1, 10, stackFlags, 0)
	a.jump(opJumpSet, 1, 0x07, "pass") // FIN, SYN, RST (RFC 9293, section 3.1)

	a.label("count")
	a.add(opMoveConst, 1, 0, 0, 1)
	a.add(opAtomicAdd, 9, 1, 16, 0)
	a.add(opLoadLong, 2, 9, 16, 0)
	a.add(opAndConst, 2, 0, 0, everyNth-1)
	a.jump(opJumpEqual, 2, 0, "pass")
	a.add(opAtomicAdd, 9, 1, 0, 0)
	a.add(opAtomicAdd, 9, 7, 8, 0)
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
	s := &shunt{prog: -1, m: -1}
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
	var err error
	if s.m, err = createMap(int(unsafe.Sizeof(shuntKey{})), int(unsafe.Sizeof(shuntValue{})), c.Shunt); err != nil {
		return unsupported("bpf map: %v: it needs CONFIG_BPF_SYSCALL, and root or CAP_BPF at the start", err)
	}
	if s.prog, err = loadProgram(shuntProgram(s.m, 14, int32(c.SnapLength))); err != nil {
		return unsupported("bpf program: %v", err)
	}
	return s
}

func (s *shunt) close() {
	for _, fd := range []*int{&s.prog, &s.m} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
			*fd = -1
		}
	}
}

func (s *shunt) attach(sock *socket) (err error) {
	if s.attached {
		return nil
	}
	control := sock.raw.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, soAttachBPF, s.prog)
	})
	if err == nil {
		err = control
	}
	if err != nil {
		return fmt.Errorf("bpf program refused by the socket: %w (%w)", err, errors.ErrUnsupported)
	}
	s.attached = true
	return nil
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
	sh := s.sock.shunt
	if sh == nil {
		return fmt.Errorf("flows are not left to the kernel without a ring (%w)", errors.ErrUnsupported)
	}
	if sh.err != nil {
		return sh.err
	}
	if err := sh.attach(s.sock); err != nil {
		sh.err = err
		return err
	}
	sh.key, sh.value = keyOf(t), shuntValue{}
	if err := sh.element(cmdMapUpdate, updateNoExist); err != nil {
		if err == unix.EPERM {
			sh.err = fmt.Errorf("flows are not left to the kernel: this kernel wants CAP_BPF for it, which was given up (%w)", errors.ErrUnsupported)
			return sh.err
		}
		return err
	}
	return nil
}

// Shunted is core.Shunter's.
func (s *Source) Shunted(t *core.Tuple) (core.Count, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sock == nil || s.sock.shunt == nil || !s.sock.shunt.attached {
		return core.Count{}, false
	}
	sh := s.sock.shunt
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
	if s.sock != nil && s.sock.shunt != nil && s.sock.shunt.attached {
		s.sock.shunt.key = keyOf(t)
		_ = s.sock.shunt.element(cmdMapDelete, 0)
	}
}
