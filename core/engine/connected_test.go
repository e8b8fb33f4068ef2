package engine

import (
	"strings"
	"testing"

	"netifyd/core"
	"netifyd/core/conntrack"
	"netifyd/core/sink"
)

// translating is a connection table whose connections leave by another address.
type translating struct{ asked int }

func (c *translating) Lookup(t *core.Tuple, e *conntrack.Conn) bool {
	c.asked++
	*e = conntrack.Conn{ID: 4711, Mark: 3}
	e.Tuples = [2]core.Tuple{*t, {Src: t.Dst, Dst: [16]byte{198, 51, 100, 99}, SrcPort: t.DstPort, DstPort: 40001, Protocol: t.Protocol, Version: t.Version}}
	return t.Protocol == ipTCP
}

// What the kernel knows of a connection stands in full records, and is asked once for lines that are told together.
func TestConntrackOfAFlow(t *testing.T) {
	w := newFive(t, nil)
	table := new(translating)
	w.shard.known = table
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 0\r\n\r\n")
	w.out.Flush()
	text := w.lines.String()
	want := `"conntrack":{"id":4711,"mark":3,"reply_dst_ip":"198.51.100.99","reply_dst_port":40001,"reply_src_ip":"198.51.100.1","reply_src_port":8080}`
	for l := range strings.Lines(text) {
		if !strings.Contains(l, want) {
			t.Errorf("%s", l)
		}
	}
	if n := strings.Count(text, "\n"); n != 2 || table.asked > n {
		t.Errorf("%d questions for %d lines", table.asked, n)
	}
}

// Nothing is asked where nobody listens, and not about counters.
func TestConntrackIsAskedForListenersOnly(t *testing.T) {
	w := newWorld(t, nil)
	table := new(translating)
	w.shard.known, w.shard.out = table, sink.NewFanout(sink.Options{}).Port()
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.close()
	if table.asked != 0 {
		t.Errorf("%d questions for nobody", table.asked)
	}
}
