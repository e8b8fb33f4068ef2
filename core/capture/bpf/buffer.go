// Package bpf captures from a FreeBSD network device through /dev/bpf (bpf(4)).
// One read gives many packets, which are lent where they lie.
package bpf

import (
	"encoding/binary"

	"netifyd/core"
)

// Layout of struct bpf_xhdr (FreeBSD: net/bpf.h), which stands before each
// packet of a buffer when BIOCSTSTAMP has chosen nanoseconds. In the machine's
// byte order.
const (
	headerSec    = 0 // 64 bits
	headerFrac   = 8 // 64 bits, nanoseconds
	headerCapLen = 16
	headerLen    = 20
	headerSize   = 24 // of the header with its padding: where the packet begins
	minHeader    = 26
)

// walk appends the packets of a buffer as read(2) gave it; they alias buf. Each
// packet begins at a multiple of align, a power of two. False: a length led out
// of the buffer; packets before it are kept.
func walk(dst []core.Frame, buf []byte, link core.LinkType, align int) ([]core.Frame, bool) {
	order := binary.NativeEndian
	for at := 0; at < len(buf); {
		h := buf[at:]
		if len(h) < minHeader {
			return dst, false
		}
		start := int(order.Uint16(h[headerSize:]))
		length := order.Uint32(h[headerCapLen:])
		if start < minHeader || uint64(start)+uint64(length) > uint64(len(h)) {
			return dst, false
		}
		end := start + int(length)
		dst = append(dst, core.Frame{
			Data:   h[start:end:end],
			Time:   int64(order.Uint64(h[headerSec:]))*1e9 + int64(order.Uint64(h[headerFrac:])),
			Length: int(order.Uint32(h[headerLen:]) & (1<<31 - 1)),
			Link:   link,
		})
		at += (end + align - 1) &^ (align - 1)
	}
	return dst, true
}
