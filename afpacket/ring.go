package afpacket

import (
	"encoding/binary"
	"sync/atomic"
	"unsafe"

	"netifyd/core"
)

// Layout of a TPACKET_V3 ring (linux/if_packet.h). Every field has the same
// place on every architecture and is in the machine's byte order.
const (
	// struct tpacket_block_desc
	blockStatus  = 8  // owner: the kernel or us
	blockPackets = 12 // packets in the block
	blockFirst   = 16 // offset of the first packet's header
	blockHeader  = 48

	// struct tpacket3_hdr, then struct sockaddr_ll
	frameNext     = 0 // offset of the next header from this one
	frameSec      = 4
	frameNsec     = 8
	frameSnapLen  = 12
	frameLen      = 16
	frameStatus   = 20
	frameMAC      = 24 // offset of the bytes from this header
	frameTCI      = 32
	frameProtocol = 50 // sll_protocol, network order
	frameType     = 58 // sll_pkttype
	frameHeader   = 60

	statusUser      = 1 << 0 // TP_STATUS_USER
	statusVLANValid = 1 << 4 // TP_STATUS_VLAN_VALID

	packetOutgoing = 4 // PACKET_OUTGOING
	vlanTagBytes   = 4
)

// shape says how a link's frames are to be taken.
type shape struct {
	link     core.LinkType
	cooked   bool // the kernel took the link header away: keep what is IP by sll_protocol
	loopback bool // every packet is seen leaving and arriving: keep the arriving one
}

// wanted says whether a packet is kept. protocol is sll_protocol, in host order.
func (s shape) wanted(pktType uint8, protocol uint16) bool {
	if s.loopback && pktType == packetOutgoing {
		return false
	}
	return !s.cooked || protocol == 0x0800 || protocol == 0x86dd
}

// ring walks the blocks of a mapped ring. It is arithmetic over bytes and
// touches no socket. Bytes of mem lie at an address that 8 divides.
type ring struct {
	shape
	mem     []byte
	block   int // bytes of a block; divides len(mem)
	at      int // offset of the next block to take
	lent    bool
	taken   uint64        // packets of the blocks taken, also those that were not wanted
	corrupt atomic.Uint64 // blocks whose offsets lead out of them, since it was last asked
}

func (r *ring) status() *uint32 {
	return (*uint32)(unsafe.Pointer(&r.mem[r.at+blockStatus]))
}

// ready says whether the kernel has given the next block.
func (r *ring) ready() bool { return !r.lent && atomic.LoadUint32(r.status())&statusUser != 0 }

// take appends the frames of the next block, which must be ready. They are
// valid until giveBack.
func (r *ring) take(dst []core.Frame) []core.Frame {
	r.lent = true
	block := r.mem[r.at : r.at+r.block : r.at+r.block]
	r.taken += uint64(binary.NativeEndian.Uint32(block[blockPackets:]))
	dst, ok := r.walk(dst, block)
	if !ok {
		r.corrupt.Add(1)
	}
	return dst
}

// takeOpen appends the frames of the block that the kernel has begun and not
// given. Only once it puts no more packets in.
func (r *ring) takeOpen(dst []core.Frame) []core.Frame {
	if r.lent {
		return dst
	}
	return r.take(dst)
}

// giveBack returns the block taken last, if any, to the kernel.
func (r *ring) giveBack() {
	if !r.lent {
		return
	}
	r.lent = false
	atomic.StoreUint32(r.status(), 0)
	if r.at += r.block; r.at >= len(r.mem) {
		r.at = 0
	}
}

// walk appends the frames of one block. False: an offset led out of the block
// or backwards; frames before it are kept.
func (r *ring) walk(dst []core.Frame, block []byte) ([]core.Frame, bool) {
	order := binary.NativeEndian
	size := uint64(len(block))
	left := order.Uint32(block[blockPackets:])
	if left == 0 {
		return dst, true
	}
	// 64 bits hold any sum of two offsets, so that none wraps around.
	at := uint64(order.Uint32(block[blockFirst:]))
	if at < blockHeader {
		return dst, false
	}
	for {
		if at+frameHeader > size {
			return dst, false
		}
		h := block[at : at+frameHeader]
		start := at + uint64(order.Uint16(h[frameMAC:]))
		end := start + uint64(order.Uint32(h[frameSnapLen:]))
		if end > size {
			return dst, false
		}
		if r.wanted(h[frameType], binary.BigEndian.Uint16(h[frameProtocol:])) {
			f := core.Frame{
				Data:     block[start:end:end],
				Time:     int64(order.Uint32(h[frameSec:]))*1e9 + int64(order.Uint32(h[frameNsec:])),
				Length:   int(order.Uint32(h[frameLen:]) & (1<<31 - 1)),
				Link:     r.link,
				Outgoing: h[frameType] == packetOutgoing,
			}
			if order.Uint32(h[frameStatus:])&statusVLANValid != 0 {
				f.VLAN, f.HasVLAN = uint16(order.Uint32(h[frameTCI:])), true
				f.Length += vlanTagBytes
			}
			dst = append(dst, f)
		}
		if left--; left == 0 {
			return dst, true
		}
		// The last header's offset is 0; before it, one that does not lead on would loop.
		next := uint64(order.Uint32(h[frameNext:]))
		if next < frameHeader {
			return dst, false
		}
		at += next
	}
}
