package ctlabel

import (
	"errors"
	"fmt"
	"iter"

	"golang.org/x/sys/unix"

	"netifyd/core"
	"netifyd/core/action"
	"netifyd/core/action/connection"
	"netifyd/core/conntrack"
	"netifyd/core/netlink"
)

// Sync labels all, and looks whether the kernel keeps labels at all.
func (t *Target) Sync(all iter.Seq2[*action.Subject, uint32]) error {
	err := t.Target.Sync(all)
	if wrong := t.check(); err == nil {
		err = wrong
	}
	return err
}

// Attributes of an entry that is made, and a bit of its status.
const (
	attributeStatus, attributeTimeout = 3, 7 // CTA_STATUS, CTA_TIMEOUT
	attributeReply                    = 2
	confirmed                         = 8
)

// check makes an entry of the table that no packet belongs to (addresses of
// RFC 5737 §3), with a label, and looks whether it keeps it. The kernel gives
// connections room for labels only while a rule uses them, and says nothing
// where there is none.
func (t *Target) check() error {
	p := core.Tuple{Src: [16]byte{192, 0, 2, 1}, Dst: [16]byte{192, 0, 2, 2}, SrcPort: 9, DstPort: 9, Protocol: 17, Version: 4}
	var all bits
	all.set(0)
	b, at := netlink.Message(nil, connection.Change, netlink.Create|netlink.Excl|netlink.Ack, t.Number(), netlink.IPv4, 0)
	b = conntrack.AppendTuple(b, &p)
	reply := len(b)
	b = conntrack.AppendTuple(b, &core.Tuple{Src: p.Dst, Dst: p.Src, SrcPort: 9, DstPort: 9, Protocol: 17, Version: 4})
	native.PutUint16(b[reply+2:], attributeReply|netlink.Nested)
	b = netlink.Uint32(b, attributeStatus, confirmed)
	b = netlink.Uint32(b, attributeTimeout, 2)
	b = netlink.Attribute(netlink.Attribute(b, attributeLabels, all[:]), attributeMask, all[:])
	netlink.End(b, at)
	if err := t.Ask(b, func(*netlink.Answer) {}); err != nil {
		if err == unix.ENOSPC || err == unix.EOPNOTSUPP {
			return t.unused()
		}
		return fmt.Errorf("the kernel refuses a connection with a label (%w): %s", err, netlink.Lacking("kmod-nf-conntrack-netlink", "nf_conntrack_netlink"))
	}
	var c conntrack.Conn
	get, at := netlink.Message(nil, 1<<8|1, 0, t.Number(), netlink.IPv4, 0) // IPCTNL_MSG_CT_GET
	get = conntrack.AppendTuple(get, &p)
	netlink.End(get, at)
	err := t.Ask(get, func(a *netlink.Answer) { c.Parse(a.Attributes()) })
	del, at := netlink.Message(nil, connection.Delete, netlink.Ack, t.Number(), netlink.IPv4, 0)
	del = conntrack.AppendTuple(del, &p)
	netlink.End(del, at)
	_ = t.Ask(del, func(*netlink.Answer) {})
	if err == nil && !all.any((*bits)(&c.Labels)) {
		return t.unused()
	}
	return nil
}

func (t *Target) unused() error {
	return errors.New("the kernel keeps no labels, as no rule uses them: load a chain that does, such as `table inet netifyd_labels { chain use { ct label set 0; }; }`; connections that began before stay without")
}
