package action

import "math/bits"

// Bounds of what a configuration may hold.
const (
	MaxRules       = 128
	MaxTargets     = 64
	MaxExpressions = 2 << 20 // bytes of memory, of all rules together
)

// Bits is a set of rules.
type Bits [MaxRules / 64]uint64

func (b *Bits) set(i int)   { b[i>>6] |= 1 << (i & 63) }
func (b *Bits) empty() bool { return *b == Bits{} }

// each calls fn for every rule of a set, in their order.
func (b Bits) each(fn func(i int)) {
	for w := range b {
		for x := b[w]; x != 0; x &= x - 1 {
			fn(w<<6 + bits.TrailingZeros64(x))
		}
	}
}

// first is the first rule of a set; -1: it is empty.
func (b *Bits) first() int {
	for w, x := range b {
		if x != 0 {
			return w<<6 + bits.TrailingZeros64(x)
		}
	}
	return -1
}

func (b Bits) and(o *Bits) Bits {
	for w := range b {
		b[w] &= o[w]
	}
	return b
}

func (b Bits) or(o *Bits) Bits {
	for w := range b {
		b[w] |= o[w]
	}
	return b
}

func (b Bits) without(o *Bits) Bits {
	for w := range b {
		b[w] &^= o[w]
	}
	return b
}
