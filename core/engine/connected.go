package engine

import (
	"netifyd/core"
	"netifyd/core/conntrack"
	"netifyd/core/flow"
)

// connections is the kernel's connection table, as conntrack.Asker is.
type connections interface {
	Lookup(t *core.Tuple, c *conntrack.Conn) bool
}

// connected asks the kernel for the connection of a flow; nil: it knows none.
// What comes in a tunnel is not the kernel's connection.
func (s *Shard) connected(r *flow.Record) *conntrack.Conn {
	if r.Tunnel != 0 {
		return nil
	}
	opener := r.Opener()
	t, c := &s.lines.tuple, &s.lines.conn
	t.Src, t.Dst, t.SrcPort, t.DstPort = r.Addr[opener], r.Addr[1-opener], r.Port[opener], r.Port[1-opener]
	t.Protocol, t.Version = r.Protocol, r.Version
	if !s.known.Lookup(t, c) {
		return nil
	}
	return c
}

// connect lets a shard of a device ask the kernel's connection table, by a way of
// its own; where that cannot be had, it knows of no connections.
func (e *Engine) connect(s *Shard) {
	if e.opts.NoConntrack {
		return
	}
	t, err := conntrack.NewAsker()
	if err != nil {
		e.log.Debug().Err(err).Msg("the connection table is not asked")
		return
	}
	s.known = t
}
