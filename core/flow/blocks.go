package flow

import "unsafe"

// blockRoom is the payload of a block.
const blockRoom = 60

type block struct {
	next uint32 // plus one; 0: last
	b    [blockRoom]byte
}

// Blocks is a pool of small blocks that keeps the metadata of classified flows,
// so that a client that comes late can be told of them. It belongs to one goroutine.
type Blocks struct {
	blocks []block
	free   uint32
	left   int
	// Refused counts what could not be kept whole because the pool was short.
	Refused uint64
}

// NewBlocks returns a pool of n blocks.
func NewBlocks(n int) *Blocks {
	p := &Blocks{blocks: make([]block, n), free: 1, left: n}
	for i := range p.blocks {
		p.blocks[i].next = uint32(i + 2)
	}
	p.blocks[n-1].next = 0
	return p
}

// BlockBytes is the memory of a pool of n blocks.
func BlockBytes(n int) int { return n * int(unsafe.Sizeof(block{})) }

// Budget is how many bytes the next Keep takes: a quarter of the pool is kept
// for flows to come, each of which then gets two blocks at most.
func (p *Blocks) Budget() int {
	n := 16
	if p.left < len(p.blocks)/4 {
		n = 2
	}
	return min(n, p.left) * blockRoom
}

// Keep copies b into blocks and gives their handle; 0 where b is empty or does not fit.
func (p *Blocks) Keep(b []byte) uint32 {
	need := (len(b) + blockRoom - 1) / blockRoom
	if need == 0 {
		return 0
	}
	if need > p.left {
		p.Refused++
		return 0
	}
	first := p.free
	id := first
	for {
		k := &p.blocks[id-1]
		n := copy(k.b[:], b)
		clear(k.b[n:])
		b = b[n:]
		p.left--
		if len(b) == 0 {
			p.free, k.next = k.next, 0
			return first
		}
		id = k.next
	}
}

// Append appends what a handle keeps to dst, in whole blocks: zero bytes may follow.
func (p *Blocks) Append(dst []byte, handle uint32) []byte {
	for handle != 0 {
		k := &p.blocks[handle-1]
		dst = append(dst, k.b[:]...)
		handle = k.next
	}
	return dst
}

// Free gives the blocks of a handle back.
func (p *Blocks) Free(handle uint32) {
	for handle != 0 {
		k := &p.blocks[handle-1]
		next := k.next
		k.next, p.free = p.free, handle
		p.left++
		handle = next
	}
}
