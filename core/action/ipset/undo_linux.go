package ipset

import "netifyd/core/netlink"

// Unmake lets Close destroy what was made.
func (t *Target) Unmake() { t.undo = true }

// destroy takes away a set in which nothing is. The kernel keeps what a rule uses.
func (t *Target) destroy(s *set) {
	n := 0
	err := t.conn.Ask(t.set.appendAsk(nil, cmdList, netlink.Dump, t.conn.Number(), s), func(a *netlink.Answer) {
		each(a.Attributes(), func(*element) { n++ })
	})
	if err == nil && n == 0 {
		_ = t.conn.Ask(t.set.appendAsk(nil, cmdDestroy, netlink.Ack, t.conn.Number(), s), func(*netlink.Answer) {})
	}
}
