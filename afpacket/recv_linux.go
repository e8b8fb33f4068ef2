package afpacket

import (
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"netifyd/core"
)

// controlBytes hold PACKET_AUXDATA and SCM_TIMESTAMPNS with room to spare.
const controlBytes = 128

// receiver reads packets with recvmsg(2), for kernels and emulators without rings.
type receiver struct {
	shape
	snap   int
	arena  []byte // at least two packets of the snap length, many short ones
	frames []core.Frame
	msg    unix.Msghdr
	iov    unix.Iovec
	from   unix.RawSockaddrLinklayer
	oob    [controlBytes / 8]uint64 // aligned for struct cmsghdr
	err    error                    // told once the packets before it are taken
	taken  uint64                   // packets read, also those that were not wanted

	count     atomic.Uint64 // packets since it was last asked, where the kernel does not count
	auxiliary bool          // the kernel tells the tag and the length before the filter's cut
}

// newReceiver readies the socket. What the kernel may refuse costs only
// exactness: without auxiliary data there are no tags, without timestamps the
// time is that of reading.
func newReceiver(fd int, c *Config, shape shape) *receiver {
	auxiliary := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_AUXDATA, 1) == nil
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, c.RingBytes) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, c.RingBytes)
	}
	r := &receiver{shape: shape, snap: c.SnapLength, auxiliary: auxiliary, arena: make([]byte, max(c.BlockBytes, 2*c.SnapLength))}
	r.msg.Iov = &r.iov
	r.msg.SetIovlen(1)
	r.msg.Name = (*byte)(unsafe.Pointer(&r.from))
	r.msg.Control = (*byte)(unsafe.Pointer(&r.oob))
	return r
}

// receive reads what is there, as much as the arena holds. It says whether
// there is something to take or to tell.
func (r *receiver) receive(fd uintptr) bool {
	if len(r.frames) > 0 || r.err != nil {
		return true
	}
	for at := 0; at+r.snap <= len(r.arena); {
		n, errno := r.read(fd, r.arena[at:at+r.snap])
		if errno == unix.EINTR {
			continue
		}
		if errno != 0 {
			if errno != unix.EAGAIN {
				r.err = errno
			}
			break
		}
		r.taken++
		at += r.keep(r.arena[at:at+min(n, r.snap):at+r.snap], n)
	}
	return len(r.frames) > 0 || r.err != nil
}

// read one packet; n is its length even if room is less.
func (r *receiver) read(fd uintptr, room []byte) (n int, errno unix.Errno) {
	r.iov.Base = &room[0]
	r.iov.SetLen(len(room))
	r.msg.Namelen = uint32(unsafe.Sizeof(r.from))
	r.msg.SetControllen(controlBytes)
	got, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, fd, uintptr(unsafe.Pointer(&r.msg)), unix.MSG_DONTWAIT|unix.MSG_TRUNC)
	return int(got), errno
}

// keep the packet just read, of which length bytes came by. It gives the bytes
// of the arena that the packet takes up.
func (r *receiver) keep(data []byte, length int) int {
	protocol := networkOrder(r.from.Protocol) // its own inverse
	if !r.wanted(r.from.Pkttype, protocol) {
		return 0
	}
	f := core.Frame{Data: data[:len(data):len(data)], Length: length, Link: r.link, Outgoing: r.from.Pkttype == packetOutgoing}
	r.control(&f)
	if f.Time == 0 {
		f.Time = time.Now().UnixNano()
	}
	r.frames = append(r.frames, f)
	r.count.Add(1)
	return (len(data) + 7) &^ 7
}

// control reads the control messages of the packet just read.
func (r *receiver) control(f *core.Frame) {
	left := uintptr(r.msg.Controllen)
	for p := unsafe.Pointer(&r.oob); left >= unix.SizeofCmsghdr; {
		h := (*unix.Cmsghdr)(p)
		size := uintptr(h.Len)
		if size < unix.SizeofCmsghdr || size > left {
			return
		}
		body := unsafe.Add(p, unix.CmsgLen(0))
		room := int(size) - unix.CmsgLen(0)
		switch {
		case h.Level == unix.SOL_PACKET && h.Type == unix.PACKET_AUXDATA && room >= int(unsafe.Sizeof(unix.TpacketAuxdata{})):
			aux := (*unix.TpacketAuxdata)(body)
			f.Length = int(aux.Len)
			if aux.Status&statusVLANValid != 0 {
				f.VLAN, f.HasVLAN = aux.Vlan_tci, true
				f.Length += vlanTagBytes
			}
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMPNS && room >= int(unsafe.Sizeof(unix.Timespec{})):
			f.Time = (*unix.Timespec)(body).Nano()
		}
		step := uintptr(unix.CmsgSpace(int(size) - unix.CmsgLen(0)))
		if step > left {
			return
		}
		p, left = unsafe.Add(p, step), left-step
	}
}

// take appends what was received; it is valid until the next call of receive.
func (r *receiver) take(dst []core.Frame) []core.Frame {
	dst = append(dst, r.frames...)
	r.frames = r.frames[:0]
	return dst
}

// takeError gives the error that ended the reading, once.
func (r *receiver) takeError() error {
	err := r.err
	r.err = nil
	return err
}
