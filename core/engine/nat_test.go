package engine

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/layers"

	"netifyd/core"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/flow"
	"netifyd/core/query"
)

func tupleOf(src, dst string) core.Tuple {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	t := core.Tuple{SrcPort: s.Port(), DstPort: d.Port(), Protocol: ipTCP, Version: 4}
	copy(t.Src[:], s.Addr().AsSlice())
	copy(t.Dst[:], d.Addr().AsSlice())
	return t
}

func TestPairsOfEnds(t *testing.T) {
	x := newNATs(64)
	key := func(n int) (k flow.Key) {
		a, b := [16]byte{10, 0, byte(n >> 8), byte(n)}, [16]byte{192, 0, 2, 1}
		flow.MakeKey(&k, 4, ipTCP, 7, &a, &b, 40000, 443)
		return k
	}
	for n := range 64 {
		x.note(key(n), true, n%2 == 0)
		k := key(n)
		k.Group = 3 // of another capture
		if translated, twin := x.find(&k); !translated || twin != (n%2 == 0) {
			t.Fatalf("pair %d: %v %v", n, translated, twin)
		}
	}
	for n := 64; n < 1000; n++ {
		k := key(n)
		if translated, _ := x.find(&k); translated {
			t.Errorf("pair %d was never noted", n)
		}
	}
	for n := 64; n < 100000; n++ {
		x.note(key(n), true, false)
		if k := key(n); n%1000 == 0 {
			x.note(k, true, true)
			if translated, twin := x.find(&k); !translated || !twin {
				t.Fatalf("pair %d in a full table: %v %v", n, translated, twin)
			}
			x.note(k, false, false) // the same ends again, untranslated
			if translated, _ := x.find(&k); translated {
				t.Errorf("pair %d is still translated", n)
			}
		}
	}
}

// router with its own address, a network of devices, and one that it leads to.
func newHome(t *testing.T) (*world, *Engine) {
	w := newWorld(t, nil)
	w.iface.addresses.Store(flow.NewAddresses([]netip.Prefix{netip.MustParsePrefix("203.0.113.9/24")}, nil))
	w.iface.label = event.Iface{Name: "wan0"}
	w.iface.group = 1
	home := &iface{cfg: config.Interface{Name: "br-lan"}, index: 1, group: 2, label: event.Iface{Name: "br-lan", Internal: true}}
	home.addresses.Store(flow.NewAddresses([]netip.Prefix{netip.MustParsePrefix("192.168.1.1/24"), netip.MustParsePrefix("2001:db8:1::1/64")}, nil))
	guest := &iface{cfg: config.Interface{Name: "br-guest"}, index: 2, group: 3, label: event.Iface{Name: "br-guest", Internal: true}}
	guest.addresses.Store(flow.NewAddresses([]netip.Prefix{netip.MustParsePrefix("192.168.2.1/24")}, nil))
	mirror := &iface{cfg: config.Interface{Name: "mirror0"}, index: 3, group: 4, label: event.Iface{Name: "mirror0", Internal: true}}
	mirror.addresses.Store(flow.NewAddresses(nil, nil))
	w.shard.set.ifaces = append(w.shard.set.ifaces, home, guest, mirror)
	w.shard.counts = make([]ifaceStats, 4)
	w.shard.shunts.init(4)
	e := &Engine{ifaces: w.shard.set.ifaces, nats: newNATs(64)}
	w.shard.nats = e.nats
	was := forwards.Swap(true)
	t.Cleanup(func() { forwards.Store(was) })
	return w, e
}

func TestTwins(t *testing.T) {
	for _, c := range []struct {
		what      string
		on        int // interface
		from, to  string
		connected [2]core.Tuple
		nat, twin bool
	}{
		{"a device's, translated", 0, "203.0.113.9:40000", "198.51.100.1:8080",
			[2]core.Tuple{tupleOf("192.168.1.7:40000", "198.51.100.1:8080"), tupleOf("198.51.100.1:8080", "203.0.113.9:40000")}, true, true},
		{"the same with another port", 0, "203.0.113.9:1024", "198.51.100.1:8080",
			[2]core.Tuple{tupleOf("192.168.1.7:40000", "198.51.100.1:8080"), tupleOf("198.51.100.1:8080", "203.0.113.9:1024")}, true, true},
		{"a port that is forwarded", 0, "198.51.100.1:40000", "203.0.113.9:8080",
			[2]core.Tuple{tupleOf("198.51.100.1:40000", "203.0.113.9:8080"), tupleOf("192.168.1.7:80", "198.51.100.1:40000")}, true, true},
		{"a device's that nobody captures", 0, "203.0.113.9:40000", "198.51.100.1:8080",
			[2]core.Tuple{tupleOf("192.168.9.7:40000", "198.51.100.1:8080"), tupleOf("198.51.100.1:8080", "203.0.113.9:40000")}, true, false},
		{"a port of the router's own, redirected", 0, "198.51.100.1:40000", "203.0.113.9:8080",
			[2]core.Tuple{tupleOf("198.51.100.1:40000", "203.0.113.9:8080"), tupleOf("203.0.113.9:80", "198.51.100.1:40000")}, true, false},
		{"the router's own", 0, "203.0.113.9:40000", "198.51.100.1:8080",
			[2]core.Tuple{tupleOf("203.0.113.9:40000", "198.51.100.1:8080"), tupleOf("198.51.100.1:8080", "203.0.113.9:40000")}, false, false},
		{"the device's side", 1, "192.168.1.7:40000", "198.51.100.1:8080",
			[2]core.Tuple{tupleOf("192.168.1.7:40000", "198.51.100.1:8080"), tupleOf("198.51.100.1:8080", "203.0.113.9:40000")}, false, false},
		{"only sent on", 0, "192.168.1.7:40000", "198.51.100.1:8080", [2]core.Tuple{}, false, true},
		{"only sent on, opened outside", 0, "198.51.100.1:40000", "192.168.1.7:8080", [2]core.Tuple{}, false, true},
		{"home to guest, at home", 1, "192.168.1.7:40000", "192.168.2.7:8080", [2]core.Tuple{}, false, false},
		{"home to guest, at the guest's", 2, "192.168.1.7:40000", "192.168.2.7:8080", [2]core.Tuple{}, false, true},
		{"guest to home, at home", 1, "192.168.2.7:40000", "192.168.1.7:8080", [2]core.Tuple{}, false, true},
		{"home to guest, at a mirror port", 3, "192.168.1.7:40000", "192.168.2.7:8080", [2]core.Tuple{}, false, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			w, e := newHome(t)
			if c.connected[0].Version != 0 {
				k := connection{tuples: c.connected}
				e.noteTuples(&c.connected, k.translated())
			}
			w.iface = w.shard.set.ifaces[c.on]
			from, to := netip.MustParseAddrPort(c.from), netip.MustParseAddrPort(c.to)
			x := w.dial(from.Addr().String(), int(from.Port()), to.Addr().String(), int(to.Port()))
			x.up(request)
			x.close()
			w.wait(12 * time.Second)
			lines := w.events()
			if got := story(lines); got != "flow HTTP false; flow_purge closed 5; " {
				t.Fatal(got)
			}
			if f := lines[0].Flow; f["ip_nat"] != c.nat || (f["twin"] == true) != c.twin {
				t.Errorf("ip_nat %v, twin %v", f["ip_nat"], f["twin"])
			}
			if f := lines[1].Flow; (f["twin"] == true) != c.twin {
				t.Errorf("at the end twin is %v", f["twin"])
			}
		})
	}
}

// The kernel may tell of a connection after its first packet has come.
func TestTranslationThatIsToldLate(t *testing.T) {
	w, e := newHome(t)
	c := w.dial("203.0.113.9", 40000, "198.51.100.1", 8080)
	c.up(request)
	pair := [2]core.Tuple{tupleOf("192.168.1.7:40000", "198.51.100.1:8080"), tupleOf("198.51.100.1:8080", "203.0.113.9:40000")}
	e.noteTuples(&pair, true)
	c.close()
	w.wait(12 * time.Second)
	lines := w.events()
	if f := lines[len(lines)-1].Flow; f["twin"] != true {
		t.Errorf("%v", f)
	}
}

// A flow that turns out to be told by another capture lets go of what rules did
// for it, and explain says where they judge it instead.
func TestRulesLetGoOfTwins(t *testing.T) {
	w, e := newHome(t)
	room := judged(t, w, "[[target]]\nname = \"s\"\ntype = \"nftset\"\nset = \"s\"\n[[action]]\nname = \"http\"\ncriteria = \"proto == 'HTTP'\"\ntargets = [\"s\"]\n")
	c := w.dial("203.0.113.9", 40000, "198.51.100.1", 8080)
	c.up("") // unknown so far
	explained := func() (said []string) {
		h := &house{e: &Engine{rules: room}, view: shardView{w.shard}}
		for i := range w.shard.table.Cap() {
			if r := w.shard.table.At(i); r != nil {
				ruleFace{h}.Explain(&query.Flow{Rec: r}, func(rule, part string, holds bool) { said = append(said, strings.TrimSpace(rule+" "+part)) })
			}
		}
		return said
	}
	if said := explained(); said[0] != "not judged yet: no event has told of this flow" || said[len(said)-1] != "http matches" {
		t.Errorf("%q", said)
	}
	c.up(request)
	if said := explained(); said[len(said)-1] != "told s" {
		t.Errorf("%q", said)
	}
	if r := room.Rules(w.now)[0]; r.Living != 1 {
		t.Errorf("%+v", r)
	}
	pair := [2]core.Tuple{tupleOf("192.168.1.7:40000", "198.51.100.1:8080"), tupleOf("198.51.100.1:8080", "203.0.113.9:40000")}
	e.noteTuples(&pair, true)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	w.wait(20 * time.Second)
	h := &house{e: &Engine{rules: room}, shards: []*Shard{w.shard}, view: shardView{w.shard}}
	h.e.cfg = rulesOf(t, "")
	fits, _, err := ruleFace{h}.Try("proto == 'HTTP'")
	if err != nil {
		t.Fatal(err)
	}
	for i := range w.shard.table.Cap() {
		if r := w.shard.table.At(i); r != nil && fits(&query.Flow{Rec: r}) {
			t.Error("an expression that is tried takes what no rule is asked of")
		}
	}
	if said := explained(); len(said) != 1 || !strings.HasPrefix(said[0], "not judged here: another interface sees the same traffic") {
		t.Errorf("%q", said)
	}
	if r := room.Rules(w.now)[0]; r.Living != 0 || r.Hits != 1 {
		t.Errorf("%+v", r)
	}
}

// Where netlink does not tell, the text of the table does.
func TestTranslationByText(t *testing.T) {
	r := newRouter(t)
	r.iface.label.Internal = false
	r.engine.nats = newNATs(64)
	r.shard.nats = r.engine.nats
	r.table(nat4)
	c := r.dial("203.0.113.9", 1024, "198.51.100.1", 8080)
	c.up(request)
	if lines := r.events(); len(lines) != 1 || lines[0].Flow["ip_nat"] != true {
		t.Errorf("%v", lines)
	}
}

func TestOwnStreamIsNotTold(t *testing.T) {
	for _, c := range []struct {
		what, listen string
		addr         string
		port         int
		told         bool
	}{
		{"a client of ours", "0.0.0.0:7150", "192.168.1.1", 7150, false},
		{"of one address", "192.168.1.1:7150", "192.168.1.1", 7150, false},
		{"of another address", "192.168.1.2:7150", "192.168.1.1", 7150, true},
		{"another port", "0.0.0.0:7150", "192.168.1.1", 7151, true},
		{"another machine", "0.0.0.0:7150", "198.51.100.1", 7150, true},
	} {
		t.Run(c.what, func(t *testing.T) {
			w := newWorld(t, nil)
			w.shard.own = &ownDoors{doors: []netip.AddrPort{netip.MustParseAddrPort(c.listen)}}
			w.shard.own.addrs.Store(&[]netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.168.1.1")})
			x := w.dial("192.168.1.7", 40000, c.addr, c.port)
			for range 10 {
				x.down("{\"length\":9}\n{\"a\":1}\n\n")
				w.wait(10 * time.Second)
			}
			y := &conn{w, "192.168.1.8", c.addr, 40000, c.port, 1000, 5000} // joined midway
			y.down("more of it")
			y.send(true, &layers.TCP{ACK: true}, "")
			x.close()
			w.wait(20 * time.Minute)
			if lines := w.events(); (len(lines) > 0) != c.told || w.shard.table.Len() != 0 {
				t.Errorf("%s; %d flows are left", story(lines), w.shard.table.Len())
			}
		})
	}
}

func TestDoorsOfListeners(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var o ownDoors
	o.add(l)
	o.look()
	if len(o.doors) != 1 || o.doors[0].String() != l.Addr().String() || o.addrs.Load() == nil {
		t.Errorf("%v of %v", o.doors, l.Addr())
	}
}
