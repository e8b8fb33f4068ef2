package example

import (
	"encoding/binary"
	"net/netip"
)

// house turns a capture between two machines into one of a household: the
// first who sends is a device of it, the other one is a server of the Internet.
type house struct {
	device byte                   // which of the house, from 1
	server byte                   // which of the Internet
	names  map[netip.Addr][4]byte // of the two
}

// turn rewrites a frame in place. It is false for what is not IPv4 between two
// machines.
func (h *house) turn(frame []byte) bool {
	const ethernet = 14
	if len(frame) < ethernet+20 || binary.BigEndian.Uint16(frame[12:]) != 0x0800 || frame[ethernet]>>4 != 4 {
		return false
	}
	ip := frame[ethernet:]
	src, dst := netip.AddrFrom4([4]byte(ip[12:16])), netip.AddrFrom4([4]byte(ip[16:20]))
	if src.IsMulticast() || dst.IsMulticast() || dst == netip.AddrFrom4([4]byte{255, 255, 255, 255}) || src.IsUnspecified() || src == dst {
		return false
	}
	if h.names == nil {
		h.names = map[netip.Addr][4]byte{src: {192, 168, 1, 10 + h.device}, dst: {203, 0, 113, h.server}}
	}
	from, known := h.names[src]
	to, both := h.names[dst]
	if !known || !both {
		return false
	}
	// Checksums hold a sum of words: the difference of the addresses is added (RFC 1624, 3).
	var sums []int
	header := int(ip[0]&15) * 4
	if first := binary.BigEndian.Uint16(ip[6:])&0x1fff == 0; first && len(ip) >= header+18 && ip[9] == 6 {
		sums = append(sums, header+16)
	} else if first && len(ip) >= header+8 && ip[9] == 17 && binary.BigEndian.Uint16(ip[header+6:]) != 0 {
		sums = append(sums, header+6)
	}
	for _, at := range append(sums, 10) {
		sum := uint32(^binary.BigEndian.Uint16(ip[at:]))
		for i := 12; i < 20; i += 2 {
			sum += uint32(^binary.BigEndian.Uint16(ip[i:]))
		}
		for i := 0; i < 4; i += 2 {
			sum += uint32(binary.BigEndian.Uint16(from[i:])) + uint32(binary.BigEndian.Uint16(to[i:]))
		}
		for sum>>16 != 0 {
			sum = sum&0xffff + sum>>16
		}
		binary.BigEndian.PutUint16(ip[at:], ^uint16(sum))
	}
	copy(ip[12:], from[:])
	copy(ip[16:], to[:])
	mac := func(a [4]byte) (m [6]byte) {
		m[0] = 2
		if a[0] == 192 {
			m[5] = a[3]
		} else {
			m[5] = 1 // the router
		}
		return m
	}
	a, b := mac(to), mac(from)
	copy(frame, a[:])
	copy(frame[6:], b[:])
	return true
}
