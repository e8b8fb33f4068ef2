// Package connection changes entries of the kernel's table of connections:
// what labels, marks and resets share (linux
// include/uapi/linux/netfilter/nfnetlink_conntrack.h).
package connection

import (
	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/conntrack"
	"netifyd/core/netlink"
)

// Messages.
const (
	Change    = 1 << 8   // IPCTNL_MSG_CT_NEW, of what is there
	Delete    = 1<<8 | 2 // IPCTNL_MSG_CT_DELETE
	groupGone = 3        // NFNLGRP_CONNTRACK_DESTROY
)

// Settings of what changes connections.
type Settings struct {
	action.Common
	Kind uint16 // of the message
	// Append writes what the message says beside the tuple; nil: nothing. Without
	// a flow it takes back whatever the target may have written.
	Append func(b []byte, s *action.Subject, on bool) []byte
	// Skip says that a flow is not to be told of; nil: all are.
	Skip func(s *action.Subject) bool
	// Has says that a connection has what the target writes.
	Has func(c *conntrack.Conn) bool
	// Managed: Close takes back what the target wrote, and only that.
	Managed bool
	// Alone: no one else writes it. So Sync takes it from connections that no
	// flow wants it on, as after a crash.
	Alone bool
	// Once: what was done need not be done again nor be taken back.
	Once bool
}

// hasPorts says that the table names connections of the IP protocol by ports.
func hasPorts(protocol uint8) bool {
	switch protocol {
	case 6, 17, 33, 132, 136: // TCP, UDP, DCCP, SCTP, UDP-Lite
		return true
	}
	return false
}

func turned(t core.Tuple) core.Tuple {
	t.Src, t.Dst, t.SrcPort, t.DstPort = t.Dst, t.Src, t.DstPort, t.SrcPort
	return t
}

// appendMessage writes the message about a connection.
func (s *Settings) appendMessage(b []byte, number uint32, t *core.Tuple, f *action.Subject, on bool) []byte {
	b, at := netlink.Message(b, s.Kind, netlink.Ack, number, conntrack.Family(t), 0)
	b = conntrack.AppendTuple(b, t)
	if s.Append != nil {
		b = s.Append(b, f, on)
	}
	netlink.End(b, at)
	return b
}
