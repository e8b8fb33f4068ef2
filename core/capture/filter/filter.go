// Package filter compiles tcpdump's filter language (pcap-filter(7)) into the
// classic BPF program that kernels run (Linux: networking/filter.rst; bpf(4)).
//
//	lex.go       text → words, each with its column
//	parse.go     words → a tree of tests: and, or, not, parentheses, qualifiers
//	primitive.go what hosts, nets, ports and protocols test
//	arith.go     expressions such as tcp[13] & 2 != 0
//	link.go      where headers begin, for each link type, behind VLAN tags
//	assemble.go  tree → instructions
package filter

import (
	"fmt"

	"netifyd/core"
)

// Instruction is one classic BPF instruction: struct sock_filter, struct bpf_insn.
type Instruction struct {
	Op     uint16
	Jt, Jf uint8
	K      uint32
}

// maxInstructions is what kernels take: BPF_MAXINSNS on Linux. FreeBSD's limit
// is lower (bpf_maxinsns, 512) and told by its kernel.
const maxInstructions = 4096

// everything is the snap length of a program without one: tcpdump's largest.
const everything = 262144

// Options of a compilation.
type Options struct {
	Link       core.LinkType // what frames begin with
	SnapLength int           // bytes that the program lets through; 0: all
	// Metadata: the program runs in a Linux kernel, which keeps a packet's
	// VLAN tag and direction beside its bytes.
	Metadata bool
}

// Error says where a filter cannot be compiled.
type Error struct {
	Column int // of the first character that is not understood, from 1
	Text   string
}

func (e *Error) Error() string { return fmt.Sprintf("column %d: %s", e.Column, e.Text) }

// Compile gives the program of a filter; an empty one lets everything through.
// The program returns the snap length for a packet that matches and 0 for
// others. Errors are *Error: names of hosts and networks are not looked up, and
// what is left out of the language is said at its place.
func Compile(expr string, o Options) ([]Instruction, error) {
	words, err := lex(expr)
	if err != nil {
		return nil, err
	}
	p := &parser{words: words, end: len(expr) + 1}
	if err := p.link.set(o); err != nil {
		return nil, err
	}
	tree := node(always(true))
	if len(words) > 0 {
		if tree, err = p.parse(); err != nil {
			return nil, err
		}
		if tree = simplify(tree); isNever(tree) {
			return nil, &Error{1, "no packet of this link type can match"}
		}
	}
	snap := uint32(everything)
	if o.SnapLength > 0 {
		snap = uint32(o.SnapLength)
	}
	program := assemble(p.link.prologue(), tree, snap)
	if len(program) > maxInstructions {
		return nil, &Error{1, fmt.Sprintf("the filter needs %d instructions, kernels take %d: make it shorter", len(program), maxInstructions)}
	}
	return program, nil
}

func isNever(n node) bool {
	v, ok := n.(always)
	return ok && !bool(v)
}
