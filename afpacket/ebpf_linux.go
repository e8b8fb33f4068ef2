package afpacket

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// insn is an eBPF instruction (Linux: Documentation/bpf/standardization/instruction-set.rst).
type insn struct {
	code uint8
	regs uint8 // destination and source, in the order of the machine
	off  int16
	imm  int32
}

// Instructions that the shunt needs.
const (
	opLoadWord   = 0x61 // dst = *(u32 *)(src + off)
	opLoadHalf   = 0x69
	opLoadByte   = 0x71
	opLoadLong   = 0x79
	opStoreWord  = 0x63 // *(u32 *)(dst + off) = src
	opStoreByte  = 0x73
	opStoreLong  = 0x7b
	opZeroWord   = 0x62 // *(u32 *)(dst + off) = imm
	opZeroLong   = 0x7a
	opMoveConst  = 0xb7
	opMove       = 0xbf
	opAddConst   = 0x07
	opAndConst   = 0x57
	opXor        = 0xaf
	opRight      = 0x7f // shift
	opRight32    = 0x74 // by a constant, of 32 bits
	opTimes32    = 0x24
	opToBig16    = 0xdc // host to network order and back
	opJump       = 0x05
	opJumpEqual  = 0x15
	opJumpNot    = 0x55
	opJumpSet    = 0x45
	opJumpNeg    = 0xc5 // signed less than
	opCall       = 0x85
	opExit       = 0x95
	opLoadConst  = 0x18 // of 64 bits, two instructions
	opAtomicAdd  = 0xdb // of 64 bits
	pseudoMapFD  = 1
	callLookup   = 1  // bpf_map_lookup_elem
	callSkbBytes = 26 // bpf_skb_load_bytes
)

var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// regs puts two register numbers in their nibbles: bit fields begin at the
// other end on big-endian machines.
func regs(dst, src uint8) uint8 {
	if bigEndian {
		return dst<<4 | src
	}
	return src<<4 | dst
}

// assembler collects instructions and resolves jumps to labels.
type assembler struct {
	code   []insn
	labels map[string]int
	jumps  map[int]string
}

func (a *assembler) add(code, dst, src uint8, off int16, imm int32) {
	a.code = append(a.code, insn{code, regs(dst, src), off, imm})
}

func (a *assembler) jump(code, reg uint8, imm int32, label string) {
	a.jumps[len(a.code)] = label
	a.add(code, reg, 0, 0, imm)
}

func (a *assembler) label(name string) { a.labels[name] = len(a.code) }

// skbBytes reads n bytes of the packet at an offset to the stack, and goes to fail where they are not there.
func (a *assembler) skbBytes(at int32, to int16, n int32, fail string) {
	a.add(opMove, 1, 6, 0, 0)
	a.add(opMoveConst, 2, 0, 0, at)
	a.add(opMove, 3, 10, 0, 0)
	a.add(opAddConst, 3, 0, 0, int32(to))
	a.add(opMoveConst, 4, 0, 0, n)
	a.add(opCall, 0, 0, 0, callSkbBytes)
	a.jump(opJumpNeg, 0, 0, fail)
}

// lookup finds the key on the stack in a map: register 0 points to the value.
func (a *assembler) lookup(mapFD int, key int16, fail string) {
	a.add(opLoadConst, 1, pseudoMapFD, 0, int32(mapFD))
	a.add(0, 0, 0, 0, 0)
	a.add(opMove, 2, 10, 0, 0)
	a.add(opAddConst, 2, 0, 0, int32(key))
	a.add(opCall, 0, 0, 0, callLookup)
	a.jump(opJumpEqual, 0, 0, fail)
}

func (a *assembler) finish() []insn {
	for at, label := range a.jumps {
		a.code[at].off = int16(a.labels[label] - at - 1)
	}
	return a.code
}

// bpf(2) commands, types and the attributes that they take.
const (
	cmdMapCreate  = 0
	cmdMapLookup  = 1
	cmdMapUpdate  = 2
	cmdMapDelete  = 3
	cmdProgLoad   = 5
	mapHash       = 1
	mapArray      = 2
	progSocket    = 1
	soAttachBPF   = 50
	updateNoExist = 1
)

type mapAttr struct{ kind, key, value, entries, flags uint32 }

type elemAttr struct {
	fd         uint32
	_          uint32
	key, value uint64
	flags      uint64
}

type progAttr struct {
	kind, count    uint32
	insns, license uint64
	logLevel       uint32
	logSize        uint32
	logBuf         uint64
	kernel, flags  uint32
}

func bpfCall(cmd int, attr unsafe.Pointer, size uintptr) (int, error) {
	fd, _, errno := unix.Syscall(unix.SYS_BPF, uintptr(cmd), uintptr(attr), size)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

func pointer(p unsafe.Pointer) uint64 { return uint64(uintptr(p)) }

// createMap makes a map, its memory taken at once.
func createMap(kind uint32, key, value, entries int) (int, error) {
	attr := mapAttr{kind, uint32(key), uint32(value), uint32(entries), 0}
	fd, err := bpfCall(cmdMapCreate, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	if err == unix.EPERM { // before Linux 5.11 maps count as locked memory
		limit := unix.Rlimit{Cur: unix.RLIM_INFINITY, Max: unix.RLIM_INFINITY}
		_ = unix.Setrlimit(unix.RLIMIT_MEMLOCK, &limit)
		fd, err = bpfCall(cmdMapCreate, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	}
	return fd, err
}

// What the kernel reads and writes through addresses inside an attribute must
// not lie on a stack, which may move: it is of the package, or of a shunt.
var (
	license  = []byte("Apache-2.0\x00") // the helpers that the program calls are free to all
	verifier struct {
		sync.Mutex
		log [16 << 10]byte
	}
)

// loadProgram gives a socket filter to the kernel's verifier, whose words are in the error.
func loadProgram(code []insn) (int, error) {
	attr := progAttr{kind: progSocket, count: uint32(len(code)), insns: pointer(unsafe.Pointer(&code[0])), license: pointer(unsafe.Pointer(&license[0]))}
	fd, err := bpfCall(cmdProgLoad, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	if err != nil && err != unix.EPERM && err != unix.ENOSYS {
		verifier.Lock()
		defer verifier.Unlock()
		clear(verifier.log[:])
		attr.logLevel, attr.logSize, attr.logBuf = 1, uint32(len(verifier.log)), pointer(unsafe.Pointer(&verifier.log))
		if fd, err = bpfCall(cmdProgLoad, unsafe.Pointer(&attr), unsafe.Sizeof(attr)); err != nil {
			said := unix.ByteSliceToString(verifier.log[:])
			err = fmt.Errorf("%w: %s", err, said[max(0, len(said)-300):]) // the reason stands at the end
		}
	}
	runtime.KeepAlive(code)
	return fd, err
}

// element does one thing to an element of the map of flows, whose key and value lie in the shunt.
func (s *shunt) element(cmd int, flags uint64) error {
	value := unsafe.Pointer(&s.value)
	if cmd == cmdMapDelete {
		value = nil // the kernel wants what it does not use to be zero
	}
	return s.bpf(cmd, s.m, unsafe.Pointer(&s.key), value, flags)
}

// bpf does one thing to an element of a map; key and value lie in the shunt.
func (s *shunt) bpf(cmd, m int, key, value unsafe.Pointer, flags uint64) error {
	attr := elemAttr{fd: uint32(m), key: pointer(key), value: pointer(value), flags: flags}
	_, err := bpfCall(cmd, unsafe.Pointer(&attr), unsafe.Sizeof(attr))
	runtime.KeepAlive(s)
	return err
}
