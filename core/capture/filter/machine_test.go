package filter

import (
	"encoding/binary"
	"testing"
)

// packet is what a program runs over.
type packet struct {
	data     []byte
	tag      int // taken out by the kernel; negative: none
	outgoing bool
}

// execute runs a program as kernels do (bpf(4)) and gives what it returns. A
// load from outside the packet returns 0. The test fails where a kernel would
// refuse the program.
func execute(t testing.TB, program []Instruction, p packet) uint32 {
	t.Helper()
	var a, x uint32
	var m [memorySlots]uint32
	for pc := 0; ; pc++ {
		if pc >= len(program) {
			t.Fatalf("the program runs over its end")
		}
		in := program[pc]
		operand := in.K
		switch in.Op & 7 {
		case 0: // ld
			v, ok := load(t, in, x, m, p)
			if !ok {
				return 0
			}
			a = v
		case 1: // ldx
			switch in.Op {
			case opLoadXMem:
				x = m[in.K]
			case opLoadXIP:
				if int(in.K) >= len(p.data) {
					return 0
				}
				x = 4 * uint32(p.data[in.K]&0xf)
			default:
				t.Fatalf("instruction %d: %#x", pc, in.Op)
			}
		case 2: // st
			m[in.K] = a
		case 4: // alu
			if in.Op&opWithX != 0 {
				operand = x
			}
			switch in.Op &^ (opWithX | 7) {
			case 0x30, 0x90:
				if operand == 0 {
					return 0
				}
			}
			a = arithmetic(t, in.Op&^(opWithX|7), a, operand)
		case 5: // jmp
			if in.Op == opJump {
				pc += int(in.K)
				continue
			}
			if in.Op&opWithX != 0 {
				operand = x
			}
			taken := map[uint16]bool{opEqual: a == operand, opGreater: a > operand, opGreaterEq: a >= operand, opSet: a&operand != 0}
			yes, ok := taken[in.Op&^opWithX]
			if !ok {
				t.Fatalf("instruction %d: %#x", pc, in.Op)
			}
			if yes {
				pc += int(in.Jt)
			} else {
				pc += int(in.Jf)
			}
		case 6:
			return in.K
		case 7:
			x = a
		}
	}
}

func load(t testing.TB, in Instruction, x uint32, m [memorySlots]uint32, p packet) (uint32, bool) {
	t.Helper()
	at := uint64(in.K)
	switch in.Op {
	case opLoadImm:
		return in.K, true
	case opLoadLen:
		return uint32(len(p.data)), true
	case opLoadMem:
		return m[in.K], true
	case opLoadWord + opIndirect, opLoadHalf + opIndirect, opLoadByte + opIndirect:
		at = uint64(in.K + x)
		in.Op -= opIndirect
	}
	switch at {
	case metaDirection:
		if p.outgoing {
			return packetOutgoing, true
		}
		return 0, true
	case metaTagPresent:
		if p.tag >= 0 {
			return 1, true
		}
		return 0, true
	case metaTag:
		return uint32(max(p.tag, 0)), true
	}
	size := map[uint16]uint64{opLoadWord: 4, opLoadHalf: 2, opLoadByte: 1}[in.Op]
	if size == 0 {
		t.Fatalf("load %#x", in.Op)
	}
	if at+size > uint64(len(p.data)) {
		return 0, false
	}
	var word [4]byte
	copy(word[4-size:], p.data[at:at+size])
	return binary.BigEndian.Uint32(word[:]), true
}

func arithmetic(t testing.TB, op uint16, a, b uint32) uint32 {
	t.Helper()
	signs := map[uint16]string{0x00: "+", 0x10: "-", 0x20: "*", 0x30: "/", 0x40: "|", 0x50: "&", 0x60: "<<", 0x70: ">>", 0x90: "%", 0xa0: "^"}
	if op == 0x80 {
		return -a
	}
	if signs[op] == "" {
		t.Fatalf("operation %#x", op)
	}
	return compute(signs[op], a, b)
}

// acceptable fails where Linux's check of a program would (bpf_check_classic).
func acceptable(t testing.TB, program []Instruction) {
	t.Helper()
	if len(program) == 0 || len(program) > maxInstructions || program[len(program)-1].Op != opReturn {
		t.Fatalf("a program of %d instructions", len(program))
	}
	for pc, in := range program {
		switch {
		case in.Op == opJump && pc+1+int(in.K) >= len(program),
			in.Op&7 == 5 && in.Op != opJump && pc+1+int(max(in.Jt, in.Jf)) >= len(program):
			t.Fatalf("instruction %d jumps out", pc)
		case (in.Op == opStore || in.Op == opLoadMem || in.Op == opLoadXMem) && in.K >= memorySlots:
			t.Fatalf("instruction %d: slot %d", pc, in.K)
		case (in.Op == 0x34 || in.Op == 0x94) && in.K == 0:
			t.Fatalf("instruction %d divides by zero", pc)
		}
	}
}
