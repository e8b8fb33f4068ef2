package filter

import "fmt"

// Operation codes of classic BPF (bpf(4), linux/bpf_common.h).
const (
	opLoadWord   = 0x20 // ld [k]
	opLoadHalf   = 0x28
	opLoadByte   = 0x30
	opIndirect   = 0x20 // added to the above: [x + k]
	opLoadLen    = 0x80 // ld len
	opLoadImm    = 0x00
	opLoadMem    = 0x60
	opLoadXMem   = 0x61
	opLoadXIP    = 0xb1 // ldx 4*([k]&0xf)
	opStore      = 0x02
	opAdd        = 0x04
	opAnd        = 0x54
	opShiftLeft  = 0x64
	opNegate     = 0x84
	opWithX      = 0x08 // added to arithmetic and jumps: the operand is X
	opJump       = 0x05
	opEqual      = 0x15
	opGreater    = 0x25
	opGreaterEq  = 0x35
	opSet        = 0x45
	opReturn     = 0x06
	opToX        = 0x07 // tax
	memorySlots  = 16   // BPF_MEMWORDS
	farthestJump = 255
)

// A node is a tree of tests: both, either, inverse, test or always.
type (
	node    interface{}
	both    struct{ a, b node }
	either  struct{ a, b node }
	inverse struct{ a node }
	always  bool
	// test runs load and compares A with k, or with X if op says so.
	test struct {
		load []Instruction
		op   uint16
		k    uint32
	}
)

// simplify takes constants out of a tree.
func simplify(n node) node {
	switch n := n.(type) {
	case both:
		a, b := simplify(n.a), simplify(n.b)
		if a == node(always(false)) || b == node(always(true)) {
			return a
		}
		if b == node(always(false)) || a == node(always(true)) {
			return b
		}
		return both{a, b}
	case either:
		a, b := simplify(n.a), simplify(n.b)
		if a == node(always(true)) || b == node(always(false)) {
			return a
		}
		if b == node(always(true)) || a == node(always(false)) {
			return b
		}
		return either{a, b}
	case inverse:
		a := simplify(n.a)
		if v, ok := a.(always); ok {
			return !v
		}
		return inverse{a}
	}
	return n
}

func allOf(nodes ...node) node {
	n := nodes[0]
	for _, m := range nodes[1:] {
		n = both{n, m}
	}
	return n
}

func anyOf(nodes ...node) node {
	n := nodes[0]
	for _, m := range nodes[1:] {
		n = either{n, m}
	}
	return n
}

// label is a place to jump to. Every jump leads forward.
type label struct {
	loaded  string // the load whose result A holds there, if every way there agrees
	reached bool
	fromEnd int // instructions from here to the end, once placed
}

// line is an instruction, or a place where a label lies.
type line struct {
	Instruction
	yes, no *label // of a conditional jump
	here    *label
}

type assembler struct {
	lines  []line
	loaded string // the load whose result A holds now; "" unknown
}

// assemble lays the tree out, with the program's two ends after it.
func assemble(prologue []Instruction, tree node, snap uint32) []Instruction {
	var a assembler
	for _, in := range prologue {
		a.lines = append(a.lines, line{Instruction: in})
	}
	var yes, no label
	a.emit(tree, &yes, &no)
	a.place(&yes)
	a.lines = append(a.lines, line{Instruction: Instruction{Op: opReturn, K: snap}})
	if no.reached {
		a.place(&no)
		a.lines = append(a.lines, line{Instruction: Instruction{Op: opReturn}})
	}
	return a.resolve()
}

func (a *assembler) emit(n node, yes, no *label) {
	switch n := n.(type) {
	case both:
		var next label
		a.emit(n.a, &next, no)
		a.place(&next)
		a.emit(n.b, yes, no)
	case either:
		var next label
		a.emit(n.a, yes, &next)
		a.place(&next)
		a.emit(n.b, yes, no)
	case inverse:
		a.emit(n.a, no, yes)
	case always:
		to := no
		if n {
			to = yes
		}
		a.reach(to)
		a.lines = append(a.lines, line{Instruction: Instruction{Op: opJump}, yes: to})
	case test:
		if key := fmt.Sprint(n.load); key != a.loaded {
			for _, in := range n.load {
				a.lines = append(a.lines, line{Instruction: in})
			}
			a.loaded = key
		}
		a.reach(yes)
		a.reach(no)
		a.lines = append(a.lines, line{Instruction: Instruction{Op: n.op, K: n.k}, yes: yes, no: no})
	}
}

// reach notes what A holds on this way to a label.
func (a *assembler) reach(l *label) {
	if l.reached && l.loaded != a.loaded {
		l.loaded = ""
		return
	}
	l.reached, l.loaded = true, a.loaded
}

func (a *assembler) place(l *label) {
	a.lines = append(a.lines, line{here: l})
	a.loaded = l.loaded
}

// resolve turns labels into distances, from the end on, where every target is
// known already. A jump too far for a byte goes over an unconditional one.
func (a *assembler) resolve() []Instruction {
	var back []Instruction // the program in reverse
	near := func(l *label) int {
		if len(back)-l.fromEnd <= farthestJump-1 { // the other way may add one more
			return l.fromEnd
		}
		back = append(back, Instruction{Op: opJump, K: uint32(len(back) - l.fromEnd)})
		return len(back)
	}
	for i := len(a.lines) - 1; i >= 0; i-- {
		switch l := a.lines[i]; {
		case l.here != nil:
			l.here.fromEnd = len(back)
		case l.no != nil:
			yes, no := near(l.yes), near(l.no)
			l.Jt, l.Jf = uint8(len(back)-yes), uint8(len(back)-no)
			back = append(back, l.Instruction)
		case l.yes != nil:
			if d := len(back) - l.yes.fromEnd; d > 0 {
				back = append(back, Instruction{Op: opJump, K: uint32(d)})
			}
		default:
			back = append(back, l.Instruction)
		}
	}
	for i, j := 0, len(back)-1; i < j; i, j = i+1, j-1 {
		back[i], back[j] = back[j], back[i]
	}
	return back
}
