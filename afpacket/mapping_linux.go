package afpacket

import (
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapping is a ring's memory, given back once.
type mapping struct {
	once sync.Once
	ring *ring
}

// mapShared maps n bytes of a socket's ring.
func mapShared(fd, n int) ([]byte, error) {
	return mapBytes(fd, n, unix.MAP_SHARED)
}

func mapBytes(fd, n, flags int) ([]byte, error) {
	p, err := unix.MmapPtr(fd, 0, nil, uintptr(n), unix.PROT_READ|unix.PROT_WRITE, flags)
	if err != nil {
		return nil, err
	}
	return unsafe.Slice((*byte)(p), n), nil
}

func unmap(b []byte) {
	if len(b) > 0 {
		_ = unix.MunmapPtr(unsafe.Pointer(&b[0]), uintptr(len(b)))
	}
}

// free unmaps the ring: no frame may be lent.
func (m *mapping) free() { m.once.Do(func() { unmap(m.ring.mem) }) }

// forget is free for a source that nobody has any more. Somebody may still have
// frames of it: a copy then takes the place of their block in one step, and the
// ring's own memory goes.
func (m *mapping) forget() {
	m.once.Do(func() {
		r := m.ring
		if !r.lent {
			unmap(r.mem)
			return
		}
		block := r.mem[r.at : r.at+r.block]
		fresh, err := mapBytes(-1, r.block, unix.MAP_ANONYMOUS|unix.MAP_PRIVATE)
		if err != nil {
			return // the ring stays
		}
		copy(fresh, block)
		_, _, errno := unix.Syscall6(unix.SYS_MREMAP, uintptr(unsafe.Pointer(&fresh[0])), uintptr(r.block), uintptr(r.block),
			unix.MREMAP_MAYMOVE|unix.MREMAP_FIXED, uintptr(unsafe.Pointer(&block[0])), 0)
		if errno != 0 {
			unmap(fresh)
			return
		}
		unmap(r.mem[:r.at])
		unmap(r.mem[r.at+r.block:])
	})
}
