package nftset

import (
	"bytes"
	"encoding/binary"

	"netifyd/core/netlink"
)

var native = binary.NativeEndian

// Messages of nftables (linux include/uapi/linux/netfilter/nf_tables.h).
const (
	subsystem    = 10 << 8
	newTable     = subsystem // the first one
	getTable     = subsystem | 1
	delTable     = subsystem | 2
	newSet       = subsystem | 9
	getSet       = subsystem | 10
	delSet       = subsystem | 11
	newElement   = subsystem | 12
	getElement   = subsystem | 13
	delElement   = subsystem | 14
	newGen       = subsystem | 15
	getGen       = subsystem | 16
	batchBegin   = 16 // NFNL_MSG_BATCH_BEGIN
	batchEnd     = 17
	subsystemRes = 10 // in the head of the two

	groupRules = 7 // NFNLGRP_NFTABLES
)

// Attributes and flags.
const (
	genID   = 1 // NFTA_GEN_ID
	batchID = 1 // NFNL_BATCH_GENID

	tableName, tableHandle = 1, 4

	setTable, setName, setFlags        = 1, 2, 3
	setKeyType, setKeyLen, setDataType = 4, 5, 6
	setDesc, setID, setUserdata        = 9, 10, 13
	setHandle                          = 16
	descSize                           = 1

	setConstant, setInterval, setMap, setTimeout = 2, 4, 8, 16

	listTable, listSet, listElements = 1, 2, 3
	listElement                      = 1
	elementKey                       = 1
	elementTimeout                   = 4 // milliseconds
	elementExpiration                = 5
	elementUserdata                  = 6
	dataValue                        = 1
)

// mine is the comment of the agent's elements and sets, as nft keeps it: kind,
// length, text. It shows in nft list, and says after a crash whose they are.
var (
	mine    = append([]byte{0, 8}, "netifyd\x00"...) // NFTNL_UDATA_SET_ELEM_COMMENT
	mineSet = append([]byte{7, 8}, "netifyd\x00"...) // NFTNL_UDATA_SET_COMMENT
)

func appendBatch(b []byte, kind uint16) []byte {
	b, at := netlink.Message(b, kind, 0, 0, netlink.Unspecified, subsystemRes)
	netlink.End(b, at)
	return b
}

// appendGeneration begins a batch that the kernel refuses if it has changed its rules since.
func appendGeneration(b []byte, generation uint32) []byte {
	b, at := netlink.Message(b, batchBegin, 0, 0, netlink.Unspecified, subsystemRes)
	b = netlink.Uint32(b, batchID, generation)
	netlink.End(b, at)
	return b
}

func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }

// appendElement writes a message about one element. A timeout is in seconds; 0: none.
func appendElement(b []byte, kind, flags uint16, number uint32, family uint8, table, set string, key []byte, ttl uint32) []byte {
	b, at := netlink.Message(b, kind, flags, number, family, 0)
	b = netlink.Text(b, listTable, table)
	b = netlink.Text(b, listSet, set)
	b, list := netlink.Begin(b, listElements)
	b, one := netlink.Begin(b, listElement)
	b, k := netlink.Begin(b, elementKey)
	b = netlink.Attribute(b, dataValue, key)
	netlink.Finish(b, k)
	if kind == newElement {
		if ttl != 0 {
			b = netlink.Uint64(b, elementTimeout, uint64(ttl)*1000)
		}
		b = netlink.Attribute(b, elementUserdata, mine)
	}
	netlink.Finish(b, one)
	netlink.Finish(b, list)
	netlink.End(b, at)
	return b
}

// appendElements asks for all elements of a set.
func appendElements(b []byte, number uint32, family uint8, table, set string) []byte {
	b, at := netlink.Message(b, getElement, netlink.Dump, number, family, 0)
	b = netlink.Text(b, listTable, table)
	b = netlink.Text(b, listSet, set)
	netlink.End(b, at)
	return b
}

func appendGetSet(b []byte, number uint32, family uint8, table, set string) []byte {
	b, at := netlink.Message(b, getSet, 0, number, family, 0)
	b = netlink.Text(b, setTable, table)
	b = netlink.Text(b, setName, set)
	netlink.End(b, at)
	return b
}

func appendGetTable(b []byte, number uint32, family uint8, table string) []byte {
	b, at := netlink.Message(b, getTable, 0, number, family, 0)
	b = netlink.Text(b, tableName, table)
	netlink.End(b, at)
	return b
}

func appendNewTable(b []byte, number uint32, family uint8, table string) []byte {
	b, at := netlink.Message(b, newTable, netlink.Create, number, family, 0)
	b = netlink.Text(b, tableName, table)
	netlink.End(b, at)
	return b
}

// appendDelete writes a batch that deletes a table, or a set of it, if nothing is in it.
func appendDelete(b []byte, number uint32, family uint8, table, set string) []byte {
	kind := uint16(delTable)
	if set != "" {
		kind = delSet
	}
	b = appendBatch(b, batchBegin)
	b, at := netlink.Message(b, kind, netlink.Alone|netlink.Ack, number, family, 0)
	b = netlink.Text(b, setTable, table) // the attribute of a table's name has the same number
	if set != "" {
		b = netlink.Text(b, setName, set)
	}
	netlink.End(b, at)
	return appendBatch(b, batchEnd)
}

func appendNewSet(b []byte, number uint32, family uint8, table string, s *set, size int) []byte {
	b, at := netlink.Message(b, newSet, netlink.Create|netlink.Ack, number, family, 0)
	b = netlink.Text(b, setTable, table)
	b = netlink.Text(b, setName, s.name)
	b = netlink.Uint32(b, setFlags, setTimeout)
	b = netlink.Uint32(b, setKeyType, s.kind)
	b = netlink.Uint32(b, setKeyLen, uint32(s.length))
	b = netlink.Uint32(b, setID, 1)
	b, desc := netlink.Begin(b, setDesc)
	b = netlink.Uint32(b, descSize, uint32(size))
	netlink.Finish(b, desc)
	order := uint32(2) // network order
	if s.kind == 19 || s.kind == 41 {
		order = 1 // a mark or a name alone is in the machine's
	}
	ud := native.AppendUint32([]byte{0, 4}, order) // NFTNL_UDATA_SET_KEYBYTEORDER
	b = netlink.Attribute(b, setUserdata, append(ud, mineSet...))
	netlink.End(b, at)
	return b
}

// handle of a table.
func handle(b []byte) (h uint64) {
	netlink.Each(b, func(kind uint16, v []byte) bool {
		if kind == tableHandle && len(v) == 8 {
			h = binary.BigEndian.Uint64(v)
		}
		return true
	})
	return h
}

// seen is what the kernel says of a set.
type seen struct {
	flags, kind, length, size uint32
	handle                    uint64
	mine                      bool // the agent made it
}

func (s *seen) parse(b []byte) bool {
	*s = seen{}
	return netlink.Each(b, func(kind uint16, v []byte) bool {
		switch kind {
		case setFlags, setKeyType, setKeyLen:
			if len(v) != 4 {
				return false
			}
			n := be32(v)
			switch kind {
			case setFlags:
				s.flags = n
			case setKeyType:
				s.kind = n
			case setKeyLen:
				s.length = n
			}
		case setDesc:
			return netlink.Each(v, func(kind uint16, v []byte) bool {
				if kind == descSize && len(v) == 4 {
					s.size = be32(v)
				}
				return true
			})
		case setUserdata:
			s.mine = bytes.Contains(v, mineSet)
		case setHandle:
			if len(v) != 8 {
				return false
			}
			s.handle = binary.BigEndian.Uint64(v)
		}
		return true
	})
}

// element is what the kernel says of an element. Key is lent.
type element struct {
	key       []byte
	remaining uint32 // seconds; 0: it has no timeout
	mine      bool
}

// each gives the elements in a message of the kernel's, and the set they are in.
func each(b []byte, f func(table, set []byte, e *element)) bool {
	var table, set, list []byte
	if !netlink.Each(b, func(kind uint16, v []byte) bool {
		switch kind {
		case listTable:
			table = text(v)
		case listSet:
			set = text(v)
		case listElements:
			list = v
		}
		return true
	}) {
		return false
	}
	return netlink.Each(list, func(_ uint16, v []byte) bool {
		var e element
		if !e.parse(v) {
			return false
		}
		f(table, set, &e)
		return true
	})
}

func (e *element) parse(b []byte) bool {
	return netlink.Each(b, func(kind uint16, v []byte) bool {
		switch kind {
		case elementKey:
			return netlink.Each(v, func(kind uint16, v []byte) bool {
				if kind == dataValue {
					e.key = v
				}
				return true
			})
		case elementExpiration:
			if len(v) != 8 {
				return false
			}
			e.remaining = uint32(min(binary.BigEndian.Uint64(v)/1000+1, 1<<31))
		case elementUserdata:
			e.mine = len(v) >= len(mine) && string(v[:len(mine)]) == string(mine)
		}
		return true
	}) && e.key != nil
}

// text is a name without the zero at its end.
func text(b []byte) []byte {
	for i, c := range b {
		if c == 0 {
			return b[:i]
		}
	}
	return b
}
