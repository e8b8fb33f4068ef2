package conntrack

import (
	"encoding/binary"

	"netifyd/core"
)

// Numbers of a question (linux include/uapi/linux/netlink.h,
// netfilter/nfnetlink.h and nfnetlink_conntrack.h).
const (
	askOne     = 1<<8 | 1 // NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET
	isRequest  = 1        // NLM_F_REQUEST
	isNested   = 0x8000   // NLA_F_NESTED
	familyIPv4 = 2
	familyIPv6 = 10
)

var native = binary.NativeEndian

// appendQuestion writes the question for the connection of t, with a number for its answer.
func appendQuestion(b []byte, t *core.Tuple, number uint32) []byte {
	start := len(b)
	b = native.AppendUint32(b, 0) // length
	b = native.AppendUint16(b, askOne)
	b = native.AppendUint16(b, isRequest)
	b = native.AppendUint32(b, number)
	b = native.AppendUint32(b, 0)
	family, size, src, dst := byte(familyIPv4), 4, uint16(v4Src), uint16(v4Dst)
	if t.Version == 6 {
		family, size, src, dst = familyIPv6, 16, v6Src, v6Dst
	}
	b = append(b, family, 0, 0, 0)
	b, ends := begin(b, tupleOrig|isNested)
	b, ip := begin(b, tupleIP|isNested)
	b = appendAttribute(b, src, t.Src[:size])
	b = appendAttribute(b, dst, t.Dst[:size])
	finish(b, ip)
	b, proto := begin(b, tupleProto|isNested)
	b = appendAttribute(b, protoNum, []byte{t.Protocol})
	b = appendAttribute(b, protoSrc, []byte{byte(t.SrcPort >> 8), byte(t.SrcPort)})
	b = appendAttribute(b, protoDst, []byte{byte(t.DstPort >> 8), byte(t.DstPort)})
	finish(b, proto)
	finish(b, ends)
	native.PutUint32(b[start:], uint32(len(b)-start))
	return b
}

// begin writes the head of an attribute whose value follows, and gives its place for finish.
func begin(b []byte, kind uint16) ([]byte, int) {
	at := len(b)
	b = native.AppendUint16(b, 0)
	return native.AppendUint16(b, kind), at
}

func finish(b []byte, at int) { native.PutUint16(b[at:], uint16(len(b)-at)) }

func appendAttribute(b []byte, kind uint16, value []byte) []byte {
	b = native.AppendUint16(b, uint16(4+len(value)))
	b = native.AppendUint16(b, kind)
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}
