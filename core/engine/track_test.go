package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/layers"

	"netifyd/core"
	"netifyd/core/proto"
	"netifyd/detect"
)

// tcpOf gives retrans and seq_errors of the newest purge.
func tcpOf(t *testing.T, lines []line) (retrans, gaps any) {
	t.Helper()
	for i := len(lines) - 1; i >= 0; i-- {
		if lines[i].Type == "flow_purge" {
			tcp := lines[i].Flow["tcp"].(map[string]any)
			return tcp["retrans"], tcp["seq_errors"]
		}
	}
	t.Fatalf("no purge: %s", story(lines))
	return nil, nil
}

func TestWhatWasSentAgain(t *testing.T) {
	text := strings.Repeat("x", 1000)
	at := func(c *conn, n int) { c.sseq = 6001 + uint32(n)*1000; c.down(text) }
	for _, tc := range []struct {
		name          string
		send          func(c *conn)
		retrans, gaps float64
	}{
		{"in order", func(c *conn) { at(c, 0); at(c, 1); at(c, 2) }, 0, 0},
		{"two swapped", func(c *conn) { at(c, 0); at(c, 2); at(c, 1); at(c, 3) }, 0, 1},
		{"the first two swapped", func(c *conn) { at(c, 1); at(c, 0); at(c, 2) }, 0, 1},
		{"three turned round", func(c *conn) { at(c, 2); at(c, 1); at(c, 0); at(c, 3) }, 0, 1},
		{"two pairs swapped", func(c *conn) { at(c, 1); at(c, 0); at(c, 3); at(c, 2) }, 0, 2},
		{"each twice", func(c *conn) { at(c, 0); at(c, 0); at(c, 1); at(c, 1) }, 2, 0},
		{"late, and then again", func(c *conn) { at(c, 0); at(c, 2); at(c, 1); at(c, 1) }, 1, 1},
		{"lost on the way here", func(c *conn) { at(c, 0); at(c, 2); c.w.wait(250 * time.Millisecond); at(c, 1); at(c, 3) }, 1, 1},
		{"lost behind us", func(c *conn) {
			at(c, 0)
			at(c, 1)
			at(c, 2)
			c.w.wait(250 * time.Millisecond)
			at(c, 1)
			at(c, 3)
		}, 1, 0},
		{"the gap of an earlier time", func(c *conn) { at(c, 0); at(c, 2); c.w.wait(time.Second); at(c, 2) }, 1, 1},
		{"an acknowledgement goes ahead", func(c *conn) {
			at(c, 0)
			c.sseq += 1000
			c.send(false, &layers.TCP{ACK: true}, "")
			at(c, 1)
		}, 0, 1},
		{"keep-alive", func(c *conn) { at(c, 0); c.sseq--; c.send(false, &layers.TCP{ACK: true}, "") }, 0, 0},
		{"keep-alive with a byte", func(c *conn) { at(c, 0); c.sseq--; c.send(false, &layers.TCP{ACK: true}, "\x00") }, 0, 0},
		{"a SYN that came again", func(c *conn) { c.cseq = 1000; c.send(true, &layers.TCP{SYN: true}, ""); at(c, 0) }, 1, 0},
		{"a FIN that came again", func(c *conn) {
			c.send(false, &layers.TCP{FIN: true, ACK: true}, "")
			c.sseq--
			c.send(false, &layers.TCP{FIN: true, ACK: true}, "")
		}, 1, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, nil)
			c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			c.sseq = 6001
			w.shard.table.At(0).Next[1-w.shard.table.At(0).Opener()] = 6001
			tc.send(c)
			w.wait(20 * time.Minute)
			if retrans, gaps := tcpOf(t, w.events()); retrans != tc.retrans || gaps != tc.gaps {
				t.Errorf("retrans %v, seq_errors %v, want %v and %v", retrans, gaps, tc.retrans, tc.gaps)
			}
		})
	}
}

// A connection that takes long has its packets late for as long.
func TestLateWithinARoundTrip(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	w.wait(40 * time.Millisecond)
	c.up(request)
	c.sseq += 1000
	c.down(strings.Repeat("y", 1000))
	w.wait(20 * time.Millisecond)
	c.sseq -= 2000
	c.down(strings.Repeat("x", 1000))
	w.wait(20 * time.Minute)
	if retrans, gaps := tcpOf(t, w.events()); retrans != 0.0 || gaps != 1.0 {
		t.Errorf("retrans %v, seq_errors %v", retrans, gaps)
	}
}

func TestCountersDoNotWrap(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	const n = 1<<16 + 5
	r := w.shard.table.At(0)
	r.Retrans, r.SeqErrors, r.Resets = n-1, n-1, n-1
	c.cseq -= uint32(len(request))
	c.up(request)
	c.cseq += 100
	c.up(request)
	c.send(true, &layers.TCP{RST: true}, "")
	w.wait(12 * time.Second)
	l := w.events()
	tcp := l[len(l)-1].Flow["tcp"].(map[string]any)
	if tcp["retrans"] != float64(n) || tcp["seq_errors"] != float64(n) || tcp["resets"] != float64(n) {
		t.Errorf("%v, want %d each", tcp, n)
	}
}

// What the kernel counts and does not show is no gap, neither while it counts
// nor when the flow has come back.
func TestNoGapsWhereTheKernelCounts(t *testing.T) {
	w := newWorld(t, nil)
	k := &kernel{flows: map[core.Tuple]core.Count{}}
	w.shard.shunts.sources[0] = k
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	for len(k.flows) == 0 {
		c.down("more")
	}
	for range 1000 { // every 256th is lent
		c.sseq += 255 * 1448
		c.down(strings.Repeat("x", 1448))
	}
	clear(k.flows) // its interface was gone
	w.wait(20 * time.Second)
	c.sseq += 255 * 1448
	for range 10 {
		c.down(strings.Repeat("x", 1448))
	}
	c.close()
	w.wait(12 * time.Second)
	if retrans, gaps := tcpOf(t, w.events()); retrans != 0.0 || gaps != 0.0 {
		t.Errorf("a healthy download: retrans %v, seq_errors %v", retrans, gaps)
	}
	if n := w.shard.counts[0].TCPSeqErrors; n != 0 {
		t.Errorf("the interface has %d", n)
	}
}

func TestNoGapsWhereTheKernelForwards(t *testing.T) {
	r := newRouter(t)
	c := r.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	r.table(tcp4)
	r.wait(time.Second)
	c.sseq += 25000
	c.close() // of all that came between only this is captured
	r.wait(12 * time.Second)
	if retrans, gaps := tcpOf(t, r.events()); retrans != 0.0 || gaps != 0.0 {
		t.Errorf("retrans %v, seq_errors %v", retrans, gaps)
	}
}

// A flow that another one announced is told of in each interval as any other.
func TestAnnouncedFlowHasCounters(t *testing.T) {
	w := newWorld(t, nil)
	w.shard.expect.add(&detect.Expectation{Protocol: proto.TINC, Port: 50000}, between("192.168.1.7", "198.51.100.7"), w.now)
	c := w.dial("192.168.1.7", 40000, "198.51.100.7", 50000)
	for range 60 {
		c.down(strings.Repeat("data", 250))
		w.wait(time.Second)
	}
	if got := story(w.events()); !strings.HasPrefix(got, "flow TINC false; ") || strings.Count(got, "flow_stats") != 4 {
		t.Errorf("a minute of an announced flow: %s", got)
	}
}
