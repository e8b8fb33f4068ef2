// Package netlink writes and reads the few messages by which the agent talks to
// the kernel's firewall (linux include/uapi/linux/netlink.h and
// netfilter/nfnetlink.h). Numbers in heads are in the machine's order, those in
// attributes of netfilter in network order.
package netlink

import "encoding/binary"

// Lengths of heads.
const (
	HeadLen   = 16          // struct nlmsghdr
	FilterLen = HeadLen + 4 // and struct nfgenmsg
)

// Flags of a message.
const (
	Request = 1      // NLM_F_REQUEST
	Ack     = 4      // NLM_F_ACK
	Alone   = 0x100  // NLM_F_NONREC: a delete that refuses what holds something
	Excl    = 0x200  // NLM_F_EXCL
	Dump    = 0x300  // NLM_F_DUMP
	Create  = 0x400  // NLM_F_CREATE
	Nested  = 0x8000 // NLA_F_NESTED, in the kind of an attribute
)

// Kinds of messages that every subsystem has.
const (
	KindError = 2 // NLMSG_ERROR
	KindDone  = 3 // NLMSG_DONE
)

// Families of a message.
const (
	Unspecified = 0
	IPv4        = 2
	IPv6        = 10
)

var native = binary.NativeEndian

// Message begins a message to a subsystem of netfilter, and gives its place for End.
func Message(b []byte, kind, flags uint16, number uint32, family uint8, resource uint16) ([]byte, int) {
	at := len(b)
	b = native.AppendUint32(b, 0) // length
	b = native.AppendUint16(b, kind)
	b = native.AppendUint16(b, flags|Request)
	b = native.AppendUint32(b, number)
	b = native.AppendUint32(b, 0) // from: the kernel knows
	b = append(b, family, 0)
	return binary.BigEndian.AppendUint16(b, resource), at
}

// End writes the length of the message that began at that place.
func End(b []byte, at int) { native.PutUint32(b[at:], uint32(len(b)-at)) }

// Begin writes the head of a nested attribute whose value follows, and gives its place for Finish.
func Begin(b []byte, kind uint16) ([]byte, int) {
	at := len(b)
	b = native.AppendUint16(b, 0)
	return native.AppendUint16(b, kind|Nested), at
}

// Finish writes the length of the attribute that began at that place.
func Finish(b []byte, at int) { native.PutUint16(b[at:], uint16(len(b)-at)) }

// Attribute writes a whole attribute.
func Attribute(b []byte, kind uint16, value []byte) []byte {
	b = native.AppendUint16(b, uint16(4+len(value)))
	b = native.AppendUint16(b, kind)
	b = append(b, value...)
	return pad(b, len(value))
}

// Text writes an attribute that is a name, with the zero at its end.
func Text(b []byte, kind uint16, name string) []byte {
	b = native.AppendUint16(b, uint16(4+len(name)+1))
	b = native.AppendUint16(b, kind)
	b = append(append(b, name...), 0)
	return pad(b, len(name)+1)
}

// Uint8 writes an attribute of one byte.
func Uint8(b []byte, kind uint16, n uint8) []byte {
	b = native.AppendUint16(b, 5)
	b = native.AppendUint16(b, kind)
	return append(b, n, 0, 0, 0)
}

// Uint16 writes an attribute of two bytes.
func Uint16(b []byte, kind uint16, n uint16) []byte {
	b = native.AppendUint16(b, 6)
	b = native.AppendUint16(b, kind)
	return append(binary.BigEndian.AppendUint16(b, n), 0, 0)
}

// Uint32 writes an attribute of four bytes.
func Uint32(b []byte, kind uint16, n uint32) []byte {
	b = native.AppendUint16(b, 8)
	b = native.AppendUint16(b, kind)
	return binary.BigEndian.AppendUint32(b, n)
}

// Uint64 writes an attribute of eight bytes.
func Uint64(b []byte, kind uint16, n uint64) []byte {
	b = native.AppendUint16(b, 12)
	b = native.AppendUint16(b, kind)
	return binary.BigEndian.AppendUint64(b, n)
}

func pad(b []byte, n int) []byte {
	for ; n%4 != 0; n++ {
		b = append(b, 0)
	}
	return b
}

// Each gives every attribute of b, which begins at a multiple of four bytes,
// lent. False: one is cut, or f gave false.
func Each(b []byte, f func(kind uint16, v []byte) bool) bool {
	const head, kinds = 4, 1<<14 - 1 // the two upper bits say how it is written
	for len(b) >= head {
		n := int(native.Uint16(b))
		if n < head || n > len(b) {
			return false
		}
		if !f(native.Uint16(b[2:])&kinds, b[head:n]) {
			return false
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return true
}

// Answer is a message of the kernel's. Body is lent.
type Answer struct {
	Kind   uint16
	Flags  uint16
	Number uint32
	From   uint32 // who made the kernel say it: a socket's port
	Body   []byte // after struct nlmsghdr
}

// Errno of a message of KindError or KindDone; 0: it says that all went well.
func (a *Answer) Errno() int {
	if len(a.Body) < 4 {
		return 0
	}
	return -int(int32(native.Uint32(a.Body)))
}

// Attributes of a message of netfilter's.
func (a *Answer) Attributes() []byte {
	if len(a.Body) < FilterLen-HeadLen {
		return nil
	}
	return a.Body[FilterLen-HeadLen:]
}

// Next takes the first message off b. False: there is none, or it is cut.
func Next(b []byte) (a Answer, rest []byte, ok bool) {
	if len(b) < HeadLen {
		return a, nil, false
	}
	n := int(native.Uint32(b))
	if n < HeadLen || n > len(b) {
		return a, nil, false
	}
	a = Answer{Kind: native.Uint16(b[4:]), Flags: native.Uint16(b[6:]), Number: native.Uint32(b[8:]), From: native.Uint32(b[12:]), Body: b[HeadLen:n]}
	return a, b[min((n+3)&^3, len(b)):], true
}
