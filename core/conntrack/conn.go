// Package conntrack reads the kernel's table of connections by netlink: what
// NAT makes of them, what was counted, and which of them pass where no capture
// sees them.
package conntrack

import (
	"encoding/binary"

	"netifyd/core"
	"netifyd/core/netlink"
)

// Conn is a connection over TCP or UDP.
type Conn struct {
	Tuples    [2]core.Tuple // of the packets that opened it, of the answers
	Count     [2]core.Count // since it was opened, of each
	Counted   bool          // accounting is on
	Offloaded bool          // the kernel forwards it past the network stack
	Hardware  bool          // or a device does
	ID, Mark  uint32
	Labels    [16]byte // words of 32 bits in the machine's order, as the kernel gives them
}

// NAT says that the answers are not those of the packets that opened the
// connection, turned round: an address or a port of it is translated.
func (c *Conn) NAT() bool {
	o, r := &c.Tuples[0], &c.Tuples[1]
	return o.Src != r.Dst || o.Dst != r.Src || o.SrcPort != r.DstPort || o.DstPort != r.SrcPort
}

// Attributes of a connection (linux include/uapi/linux/netfilter/nfnetlink_conntrack.h),
// and bits of its status (nf_conntrack_common.h).
const (
	tupleOrig, tupleReply     = 1, 2
	status                    = 3
	ctMark, ctID              = 8, 12
	countersOrig, countersRep = 9, 10
	ctLabels                  = 22

	tupleIP, tupleProto  = 1, 2
	v4Src, v4Dst         = 1, 2
	v6Src, v6Dst         = 3, 4
	protoNum             = 1
	protoSrc, protoDst   = 2, 3
	countPackets, nBytes = 1, 2

	statusOffload   = 1 << 14
	statusHwOffload = 1 << 15
)

// Parse reads the attributes of a connection. False: it is not TCP or UDP, or not whole.
func (c *Conn) Parse(b []byte) bool {
	*c = Conn{}
	counted := 0
	seen := 0
	ok := netlink.Each(b, func(kind uint16, v []byte) bool {
		switch kind {
		case tupleOrig, tupleReply:
			seen |= int(kind)
			return tuple(&c.Tuples[kind-tupleOrig], v)
		case status:
			if len(v) < 4 {
				return false
			}
			s := binary.BigEndian.Uint32(v)
			c.Hardware = s&statusHwOffload != 0
			c.Offloaded = c.Hardware || s&statusOffload != 0
		case ctMark, ctID:
			if len(v) != 4 {
				return false
			}
			if n := binary.BigEndian.Uint32(v); kind == ctMark {
				c.Mark = n
			} else {
				c.ID = n
			}
		case ctLabels:
			copy(c.Labels[:], v)
		case countersOrig, countersRep:
			counted++
			return count(&c.Count[kind-countersOrig], v)
		}
		return true
	})
	c.Counted = counted == 2
	return ok && seen == tupleOrig|tupleReply && c.Tuples[0].Protocol == c.Tuples[1].Protocol && c.Tuples[0].Version == c.Tuples[1].Version
}

func tuple(t *core.Tuple, b []byte) bool {
	ends, ports := 0, 0
	ok := netlink.Each(b, func(kind uint16, v []byte) bool {
		switch kind {
		case tupleIP:
			return netlink.Each(v, func(kind uint16, v []byte) bool {
				switch kind {
				case v4Src, v6Src:
					ends++
					return address(t, &t.Src, v, kind == v6Src)
				case v4Dst, v6Dst:
					ends++
					return address(t, &t.Dst, v, kind == v6Dst)
				}
				return true
			})
		case tupleProto:
			return netlink.Each(v, func(kind uint16, v []byte) bool {
				switch {
				case kind == protoNum && len(v) >= 1:
					t.Protocol = v[0]
				case kind == protoSrc && len(v) >= 2:
					ports++
					t.SrcPort = binary.BigEndian.Uint16(v)
				case kind == protoDst && len(v) >= 2:
					ports++
					t.DstPort = binary.BigEndian.Uint16(v)
				}
				return true
			})
		}
		return true
	})
	return ok && ends == 2 && ports == 2 && (t.Protocol == 6 || t.Protocol == 17)
}

func address(t *core.Tuple, a *[16]byte, v []byte, v6 bool) bool {
	n, version := 4, uint8(4)
	if v6 {
		n, version = 16, 6
	}
	if len(v) != n || t.Version != 0 && t.Version != version {
		return false
	}
	t.Version = version
	copy(a[:], v)
	return true
}

func count(n *core.Count, b []byte) bool {
	return netlink.Each(b, func(kind uint16, v []byte) bool {
		switch {
		case kind == countPackets && len(v) == 8:
			n.Packets = binary.BigEndian.Uint64(v)
		case kind == nBytes && len(v) == 8:
			n.Bytes = binary.BigEndian.Uint64(v)
		}
		return n.Packets>>63 == 0 && n.Bytes>>63 == 0
	})
}
