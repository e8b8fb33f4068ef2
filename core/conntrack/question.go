package conntrack

import (
	"encoding/binary"

	"netifyd/core"
	"netifyd/core/netlink"
)

const askOne = 1<<8 | 1 // NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET

var native = binary.NativeEndian

// appendQuestion writes the question for the connection of t, with a number for its answer.
func appendQuestion(b []byte, t *core.Tuple, number uint32) []byte {
	b, start := netlink.Message(b, askOne, 0, number, Family(t), 0)
	b = AppendTuple(b, t)
	netlink.End(b, start)
	return b
}

// Family of a message about a connection.
func Family(t *core.Tuple) uint8 {
	if t.Version == 6 {
		return netlink.IPv6
	}
	return netlink.IPv4
}

// AppendTuple writes the attribute that names a connection. It takes the
// tuple of either direction.
func AppendTuple(b []byte, t *core.Tuple) []byte {
	size, src, dst := 4, uint16(v4Src), uint16(v4Dst)
	if t.Version == 6 {
		size, src, dst = 16, v6Src, v6Dst
	}
	b, ends := netlink.Begin(b, tupleOrig)
	b, ip := netlink.Begin(b, tupleIP)
	b = netlink.Attribute(b, src, t.Src[:size])
	b = netlink.Attribute(b, dst, t.Dst[:size])
	netlink.Finish(b, ip)
	b, proto := netlink.Begin(b, tupleProto)
	b = netlink.Uint8(b, protoNum, t.Protocol)
	b = netlink.Uint16(b, protoSrc, t.SrcPort)
	b = netlink.Uint16(b, protoDst, t.DstPort)
	netlink.Finish(b, proto)
	netlink.Finish(b, ends)
	return b
}
