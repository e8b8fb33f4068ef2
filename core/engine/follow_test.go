package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/google/gopacket/layers"
	"github.com/rs/zerolog"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/flow"
)

// Lines as Linux writes them. time4 and rest6 were read from a kernel, the
// others made after its source.
const (
	time4 = "ipv4     2 tcp      6 119 TIME_WAIT src=127.0.0.1 dst=127.0.0.1 sport=40942 dport=37473 packets=5 bytes=268 src=127.0.0.1 dst=127.0.0.1 sport=37473 dport=40942 packets=3 bytes=165 [ASSURED] mark=0 zone=0 use=2"
	rest6 = "ipv6     10 udp      17 29 src=0000:0000:0000:0000:0000:0000:0000:0001 dst=0000:0000:0000:0000:0000:0000:0000:0001 sport=58797 dport=37987 packets=1 bytes=49 src=0000:0000:0000:0000:0000:0000:0000:0001 dst=0000:0000:0000:0000:0000:0000:0000:0001 sport=37987 dport=58797 packets=1 bytes=49 mark=0 zone=0 use=2"
	tcp4  = "ipv4     2 tcp      6 src=192.168.1.7 dst=198.51.100.1 sport=40000 dport=8080 packets=10 bytes=1000 src=198.51.100.1 dst=192.168.1.7 sport=8080 dport=40000 packets=20 bytes=30000 [OFFLOAD] mark=0 secctx=null zone=0 use=3"
	nat4  = "ipv4     2 tcp      6 src=192.168.1.7 dst=198.51.100.1 sport=40000 dport=8080 packets=10 bytes=1000 src=198.51.100.1 dst=203.0.113.9 sport=8080 dport=1024 packets=20 bytes=30000 [HW_OFFLOAD] mark=0 zone=0 use=3"
	udp4  = "ipv4     2 udp      17 src=192.168.1.7 dst=198.51.100.1 sport=40000 dport=443 packets=3 bytes=300 src=198.51.100.1 dst=192.168.1.7 sport=443 dport=40000 packets=4 bytes=400 [OFFLOAD] mark=0 use=2"
	udp6  = "ipv6     10 udp      17 src=2001:0db8:0000:0000:0000:0000:0000:0007 dst=2001:0db8:0001:0000:0000:0000:0000:0001 sport=40000 dport=443 packets=3 bytes=300 src=2001:0db8:0001:0000:0000:0000:0000:0001 dst=2001:0db8:0000:0000:0000:0000:0000:0007 sport=443 dport=40000 packets=4 bytes=400 [HW_OFFLOAD] mark=0 zone=0 use=2"
	plain = "ipv4     2 tcp      6 431999 ESTABLISHED src=192.168.1.7 dst=198.51.100.1 sport=40000 dport=443 packets=9 bytes=900 src=198.51.100.1 dst=203.0.113.9 sport=443 dport=40000 packets=8 bytes=800 [ASSURED] mark=0 zone=0 use=2"
	wait4 = "ipv4     2 udp      17 28 src=192.168.1.7 dst=198.51.100.1 sport=40000 dport=53 packets=1 bytes=60 [UNREPLIED] src=198.51.100.1 dst=192.168.1.7 sport=53 dport=40000 packets=0 bytes=0 mark=0 zone=0 use=2"
	icmp  = "ipv4     2 icmp     1 29 src=192.168.1.7 dst=198.51.100.1 type=8 code=0 id=7 packets=1 bytes=84 src=198.51.100.1 dst=192.168.1.7 type=0 code=0 id=7 packets=1 bytes=84 mark=0 zone=0 use=2"
)

// text shows a connection.
func text(c *connection) string {
	var b strings.Builder
	for i, t := range c.tuples {
		src, dst := netip.AddrFrom16(t.Src), netip.AddrFrom16(t.Dst)
		if t.Version == 4 {
			src, dst = netip.AddrFrom4([4]byte(t.Src[:4])), netip.AddrFrom4([4]byte(t.Dst[:4]))
		}
		fmt.Fprintf(&b, "%d %v>%v %d/%d; ", t.Protocol, netip.AddrPortFrom(src, t.SrcPort), netip.AddrPortFrom(dst, t.DstPort), c.count[i].Packets, c.count[i].Bytes)
	}
	fmt.Fprint(&b, c.marked, c.counted)
	return b.String()
}

func TestConnectionTable(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{tcp4, "6 192.168.1.7:40000>198.51.100.1:8080 10/1000; 6 198.51.100.1:8080>192.168.1.7:40000 20/30000; true true"},
		{nat4, "6 192.168.1.7:40000>198.51.100.1:8080 10/1000; 6 198.51.100.1:8080>203.0.113.9:1024 20/30000; true true"},
		{udp4, "17 192.168.1.7:40000>198.51.100.1:443 3/300; 17 198.51.100.1:443>192.168.1.7:40000 4/400; true true"},
		{udp6, "17 [2001:db8::7]:40000>[2001:db8:1::1]:443 3/300; 17 [2001:db8:1::1]:443>[2001:db8::7]:40000 4/400; true true"},
		{plain, "6 192.168.1.7:40000>198.51.100.1:443 9/900; 6 198.51.100.1:443>203.0.113.9:40000 8/800; false true"},
		{wait4, "17 192.168.1.7:40000>198.51.100.1:53 1/60; 17 198.51.100.1:53>192.168.1.7:40000 0/0; false true"},
		{time4, "6 127.0.0.1:40942>127.0.0.1:37473 5/268; 6 127.0.0.1:37473>127.0.0.1:40942 3/165; false true"},
		{rest6, "17 [::1]:58797>[::1]:37987 1/49; 17 [::1]:37987>[::1]:58797 1/49; false true"},
		{unpaid(tcp4), "6 192.168.1.7:40000>198.51.100.1:8080 0/0; 6 198.51.100.1:8080>192.168.1.7:40000 0/0; true false"},
		{icmp, "no"},
		{"", "no"},
		{"conntrack v1.4.7", "no"},
		{strings.Replace(tcp4, "ipv4", "ipv9", 1), "no"},
		{strings.Replace(tcp4, "packets=20 ", "", 1), "no"},
		{strings.Replace(tcp4, "packets=20", "packets=-20", 1), "no"},
		{strings.Replace(tcp4, "bytes=30000", "bytes=99999999999999999999", 1), "no"},
		{strings.Replace(tcp4, "sport=40000", "sport=70000", 1), "no"},
		{strings.Replace(tcp4, "src=192.168.1.7", "src=2001:db8::7", 1), "no"},
		{strings.Replace(udp6, "src=2001:0db8:0000", "src=fe80%eth0", 1), "no"},
		{tcp4[strings.Index(tcp4, "dst="):], "no"},
		{tcp4 + " " + tcp4, "no"},
	} {
		var got connection
		s := "no"
		if got.parse([]byte(c.line)) {
			s = text(&got)
		}
		if s != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.line, s, c.want)
		}
	}
	whole := strings.Index(nat4, "packets=20 bytes=") + len("packets=20 bytes=")
	for n := range whole { // what is cut off is no connection with counters
		var c connection
		if c.parse([]byte(nat4[:n])) && c.counted {
			t.Errorf("taken: %q", nat4[:n])
		}
	}
}

func FuzzConnection(f *testing.F) {
	for _, l := range []string{tcp4, nat4, udp6, plain, icmp} {
		f.Add([]byte(l))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var c connection
		if c.parse(b) && (c.tuples[0].Version != c.tuples[1].Version || c.count[0].Packets>>63 != 0) {
			t.Errorf("%q: %s", b, text(&c))
		}
	})
}

// unpaid is a line of a kernel whose accounting is off.
func unpaid(l string) string {
	var keep []string
	for _, w := range strings.Fields(l) {
		if !strings.HasPrefix(w, "packets=") && !strings.HasPrefix(w, "bytes=") {
			keep = append(keep, w)
		}
	}
	return strings.Join(keep, " ")
}

// router is a shard and a connection table that the test writes.
type router struct {
	*world
	engine *Engine
	path   string
	log    bytes.Buffer
}

func newRouter(t *testing.T) *router {
	r := &router{world: newWorld(t, nil), path: filepath.Join(t.TempDir(), "nf_conntrack")}
	r.iface.group = 1
	r.engine = &Engine{cfg: config.Default(), ifaces: []*iface{r.iface}, shards: []*Shard{r.shard}, byIface: [][]*Shard{{r.shard}}, log: zerolog.New(&r.log)}
	r.engine.status.offload.path = r.path
	t.Cleanup(r.engine.status.offload.close)
	r.table("")
	r.now = core.Unset() // flows begin after the first look, however long it took
	return r
}

// table is what the kernel shows at the next look.
func (r *router) table(lines ...string) {
	r.Helper()
	text := plain + "\n" + strings.Join(lines, "\n") + "\n" + icmp + "\n"
	if err := os.WriteFile(r.path, []byte(text), 0o600); err != nil {
		r.Fatal(err)
	}
	r.engine.findOffload(&r.engine.status)
}

// counting is a line with other counters.
func counting(l string, up, down core.Count) string {
	w, way := strings.Fields(l), []core.Count{up, down}
	for i := range w {
		if strings.HasPrefix(w[i], "packets=") {
			w[i], w[i+1] = fmt.Sprint("packets=", way[0].Packets), fmt.Sprint("bytes=", way[0].Bytes)
			way = way[1:]
		}
	}
	return strings.Join(w, " ")
}

// last gives packets and bytes in total of the newest line of a kind, and of the interval: local, other.
func last(lines []line, kind string) string {
	s := "none"
	for _, l := range lines {
		if l.Type == kind {
			s = fmt.Sprint(l.Flow["total_packets"], " ", l.Flow["total_bytes"], ", ", l.Flow["local_packets"], " ", l.Flow["local_bytes"], ", ", l.Flow["other_packets"], " ", l.Flow["other_bytes"])
		}
	}
	return s
}

func TestOffloadedFlowFollowsTheKernel(t *testing.T) {
	for what, l := range map[string]string{"as sent": tcp4, "before NAT": nat4, "beyond NAT": strings.NewReplacer("src=192.168.1.7", "src=10.0.0.7").Replace(strings.Replace(nat4, "dst=203.0.113.9 sport=8080 dport=1024", "dst=192.168.1.7 sport=8080 dport=40000", 1))} {
		t.Run(what, func(t *testing.T) {
			r := newRouter(t)
			c := r.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
			c.up(request)
			c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
			captured := r.shard.table.At(0).TotalBytes
			r.table(l)
			r.wait(16 * time.Second)
			if got := last(r.events(), "flow_stats"); got != "30 31000, 10 1000, 20 30000" {
				t.Errorf("after the first look: %s (%d bytes were captured)", got, captured)
			}
			for n := range uint64(30) { // longer than an idle connection may rest
				r.table(counting(l, core.Count{Packets: 10, Bytes: 1000}, core.Count{Packets: 20 + n*100, Bytes: 30000 + n*1e5}))
				r.wait(15 * time.Second)
			}
			lines := r.events()
			if got := story(lines); strings.Contains(got, "purge") {
				t.Fatalf("%s", got)
			}
			if got := last(lines, "flow_stats"); got != "2930 2.931e+06, 0 0, 100 100000" {
				t.Errorf("while it grows: %s", got)
			}
			c.close() // captured, and counted by the kernel
			done := strings.NewReplacer("[OFFLOAD]", "[ASSURED]", "[HW_OFFLOAD]", "[ASSURED]", " 6 src", " 6 119 TIME_WAIT src").Replace(l)
			r.table(counting(done, core.Count{Packets: 11, Bytes: 1040}, core.Count{Packets: 20 + 2901, Bytes: 30000 + 29*1e5 + 40}))
			r.wait(12 * time.Second)
			lines = r.events()
			if got := last(lines, "flow_purge"); !strings.HasPrefix(got, "2932 2.93108e+06, ") || lines[len(lines)-1].Reason != "closed" {
				t.Errorf("at the end: %s", got)
			}
		})
	}
}

// The kernel is asked once an interval: where that is longer than a flow may
// rest, an offloaded one does not rest before it was asked twice.
func TestOffloadedFlowRestsForTwoIntervals(t *testing.T) {
	r := newRouter(t)
	set := *r.shard.set
	set.interval, set.idleFlow, set.idleTCP = int64(time.Minute), int64(20*time.Second), int64(20*time.Second)
	r.shard.set = &set
	r.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 443}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
	r.dial("192.168.1.7", 40000, "198.51.100.1", 8080).up(request)
	for n := range uint64(5) {
		r.table(counting(udp4, core.Count{Packets: 3 + n, Bytes: 300 + n}, core.Count{}), counting(tcp4, core.Count{Packets: 10 + n, Bytes: 1000 + n}, core.Count{}))
		r.wait(time.Minute)
	}
	if got := story(r.events()); strings.Contains(got, "purge") {
		t.Fatalf("while the kernel counts: %s", got)
	}
	r.wait(58 * time.Second)
	if got := story(r.events()); strings.Contains(got, "purge") {
		t.Fatalf("before two intervals are over: %s", got)
	}
	r.wait(4 * time.Second)
	if got := story(r.events()); strings.Count(got, "flow_purge expired") != 2 {
		t.Errorf("after two intervals: %s", got)
	}
}

func TestCountersNeverSink(t *testing.T) {
	r := newRouter(t)
	c := r.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	rec := r.shard.table.At(0)
	packets, size := rec.TotalPackets, rec.TotalBytes
	r.table(counting(tcp4, core.Count{Packets: 1, Bytes: 40}, core.Count{Packets: 1, Bytes: 40}))
	if rec.TotalPackets != packets || rec.TotalBytes != size {
		t.Errorf("%d packets, %d bytes after the kernel counted fewer", rec.TotalPackets, rec.TotalBytes)
	}
	r.table(tcp4)
	r.table(counting(tcp4, core.Count{Packets: 2, Bytes: 80}, core.Count{})) // counts anew
	if rec.TotalPackets != 30 {
		t.Errorf("%d packets after the kernel began anew, want the 30 before", rec.TotalPackets)
	}
	r.table(counting(tcp4, core.Count{Packets: 7, Bytes: 580}, core.Count{}))
	if rec.TotalPackets != 35 || rec.TotalBytes != 31500 {
		t.Errorf("%d packets, %d bytes, want 35 and 31500", rec.TotalPackets, rec.TotalBytes)
	}
}

func TestWhatWasBeforeTheRecordIsNotItsOwn(t *testing.T) {
	say := func(r *router) {
		r.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 443}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
	}
	grown := counting(udp4, core.Count{Packets: 13, Bytes: 1300}, core.Count{Packets: 4, Bytes: 400})

	r := newRouter(t)
	say(r)
	r.table(udp4)
	r.table(grown)
	if rec := r.shard.table.At(0); rec.TotalPackets != 17 || rec.TotalBytes != 1700 {
		t.Errorf("seen from the start: %d packets, %d bytes", rec.TotalPackets, rec.TotalBytes)
	}
	r.wait(70 * time.Second)
	if r.shard.table.Len() != 0 {
		t.Fatal("a flow that rests ends")
	}
	r.now += int64(time.Second)
	say(r)
	r.table(counting(udp4, core.Count{Packets: 15, Bytes: 1500}, core.Count{Packets: 4, Bytes: 400}))
	if rec := r.shard.table.At(0); rec.TotalPackets != 2 || rec.TotalBytes != 200 {
		t.Errorf("a second flow of a connection: %d packets, %d bytes, want what is new", rec.TotalPackets, rec.TotalBytes)
	}

	r = newRouter(t)
	r.now -= int64(time.Minute)
	say(r)
	rec := r.shard.table.At(0)
	size := rec.TotalBytes
	r.table(udp4)
	if rec.TotalPackets != 1 {
		t.Errorf("older than the agent's first look: %d packets", rec.TotalPackets)
	}
	r.table(grown)
	if rec.TotalPackets != 11 || rec.TotalBytes != size+1000 {
		t.Errorf("from then on: %d packets, %d bytes", rec.TotalPackets, rec.TotalBytes)
	}
}

func TestAccountingThatIsOff(t *testing.T) {
	r := newRouter(t)
	r.dial("192.168.1.7", 40000, "198.51.100.1", 8080).up(request)
	for range 3 {
		r.table(unpaid(tcp4))
	}
	if rec := r.shard.table.At(0); rec.TotalPackets != 3 {
		t.Errorf("%d packets", rec.TotalPackets)
	}
	if n := strings.Count(r.log.String(), "net.netfilter.nf_conntrack_acct=1"); n != 1 {
		t.Errorf("said %d times how to switch it on:\n%s", n, r.log.String())
	}
}

func TestManyOffloadedConnections(t *testing.T) {
	r := newRouter(t)
	var lines []string
	for n := range maxOffloaded + 500 {
		lines = append(lines, strings.ReplaceAll(udp4, "40000", fmt.Sprint(10000+n)))
	}
	r.table(lines...)
	o := &r.engine.status.offload
	if n := len(o.connections.entries); n != maxOffloaded {
		t.Errorf("%d connections remembered, want %d", n, maxOffloaded)
	}
	for i := range o.connections.entries {
		o.connections.entries[i].at -= int64(remembered) + int64(time.Second)
	}
	r.table()
	if n := len(o.connections.entries); n != 0 {
		t.Errorf("%d connections remembered after they were gone for long", n)
	}
}

// TestOffloadTakesMemoryOnce looks at tables of ever other connections, more
// than are remembered.
func TestOffloadTakesMemoryOnce(t *testing.T) {
	r := newRouter(t)
	o := &r.engine.status.offload
	r.table()
	if o.connections.entries != nil || o.given.entries != nil {
		t.Error("memory is taken where nothing is offloaded")
	}
	r.table(udp4)
	if o.connections.entries == nil || o.given.entries != nil {
		t.Error("memory is taken with the first connection, of records with the first record")
	}
	first := &o.connections.entries[0]
	for round := range 5 {
		var lines []string
		for n := range maxOffloaded + 100 {
			lines = append(lines, strings.ReplaceAll(udp4, "40000", fmt.Sprint(10000*(round+1)+n)))
		}
		r.table(lines...)
		if n := len(o.connections.entries); n != maxOffloaded || &o.connections.entries[0] != first {
			t.Errorf("round %d: %d connections, in the same memory: %v", round, n, &o.connections.entries[0] == first)
		}
		for i := range o.connections.entries {
			o.connections.entries[i].at = 1
		}
		o.forget()
	}
}

func TestPlanStatesOffload(t *testing.T) {
	r := newRouter(t)
	r.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 443}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
	r.table(udp4)
	o := &r.engine.status.offload
	taken := len(o.buf) + cap(o.connections.entries)*int(unsafe.Sizeof(o.connections.entries[0])) + cap(o.given.entries)*int(unsafe.Sizeof(o.given.entries[0])) +
		(cap(o.connections.index)+cap(o.given.index))*2
	for _, i := range Plan(r.engine.cfg, 1, r.shard.set.apps) {
		if i.What == "offloaded connections, at most" {
			if i.Bytes != taken {
				t.Errorf("%d bytes are taken, the plan says %d", taken, i.Bytes)
			}
			return
		}
	}
	t.Error("the plan does not state it")
}

func ledgerKey(n int) *flow.Key {
	return &flow.Key{Addr: [2][16]byte{{10, 0, byte(n >> 8), byte(n)}, {198, 51, 100, 1}}, Port: [2]uint16{uint16(n), 443}, Protocol: ipUDP, Version: 4}
}

func TestLedgerIsFixed(t *testing.T) {
	var l ledger[int]
	if l.find(ledgerKey(0)) != nil {
		t.Error("found in an empty ledger")
	}
	if n := testing.AllocsPerRun(1, func() { l.forget(1) }); n != 0 || l.entries != nil {
		t.Error("an empty ledger takes memory")
	}
	fill := func(from int) {
		for n := range 3 * maxOffloaded {
			e := l.add(ledgerKey(from + n))
			if (e != nil) != (n < maxOffloaded) {
				t.Fatalf("entry %d: given %v", n, e != nil)
			}
			if e != nil {
				e.at, e.value = int64(from+n+1), from+n
			}
		}
	}
	fill(0) // takes the memory
	from := 0
	if n := testing.AllocsPerRun(50, func() {
		l.forget(int64(from + maxOffloaded + 1))
		if from += maxOffloaded; from > 50000 {
			from = 0
		}
		fill(from)
	}); n != 0 {
		t.Errorf("%v allocations for each filling beyond the room", n)
	}
	if got, want := cap(l.entries)*int(unsafe.Sizeof(l.entries[0]))+cap(l.index)*2, ledgerBytes[int](); got != want {
		t.Errorf("takes %d bytes, says %d", got, want)
	}
}

// TestLedgerFindsAfterForgetting compares a ledger with a map while entries come and go.
func TestLedgerFindsAfterForgetting(t *testing.T) {
	var l ledger[int]
	want, random := map[int]int64{}, rand.New(rand.NewPCG(1, 2))
	for now := int64(1); now <= 300; now++ {
		for range 200 {
			n := random.IntN(4 * maxOffloaded)
			e := l.find(ledgerKey(n))
			if _, known := want[n]; known != (e != nil) {
				t.Fatalf("%d: found %v, want %v", n, e != nil, known)
			}
			if e == nil {
				e = l.add(ledgerKey(n))
				if (e == nil) != (len(want) == maxOffloaded) {
					t.Fatalf("%d: place given %v beside %d", n, e != nil, len(want))
				}
				if e == nil {
					continue
				}
				e.value = n
			}
			e.at, want[n] = now, now
		}
		if now%3 != 0 {
			continue
		}
		old := now - int64(random.IntN(20))
		l.forget(old)
		for n, at := range want {
			if at < old {
				delete(want, n)
			}
		}
		for n := range 4 * maxOffloaded {
			e, at := l.find(ledgerKey(n)), want[n]
			if (e != nil) != (at != 0) || e != nil && (e.value != n || e.at != at || e.key != *ledgerKey(n)) {
				t.Fatalf("after forgetting, %d is %+v, want it seen at %d", n, e, at)
			}
		}
	}
}

// BenchmarkFollow is one look at a full table.
func BenchmarkFollow(b *testing.B) {
	for what, l := range map[string]string{"ordinary": plain, "offloaded": udp4} {
		b.Run(what, func(b *testing.B) {
			var text strings.Builder
			for n := 0; text.Len() < offloadRead-len(l)-2; n++ {
				fmt.Fprintln(&text, strings.ReplaceAll(l, "40000", fmt.Sprint(10000+n)))
			}
			w := newWorld(nil, nil)
			e := &Engine{cfg: config.Default(), ifaces: []*iface{w.iface}, byIface: [][]*Shard{{w.shard}}, log: zerolog.Nop()}
			w.iface.group = 1
			e.status.offload.path = filepath.Join(b.TempDir(), "nf_conntrack")
			if err := os.WriteFile(e.status.offload.path, []byte(text.String()), 0o600); err != nil {
				b.Fatal(err)
			}
			defer e.status.offload.close()
			b.ReportAllocs()
			for b.Loop() {
				e.findOffload(&e.status)
			}
		})
	}
}
