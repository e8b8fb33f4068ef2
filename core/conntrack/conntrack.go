// Package conntrack asks the kernel's connection table about one connection at
// a time, by netlink. Other systems than Linux have none.
package conntrack

import (
	"encoding/binary"
	"errors"

	"netifyd/core"
)

// Entry is what the table says of a connection.
type Entry struct {
	ID, Mark uint32
	// Reply is what its answers look like, which translation makes another
	// thing than the opposite of Original.
	Original, Reply core.Tuple
}

// Translated says that the addresses or ports are not the same on both sides.
func (e *Entry) Translated() bool {
	return e.Reply.Src != e.Original.Dst || e.Reply.Dst != e.Original.Src || e.Reply.SrcPort != e.Original.DstPort || e.Reply.DstPort != e.Original.SrcPort
}

// Numbers of linux include/uapi/linux/netlink.h and
// include/uapi/linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h.
const (
	headLen    = 16 // struct nlmsghdr
	genLen     = 4  // struct nfgenmsg
	attrLen    = 4  // struct nlattr
	typeError  = 2  // NLMSG_ERROR
	typeNew    = 1<<8 | 0
	typeGet    = 1<<8 | 1 // NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET
	isRequest  = 1        // NLM_F_REQUEST
	nested     = 0x8000   // NLA_F_NESTED
	kindMask   = 0x3fff   // NLA_TYPE_MASK
	familyIPv4 = 2
	familyIPv6 = 10

	tupleOriginal = 1 // CTA_TUPLE_ORIG
	tupleReply    = 2
	ctMark        = 8
	ctID          = 12
	tupleIP       = 1 // CTA_TUPLE_IP
	tupleProto    = 2
	ipv4Src       = 1 // CTA_IP_V4_SRC
	ipv4Dst       = 2
	ipv6Src       = 3
	ipv6Dst       = 4
	protoNumber   = 1 // CTA_PROTO_NUM
	protoSrcPort  = 2
	protoDstPort  = 3
)

var (
	errNone    = errors.New("the connection is not in the table")
	errMessage = errors.New("the kernel's answer is not understood")
)

var native = binary.NativeEndian

// appendRequest writes the question for the connection of t, with a number for its answer.
func appendRequest(b []byte, t *core.Tuple, number uint32) []byte {
	start := len(b)
	b = native.AppendUint32(b, 0) // length
	b = native.AppendUint16(b, typeGet)
	b = native.AppendUint16(b, isRequest)
	b = native.AppendUint32(b, number)
	b = native.AppendUint32(b, 0)
	family, size, src, dst := byte(familyIPv4), 4, uint16(ipv4Src), uint16(ipv4Dst)
	if t.Version == 6 {
		family, size, src, dst = familyIPv6, 16, ipv6Src, ipv6Dst
	}
	b = append(b, family, 0, 0, 0)
	b, tuple := open(b, tupleOriginal|nested)
	b, ip := open(b, tupleIP|nested)
	b = attribute(b, src, t.Src[:size])
	b = attribute(b, dst, t.Dst[:size])
	shut(b, ip)
	b, proto := open(b, tupleProto|nested)
	b = attribute(b, protoNumber, []byte{t.Protocol})
	b = attribute(b, protoSrcPort, []byte{byte(t.SrcPort >> 8), byte(t.SrcPort)})
	b = attribute(b, protoDstPort, []byte{byte(t.DstPort >> 8), byte(t.DstPort)})
	shut(b, proto)
	shut(b, tuple)
	native.PutUint32(b[start:], uint32(len(b)-start))
	return b
}

// open begins an attribute whose value follows, and gives its place for shut.
func open(b []byte, kind uint16) ([]byte, int) {
	at := len(b)
	b = native.AppendUint16(b, 0)
	return native.AppendUint16(b, kind), at
}

func shut(b []byte, at int) { native.PutUint16(b[at:], uint16(len(b)-at)) }

func attribute(b []byte, kind uint16, value []byte) []byte {
	b = native.AppendUint16(b, uint16(attrLen+len(value)))
	b = native.AppendUint16(b, kind)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

// parse reads an answer. An error number of the kernel is given as such.
func (e *Entry) parse(b []byte, number uint32) (errno int, err error) {
	if len(b) < headLen {
		return 0, errMessage
	}
	n := int(native.Uint32(b))
	if n < headLen || n > len(b) || native.Uint32(b[8:]) != number {
		return 0, errMessage
	}
	kind := native.Uint16(b[4:])
	b = b[headLen:n]
	switch {
	case kind == typeError && len(b) >= 4:
		return -int(int32(native.Uint32(b))), errNone
	case kind != typeNew || len(b) < genLen:
		return 0, errMessage
	}
	version := uint8(4)
	if b[0] == familyIPv6 {
		version = 6
	}
	*e = Entry{}
	seen := 0
	err = each(b[genLen:], func(kind uint16, value []byte) error {
		switch kind {
		case tupleOriginal:
			seen |= 1
			return tuple(&e.Original, version, value)
		case tupleReply:
			seen |= 2
			return tuple(&e.Reply, version, value)
		case ctMark, ctID:
			if len(value) != 4 {
				return errMessage
			}
			if kind == ctMark {
				e.Mark = binary.BigEndian.Uint32(value)
			} else {
				e.ID = binary.BigEndian.Uint32(value)
			}
		}
		return nil
	})
	if err == nil && seen != 3 {
		err = errMessage
	}
	return 0, err
}

// each calls fn for each attribute.
func each(b []byte, fn func(kind uint16, value []byte) error) error {
	for len(b) > 0 {
		if len(b) < attrLen {
			return errMessage
		}
		n := int(native.Uint16(b))
		if n < attrLen || n > len(b) {
			return errMessage
		}
		if err := fn(native.Uint16(b[2:])&kindMask, b[attrLen:n]); err != nil {
			return err
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return nil
}

func tuple(t *core.Tuple, version uint8, b []byte) error {
	*t = core.Tuple{Version: version}
	return each(b, func(kind uint16, value []byte) error {
		switch kind {
		case tupleIP:
			return each(value, func(kind uint16, value []byte) error { return address(t, version, kind, value) })
		case tupleProto:
			return each(value, func(kind uint16, value []byte) error { return port(t, kind, value) })
		}
		return nil
	})
}

func address(t *core.Tuple, version uint8, kind uint16, value []byte) error {
	size := 4
	if version == 6 {
		size = 16
	}
	switch kind {
	case ipv4Src, ipv4Dst, ipv6Src, ipv6Dst:
		if len(value) != size {
			return errMessage
		}
		if kind == ipv4Src || kind == ipv6Src {
			copy(t.Src[:], value)
		} else {
			copy(t.Dst[:], value)
		}
	}
	return nil
}

func port(t *core.Tuple, kind uint16, value []byte) error {
	switch kind {
	case protoNumber:
		if len(value) != 1 {
			return errMessage
		}
		t.Protocol = value[0]
	case protoSrcPort, protoDstPort:
		if len(value) != 2 {
			return errMessage
		}
		n := binary.BigEndian.Uint16(value)
		if kind == protoSrcPort {
			t.SrcPort = n
		} else {
			t.DstPort = n
		}
	}
	return nil
}
