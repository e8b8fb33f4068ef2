package ipset

import (
	"encoding/binary"
	"strings"

	"netifyd/core/netlink"
)

// head is what the kernel says of a set or of a type.
type head struct {
	kind     string
	family   uint8
	revision uint8
	flags    uint32
	timed    bool
}

func (h *head) parse(b []byte) bool {
	return netlink.Each(b, func(kind uint16, v []byte) bool {
		switch kind {
		case attrType:
			h.kind = strings.TrimRight(string(v), "\x00")
		case attrFamily:
			h.family = first(v)
		case attrRevision:
			h.revision = first(v)
		case attrData:
			return netlink.Each(v, func(kind uint16, v []byte) bool {
				switch kind {
				case elemFlags:
					if len(v) == 4 {
						h.flags = binary.BigEndian.Uint32(v)
					}
				case elemTimeout:
					h.timed = true
				}
				return true
			})
		}
		return true
	})
}

func first(b []byte) uint8 {
	if len(b) == 0 {
		return 0
	}
	return b[0]
}

// element is one of the kernel's.
type element struct {
	item
	remaining uint32 // seconds; 0: it has no timeout
	mine      bool
}

// each gives the elements in a message of the kernel's.
func each(b []byte, f func(e *element)) bool {
	return netlink.Each(b, func(kind uint16, v []byte) bool {
		if kind != attrElements {
			return true
		}
		return netlink.Each(v, func(_ uint16, v []byte) bool {
			var e element
			if !e.parse(v) {
				return false
			}
			f(&e)
			return true
		})
	})
}

func (e *element) parse(b []byte) bool {
	return netlink.Each(b, func(kind uint16, v []byte) bool {
		switch kind {
		case elemIP:
			return e.address(&e.ip, v)
		case elemIP2:
			return e.address(&e.ip2, v)
		case elemPort:
			if len(v) == 2 {
				e.port = binary.BigEndian.Uint16(v)
			}
		case elemProto:
			e.proto = first(v)
		case elemEther:
			copy(e.mac[:], v)
		case elemTimeout:
			if len(v) == 4 {
				e.remaining = binary.BigEndian.Uint32(v)
			}
		case elemComment:
			e.mine = strings.TrimRight(string(v), "\x00") == comment
		}
		return true
	})
}

func (e *element) address(a *[16]byte, b []byte) bool {
	return netlink.Each(b, func(kind uint16, v []byte) bool {
		switch {
		case kind == ipv4 && len(v) == 4, kind == ipv6 && len(v) == 16:
			copy(a[:], v)
			e.v6 = kind == ipv6
			return true
		}
		return false
	})
}
