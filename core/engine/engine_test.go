package engine

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
	"netifyd/core/config"
	"netifyd/core/event"
	"netifyd/core/expr"
	"netifyd/core/flow"
	"netifyd/core/hint"
	"netifyd/core/sink"
	"netifyd/detect"
	"netifyd/detect/app"
)

// world is a shard that tests put packets into, and the lines that came out.
type world struct {
	*testing.T
	shard *Shard
	iface *iface
	lines bytes.Buffer
	out   *sink.Writer
	now   int64
	hops  uint8             // time to live of what is said; 0: 64
	wrong bool              // checksums are wrong
	batch func(*core.Batch) // what becomes of each batch; may be nil
	jump  func(by int64)
}

func newWorld(t *testing.T, change func(*config.Config)) *world {
	c := config.Default()
	c.MaxFlows = 64
	if change != nil {
		change(c)
	}
	w := &world{T: t, now: 1700000000e9}
	w.iface = &iface{cfg: config.Interface{Name: "test0"}, label: event.Iface{Name: "test0", Internal: true}}
	w.iface.addresses.Store(flow.NewAddresses([]netip.Prefix{netip.MustParsePrefix("192.168.1.1/24"), netip.MustParsePrefix("2001:db8:1::1/64")}, nil))
	w.out = sink.NewWriter(&w.lines, event.V4)
	set := newSettings(c, app.Default(), []*iface{w.iface})
	w.shard = newShard(c, set, 1, hint.New(c.Hints, 1800, 1), 1, w.out)
	w.shard.usage, _ = newUsage(c, false, nil)
	return w
}

// say puts one packet in, a millisecond after the one before.
func (w *world) say(from, to string, transport gopacket.SerializableLayer, payload string) {
	w.Helper()
	w.now += 1e6
	src, dst := netip.MustParseAddr(from), netip.MustParseAddr(to)
	protocol := layers.IPProtocolUDP
	if _, ok := transport.(*layers.TCP); ok {
		protocol = layers.IPProtocolTCP
	}
	last := len(src.AsSlice()) - 1
	eth := &layers.Ethernet{SrcMAC: net.HardwareAddr{2, 0, 0, 0, 0, src.AsSlice()[last]}, DstMAC: net.HardwareAddr{2, 0, 0, 0, 0, dst.AsSlice()[last]}, EthernetType: layers.EthernetTypeIPv4}
	var ip interface {
		gopacket.NetworkLayer
		gopacket.SerializableLayer
	} = &layers.IPv4{Version: 4, TTL: 64, Protocol: protocol, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
	if src.Is6() {
		eth.EthernetType = layers.EthernetTypeIPv6
		ip = &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: protocol, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
	}
	if l, ok := transport.(interface {
		SetNetworkLayerForChecksum(gopacket.NetworkLayer) error
	}); ok {
		_ = l.SetNetworkLayerForChecksum(ip)
	}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, transport, gopacket.Payload(payload)); err != nil {
		w.Fatal(err)
	}
	b := buf.Bytes()
	if w.hops != 0 {
		b[14+8] = w.hops
	}
	if w.wrong {
		b[14+20+16] ^= 0x55
	}
	w.walk(&core.Batch{Frames: []core.Frame{{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}}, Now: w.now})
}

func (w *world) walk(b *core.Batch) {
	if w.batch != nil {
		w.batch(b)
	}
	w.shard.walk(w.iface, b)
}

// wait lets time pass on an idle line.
func (w *world) wait(d time.Duration) {
	for end := w.now + int64(d); w.now < end; {
		w.now = min(w.now+1e9, end)
		w.walk(&core.Batch{Now: w.now})
	}
}

// conn is a TCP connection of a test.
type conn struct {
	w              *world
	client, server string
	cport, sport   int
	cseq, sseq     uint32
}

func (w *world) dial(client string, cport int, server string, sport int) *conn {
	c := &conn{w, client, server, cport, sport, 1000, 5000}
	c.send(true, &layers.TCP{SYN: true}, "")
	c.send(false, &layers.TCP{SYN: true, ACK: true}, "")
	return c
}

func (c *conn) send(up bool, tcp *layers.TCP, payload string) {
	seq := &c.sseq
	from, to := c.server, c.client
	tcp.SrcPort, tcp.DstPort = layers.TCPPort(c.sport), layers.TCPPort(c.cport)
	if up {
		seq, from, to = &c.cseq, c.client, c.server
		tcp.SrcPort, tcp.DstPort = tcp.DstPort, tcp.SrcPort
	}
	tcp.Seq = *seq
	tcp.Window = 65535
	c.w.say(from, to, tcp, payload)
	*seq += uint32(len(payload))
	if tcp.SYN || tcp.FIN {
		*seq++
	}
}

func (c *conn) up(text string)   { c.send(true, &layers.TCP{ACK: true, PSH: true}, text) }
func (c *conn) down(text string) { c.send(false, &layers.TCP{ACK: true, PSH: true}, text) }
func (c *conn) close() {
	c.send(true, &layers.TCP{FIN: true, ACK: true}, "")
	c.send(false, &layers.TCP{FIN: true, ACK: true}, "")
}

// event is a line as an integrator reads it.
type line struct {
	Type, Reason, Interface string
	Established             bool
	Flow                    map[string]any
}

func parse(t *testing.T, text string) (out []line) {
	t.Helper()
	for l := range strings.Lines(text) {
		var e line
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			t.Fatalf("%v in %q", err, l)
		}
		out = append(out, e)
	}
	return out
}

// events gives the lines so far and forgets them.
func (w *world) events() []line {
	w.out.Flush()
	defer w.lines.Reset()
	return parse(w.T, w.lines.String())
}

func story(lines []line) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%s", l.Type)
		switch l.Type {
		case "flow":
			fmt.Fprintf(&b, " %v %v", l.Flow["detected_protocol_name"], l.Flow["detection_updated"])
		case "flow_purge":
			fmt.Fprintf(&b, " %s %v", l.Reason, l.Flow["total_packets"])
		}
		b.WriteString("; ")
	}
	return b.String()
}

const request = "GET / HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: test\r\n\r\n"

func TestLifeOfAConnection(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	if got := w.events(); len(got) != 0 {
		t.Errorf("a handshake was told: %s", story(got))
	}
	c.up(request[:20])
	c.up(request[20:])
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	w.wait(17 * time.Second)
	c.close()
	w.wait(9 * time.Second)
	got := story(w.events())
	if want := "flow HTTP false; flow HTTP true; flow_stats; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	w.wait(3 * time.Second)
	lines := w.events()
	if got := story(lines); got != "flow_purge closed 7; " {
		t.Errorf("%s", got)
	}
	f := lines[0].Flow
	// Counters are since the flow_stats; totals are for the flow's life.
	if f["local_packets"] != 1.0 || f["other_packets"] != 1.0 || f["detection_packets"] != 3.0 {
		t.Errorf("%v", f)
	}
}

func TestFirstEventWaitsForTheName(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up("GET / HTTP/1.1\r\nAccept: */*\r\n")
	if got := story(w.events()); got != "" {
		t.Errorf("told before the name came: %s", got)
	}
	c.up("Host: www.example.org\r\n\r\n")
	if got := w.events(); len(got) == 0 || got[0].Flow["host_server_name"] != "www.example.org" || got[0].Flow["detection_updated"] != false {
		t.Errorf("%v", got)
	}
	quiet := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
	quiet.up("GET / HTTP/1.1\r\nAccept: */*\r\n")
	w.wait(3 * time.Second)
	if got := story(w.events()); got != "flow HTTP false; " {
		t.Errorf("a name that does not come is not waited for longer than a second or two: %s", got)
	}
}

func TestJoinedMidwayByAKeepAlive(t *testing.T) {
	w := newWorld(t, nil)
	c := &conn{w, "192.168.1.7", "198.51.100.1", 40000, 7777, 1000, 5000}
	c.cseq--
	c.send(true, &layers.TCP{ACK: true}, "") // a keep-alive has the number before the next
	c.cseq++
	c.up(request)
	if got := story(w.events()); got != "flow HTTP false; " {
		t.Error(got)
	}
}

func TestSegmentsOutOfOrder(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 80)
	first, second := request[:30], request[30:]
	c.cseq += uint32(len(first))
	c.up(second)
	c.cseq -= uint32(len(request))
	c.up(first)
	got := w.events()
	if len(got) == 0 || got[0].Flow["host_server_name"] != "www.example.org" {
		t.Errorf("%s: no host in %v", story(got), got)
	}
}

func TestQuietFlowsEnd(t *testing.T) {
	w := newWorld(t, nil)
	w.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 61234}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	w.wait(32 * time.Second)
	if got, want := story(w.events()), "flow Unknown false; flow HTTP false; flow_stats; flow_purge expired 1; "; !strings.HasPrefix(got, "flow Unknown false; flow HTTP false; ") || !strings.Contains(got, "flow_purge expired 1; ") || strings.Contains(got, "expired 3") {
		t.Errorf("%s, want about %s", got, want)
	}
	w.wait(250 * time.Second)
	if got := story(w.events()); strings.Contains(got, "purge") {
		t.Errorf("an idle TCP connection has 300 s: %s", got)
	}
	w.wait(20 * time.Second)
	if got := story(w.events()); got != "flow_purge expired 3; " {
		t.Error(got)
	}
}

func TestStraysAreNoFlow(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 204 No Content\r\n\r\n")
	c.close()
	w.wait(15 * time.Second)
	if got := story(w.events()); !strings.Contains(got, "purge closed") {
		t.Fatal(got)
	}
	c.sseq--
	c.send(false, &layers.TCP{FIN: true, ACK: true}, "") // sent again
	c.send(true, &layers.TCP{ACK: true}, "")
	w.wait(400 * time.Second)
	if got := story(w.events()); got != "" {
		t.Errorf("told of what followed the end: %s", got)
	}
	d := &conn{w, "192.168.1.7", "198.51.100.1", 40001, 7777, 1000, 5000}
	d.send(true, &layers.TCP{ACK: true}, "") // joined midway: acknowledgements of a download seen one way
	w.wait(400 * time.Second)
	if got := story(w.events()); !strings.HasPrefix(got, "flow Unknown false") {
		t.Errorf("a flow of acknowledgements only: %s", got)
	}
}

func TestNewConnectionOnOldPorts(t *testing.T) {
	w := newWorld(t, nil)
	for range 2 {
		c := w.dial("192.168.1.7", 40000, "198.51.100.1", 80)
		c.up(request)
		c.down("HTTP/1.1 204 No Content\r\n\r\n")
		c.close()
	}
	w.shard.finish(w.iface, false)
	if got := story(w.events()); strings.Count(got, "flow_purge closed 6") != 2 {
		t.Error(got)
	}
}

func dnsAnswer(name string, addr string, ttl uint32) string {
	buf := gopacket.NewSerializeBuffer()
	m := &layers.DNS{ID: 7, QR: true, RD: true, RA: true,
		Questions: []layers.DNSQuestion{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN}},
		Answers:   []layers.DNSResourceRecord{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN, TTL: ttl, IP: netip.MustParseAddr(addr).AsSlice()}}}
	if err := m.SerializeTo(buf, gopacket.SerializeOptions{FixLengths: true}); err != nil {
		panic(err)
	}
	return string(buf.Bytes())
}

// dnsQuestion is what dnsAnswer answers.
func dnsQuestion(name string) string {
	buf := gopacket.NewSerializeBuffer()
	m := &layers.DNS{ID: 7, RD: true, Questions: []layers.DNSQuestion{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN}}}
	if err := m.SerializeTo(buf, gopacket.SerializeOptions{FixLengths: true}); err != nil {
		panic(err)
	}
	return string(buf.Bytes())
}

func TestDNSAnswerNamesALaterFlow(t *testing.T) {
	w := newWorld(t, nil)
	w.say("192.168.1.7", "192.168.1.1", &layers.UDP{SrcPort: 33333, DstPort: 53}, dnsQuestion("www.netflix.com"))
	w.say("192.168.1.1", "192.168.1.7", &layers.UDP{SrcPort: 53, DstPort: 33333}, dnsAnswer("www.netflix.com", "198.51.100.9", 60))
	w.events()
	w.say("192.168.1.7", "198.51.100.9", &layers.UDP{SrcPort: 40000, DstPort: 61234}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
	w.say("192.168.1.8", "198.51.100.9", &layers.UDP{SrcPort: 40000, DstPort: 61234}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
	got := w.events()
	if len(got) != 2 {
		t.Fatalf("%s", story(got))
	}
	f := got[0].Flow
	if f["dns_host_name"] != "www.netflix.com" || f["dhc_hit"] != true || f["detected_application_name"] != "netify.netflix" || f["detection_confidence"] != "hint" {
		t.Errorf("%v", f)
	}
	if f := got[1].Flow; f["dhc_hit"] != false || f["detected_application"] != 0.0 {
		t.Errorf("another client asked: %v", f)
	}
}

func TestABadDetectorIsContained(t *testing.T) {
	card := -1
	for i := range detect.Registry {
		if detect.Registry[i].Over&detect.TCP != 0 && detect.Registry[i].Tier == detect.Signature {
			card = i
			break
		}
	}
	good := detect.Registry[card].Inspect
	defer func() { detect.Registry[card].Inspect = good }()
	detect.Registry[card].Inspect = func(in *detect.Input, res *detect.Result) detect.Verdict {
		if strings.HasPrefix(string(in.ToServer), "poison") {
			panic("index out of range")
		}
		return good(in, res)
	}
	w := newWorld(t, nil)
	bad := w.dial("192.168.1.7", 40000, "198.51.100.1", 8081)
	bad.up("poison")
	bad.up("more poison")
	c := w.dial("192.168.1.7", 40001, "198.51.100.1", 8080)
	c.up(request)
	if w.shard.stats.Faults != 1 {
		t.Errorf("%d faults counted, want 1", w.shard.stats.Faults)
	}
	if got, want := story(w.events()), "flow Unknown false; flow HTTP false; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestFloodKeepsDecidedFlows(t *testing.T) {
	w := newWorld(t, nil)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	for n := range 1000 {
		w.say("203.0.113.9", "192.168.1.7", &layers.TCP{SrcPort: layers.TCPPort(1024 + n), DstPort: 22, SYN: true, Seq: uint32(n)}, "")
	}
	if n := w.shard.table.Evicted; n != 1000-63 {
		t.Errorf("%d evicted, want %d", n, 1000-63)
	}
	w.events()
	c.down("more")
	w.shard.finish(w.iface, false)
	if got := story(w.events()); !strings.Contains(got, "flow_purge expired 5; ") {
		t.Error("the decided flow was lost in a flood of SYNs")
	}
}

func TestNoFreeSlot(t *testing.T) {
	w := newWorld(t, func(c *config.Config) { c.Slots = 2 })
	var conns []*conn
	for n := range 4 {
		c := w.dial("192.168.1.7", 40000+n, "198.51.100.1", 7777)
		c.up(request[:10])
		conns = append(conns, c)
	}
	if n := w.shard.stats.SlotsExhausted; n != 2 {
		t.Errorf("%d times no slot, want 2", n)
	}
	for _, c := range conns {
		c.up(request[10:])
	}
	if got := strings.Count(story(w.events()), "flow HTTP"); got != 2 {
		t.Errorf("%d flows recognised, want the two that had slots", got)
	}
	if w.shard.slots.InUse() != 2 {
		t.Errorf("%d slots in use, want those of the two connections that have no answer yet", w.shard.slots.InUse())
	}
	w.wait(3 * time.Second)
	conns[0].up("") // an acknowledgement does not keep its slot
	conns[1].up("")
	late := w.dial("192.168.1.7", 50000, "198.51.100.1", 7777)
	late.up(request[:10])
	late.up(request[10:])
	if got := strings.Count(story(w.events()), "flow HTTP false"); got != 1 {
		t.Errorf("a slot that rested was not given on")
	}
}

func TestSamePacketAtTwoInterfacesOfAGroup(t *testing.T) {
	w := newWorld(t, nil)
	bridge := &iface{cfg: config.Interface{Name: "port1"}, index: 1, label: event.Iface{Name: "port1"}}
	bridge.addresses.Store(w.iface.addresses.Load())
	w.shard.set.ifaces = append(w.shard.set.ifaces, bridge)
	w.shard.counts = append(w.shard.counts, ifaceStats{})
	first := w.iface
	for range 3 {
		w.iface = first
		w.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 61234}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
		w.iface = bridge
		w.say("192.168.1.7", "198.51.100.1", &layers.UDP{SrcPort: 40000, DstPort: 61234}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
	}
	w.iface = first
	w.shard.finish(first, false)
	if got, want := story(w.events()), "flow Unknown false; flow_purge expired 3; "; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestTunnelIdentifiersOfBothWays(t *testing.T) {
	w := newWorld(t, nil)
	const phone, site, station, gateway = 0x0a000005, 0xc6336401, 0xcb007101, 0xcb007102
	carried := func(outSrc, outDst uint32, id byte, src, dst uint32, sport, dport uint16) {
		w.now += 1e6
		inner := ipv4(nil, ipUDP, src, dst, udp(nil, sport, dport, []byte("\x01\xff\x80 nothing anybody knows \x00\xfe")))[14:]
		header := []byte{0x30, 0xff, byte(len(inner) >> 8), byte(len(inner)), 0, 0, 0, id} // 3GPP TS 29.281, section 5.1
		b := ipv4(nil, ipUDP, outSrc, outDst, udp(nil, 2152, 2152, append(header, inner...)))
		w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: b, Time: w.now, Length: len(b), Link: core.LinkEthernet}}, Now: w.now})
	}
	carried(station, gateway, 7, phone, site, 40000, 61234)
	carried(gateway, station, 9, site, phone, 61234, 40000)
	w.shard.finish(w.iface, false)
	lines := w.events()
	gtp, _ := lines[len(lines)-1].Flow["gtp"].(map[string]any)
	if gtp["local_teid"] != 7.0 || gtp["other_teid"] != 9.0 {
		t.Errorf("%s: %v", story(lines), gtp)
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	w := newWorld(t, nil)
	w.shard.out = silent{}
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	frames := captured(t, w)
	b := core.Batch{Frames: frames, Now: w.now}
	if n := testing.AllocsPerRun(1000, func() { w.shard.walk(w.iface, &b) }); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// captured is one batch of packets of many short flows.
func captured(t testing.TB, w *world) (frames []core.Frame) {
	for n := range 32 {
		ip := &layers.IPv4{Version: 4, TTL: 64, SrcIP: net.IP{192, 168, 1, byte(n + 2)}, DstIP: net.IP{198, 51, 100, 1}, Protocol: layers.IPProtocolTCP}
		eth := &layers.Ethernet{SrcMAC: make(net.HardwareAddr, 6), DstMAC: make(net.HardwareAddr, 6), EthernetType: layers.EthernetTypeIPv4}
		for i, payload := range []string{"", request} {
			tcp := &layers.TCP{SrcPort: layers.TCPPort(40000), DstPort: 80, SYN: i == 0, ACK: i > 0, Seq: uint32(100 + i)}
			_ = tcp.SetNetworkLayerForChecksum(ip)
			buf := gopacket.NewSerializeBuffer()
			if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true}, eth, ip, tcp, gopacket.Payload(payload)); err != nil {
				t.Fatal(err)
			}
			frames = append(frames, core.Frame{Data: bytes.Clone(buf.Bytes()), Time: w.now + int64(n), Length: len(buf.Bytes()), Link: core.LinkEthernet})
		}
	}
	return frames
}

// silent listens in both dialects and keeps nothing.
type silent struct{}

func (silent) Poll() []*sink.Join                                     { return nil }
func (silent) Wants(event.Dialect, core.Kind) bool                    { return true }
func (silent) Filters(core.Kind) bool                                 { return false }
func (silent) Select(core.Kind, *expr.Input) bool                     { return true }
func (silent) Dialects() event.Dialects                               { return 3 }
func (silent) Offer(event.Dialect, core.Kind, core.Rank, []byte) bool { return true }

func TestLateClientIsToldOfEstablishedFlows(t *testing.T) {
	w := newWorld(t, nil)
	fan := sink.NewFanout(sink.Options{Clients: 2, Queue: sink.MinQueue})
	defer fan.Close(0)
	w.shard.out = fan.Port()
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fan.Serve(sink.Door{Listener: ln, Dialect: event.V4})
	client, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	<-fan.First()
	w.shard.serve()
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	var text bytes.Buffer
	if err := client.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for strings.Count(text.String(), "\n") < 4 {
		if _, err := io.CopyN(&text, client, 1); err != nil {
			t.Fatalf("%v after %q", err, text.String())
		}
	}
	var payloads string
	for l := range strings.Lines(text.String()) {
		if !strings.HasPrefix(l, `{"length"`) {
			payloads += l
		}
	}
	got := parse(t, payloads)
	if !got[0].Established || got[0].Flow["host_server_name"] != "www.example.org" || got[1].Established || got[1].Flow["detection_updated"] != true {
		t.Errorf("%s", payloads)
	}
}

// library is every packet of the captures in testdata.
func library(b testing.TB) (frames []core.Frame) {
	names, _ := filepath.Glob("../../testdata/*.pcap")
	for _, name := range names {
		src, err := pcapfile.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		var batch core.Batch
		for src.Next(&batch) == nil {
			for _, f := range batch.Frames {
				f.Data = bytes.Clone(f.Data)
				frames = append(frames, f)
			}
		}
		src.Close()
	}
	if len(frames) < 1000 {
		b.Fatalf("only %d packets in testdata", len(frames))
	}
	return frames
}

// TestLittleRoomForMetadata: what a flow is must not depend on how much of its
// metadata could be kept. Both worlds see all of testdata.
func TestLittleRoomForMetadata(t *testing.T) {
	frames := library(t)
	is := func(taken int) map[string]string {
		w := newWorld(t, func(c *config.Config) { c.MaxFlows = 8192 })
		w.shard.blocks = flow.NewBlocks(16000)
		w.shard.blocks.Keep(make([]byte, taken*60))
		w.shard.walk(w.iface, &core.Batch{Frames: frames, Now: w.now})
		w.shard.finish(w.iface, false)
		last := map[string]string{}
		for _, l := range w.events() {
			if l.Type == "flow" {
				what := fmt.Sprint(l.Flow["detected_protocol_name"])
				if ssl, ok := l.Flow["ssl"].(map[string]any); ok && ssl["server_ja3"] != nil { // told when the server had said all
					what += fmt.Sprint(" ", ssl["alpn"])
				}
				last[l.Flow["digest"].(string)] = what
			}
		}
		return last
	}
	want := is(0)
	if len(want) < 300 {
		t.Fatalf("%d flows", len(want))
	}
	for _, taken := range []int{12100, 15000, 15990, 16000} { // two blocks for each flow, for a few, none
		got := is(taken)
		for digest, what := range want {
			if got[digest] != what {
				t.Errorf("%d blocks taken: %s, with room for all it is %s", taken, got[digest], what)
			}
		}
	}
}

// BenchmarkCorridor: "decided" are packets of flows that need no more
// inspection; "library" is every capture of testdata from the first packet of
// its flows to their end, events in both dialects included.
func BenchmarkCorridor(b *testing.B) {
	run := func(name string, frames []core.Frame, forget bool) {
		b.Run(name, func(b *testing.B) {
			w := newWorld(nil, func(c *config.Config) { c.MaxFlows = 8192 })
			w.shard.out = silent{}
			batch := core.Batch{Frames: frames, Now: w.now}
			w.shard.walk(w.iface, &batch)
			b.ReportAllocs()
			for b.Loop() {
				w.shard.walk(w.iface, &batch)
				if forget {
					w.shard.finish(w.iface, false)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(frames)), "ns/packet")
		})
	}
	run("decided", captured(b, newWorld(nil, nil)), false)
	run("library", library(b), true)
}

func TestSoftDissector(t *testing.T) {
	dir := t.TempDir()
	rule := base64.StdEncoding.EncodeToString([]byte("protocol == 'HTTP' && other_port == 8080;"))
	text := "app:30000:netify.in-house\nnsd:30000:-1:" + rule + "\n"
	if err := os.WriteFile(dir+"/own.conf", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	apps, warnings, err := app.Load(dir, "")
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	w := newWorld(t, nil)
	w.shard.set.apps = apps
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c = w.dial("192.168.1.7", 40001, "198.51.100.1", 8081)
	c.up(request)
	got := w.events()
	if len(got) != 2 || got[0].Flow["detected_application_name"] != "netify.in-house" || got[0].Flow["soft_dissector"] != true || got[1].Flow["soft_dissector"] != false {
		t.Errorf("%v", got)
	}
}

// kernel is a core.Shunter whose packets the test counts by hand.
type kernel struct {
	flows map[core.Tuple]core.Count
	err   error
}

func (k *kernel) Shunt(t *core.Tuple) error {
	if k.err == nil {
		k.flows[*t] = core.Count{}
	}
	return k.err
}
func (k *kernel) Shunted(t *core.Tuple) (core.Count, bool) { c, ok := k.flows[*t]; return c, ok }
func (k *kernel) Unshunt(t *core.Tuple)                    { delete(k.flows, *t) }

func TestShuntedFlowKeepsItsTotals(t *testing.T) {
	w := newWorld(t, nil)
	k := &kernel{flows: map[core.Tuple]core.Count{}}
	w.shard.shunts.sources[0] = k
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
	lent := 4
	for ; len(k.flows) == 0 && lent < 1000; lent++ {
		if lent < shuntAfter && len(k.flows) != 0 {
			t.Errorf("left to the kernel after %d packets", lent)
		}
		c.down("more")
	}
	if len(k.flows) != 2 || lent != shuntAfter {
		t.Fatalf("%d directions left to the kernel after %d packets, want 2 after %d", len(k.flows), lent, shuntAfter)
	}
	w.events()
	// The kernel counts more in each interval, so the flow lives on.
	for range 10 {
		for tuple, n := range k.flows {
			k.flows[tuple] = core.Count{Packets: n.Packets + 100, Bytes: n.Bytes + 100*52}
		}
		w.wait(60 * time.Second)
	}
	lines := w.events()
	if got := story(lines); strings.Contains(got, "purge") || !strings.Contains(got, "flow_stats") {
		t.Errorf("%s", got)
	}
	c.close() // lent, for it has FIN
	w.wait(12 * time.Second)
	lines = w.events()
	last := lines[len(lines)-1]
	if want := float64(lent + 2000 + 2); last.Type != "flow_purge" || last.Reason != "closed" || last.Flow["total_packets"] != want {
		t.Errorf("%s %s, %v packets, want %v", last.Type, last.Reason, last.Flow["total_packets"], want)
	}
	if len(k.flows) != 0 {
		t.Errorf("%d directions are still left to the kernel", len(k.flows))
	}
}

func TestShuntThatIsNotToBeHad(t *testing.T) {
	w := newWorld(t, nil)
	told := 0
	w.shard.shunts.sources[0] = &kernel{err: fmt.Errorf("no bpf here (%w)", errors.ErrUnsupported)}
	w.shard.shunts.notice = func(error) { told++ }
	for n := range 3 {
		c := w.dial("192.168.1.7", 40000+n, "198.51.100.1", 8080)
		c.up(request)
		c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
		for range 200 {
			c.down("more")
		}
	}
	if told != 1 {
		t.Errorf("told %d times, want once", told)
	}
}

// okThenRefused is a kernel that takes some directions and then no more for ever.
type okThenRefused struct {
	kernel
	takes int
}

func (k *okThenRefused) Shunt(t *core.Tuple) error {
	if k.takes--; k.takes < 0 {
		return fmt.Errorf("not permitted any more (%w)", errors.ErrUnsupported)
	}
	return k.kernel.Shunt(t)
}

func TestShuntThatEndsKeepsItsCounts(t *testing.T) {
	w := newWorld(t, nil)
	k := &okThenRefused{kernel{flows: map[core.Tuple]core.Count{}}, 2}
	w.shard.shunts.sources[0] = k
	told := 0
	w.shard.shunts.notice = func(error) { told++ }
	lent := 0
	for n := range 3 {
		c := w.dial("192.168.1.7", 40000+n, "198.51.100.1", 8080)
		c.up(request)
		c.down("HTTP/1.1 200 OK\r\nServer: s\r\n\r\nhello")
		for range 100 {
			c.down("more")
		}
		if n == 0 {
			lent = 104 // the test sends what a kernel would keep
		}
	}
	if len(k.flows) != 2 || told != 1 {
		t.Fatalf("%d directions are left to the kernel, told %d times", len(k.flows), told)
	}
	for tuple := range k.flows {
		k.flows[tuple] = core.Count{Packets: 1e6, Bytes: 1e9}
	}
	w.wait(20 * time.Minute)
	most := 0.0
	for _, l := range w.events() {
		if l.Type == "flow_purge" {
			most = max(most, l.Flow["total_packets"].(float64))
		}
	}
	if want := float64(lent + 2e6); most != want {
		t.Errorf("a flow that was left to the kernel had %v packets in total, want %v", most, want)
	}
	if len(k.flows) != 0 {
		t.Errorf("%d directions are still left to the kernel", len(k.flows))
	}
}

// A client changes from one access point of a bridge to another: its packets
// come by another interface of the group.
func TestFlowMovesWithinItsGroup(t *testing.T) {
	w := newWorld(t, nil)
	first, other := w.iface, &iface{cfg: config.Interface{Name: "wlan1"}, index: 1, label: event.Iface{Name: "wlan1"}}
	other.addresses.Store(w.iface.addresses.Load())
	w.shard.set.ifaces = append(w.shard.set.ifaces, other)
	w.shard.counts = append(w.shard.counts, ifaceStats{})
	w.shard.shunts.init(2)
	c := w.dial("192.168.1.7", 40000, "198.51.100.1", 8080)
	c.up(request)
	both := func(text string) { // the bridge's port and the bridge
		c.down(text)
		w.iface, c.sseq = other, c.sseq-uint32(len(text))
		c.down(text)
		w.iface = first
	}
	for range 10 {
		both("x")
		w.wait(time.Second)
	}
	const captured = 3 + 10
	w.iface = other
	for range 200 {
		c.down(strings.Repeat("x", 1000))
		w.wait(100 * time.Millisecond)
	}
	c.close()
	w.wait(12 * time.Second)
	lines := w.events()
	last := lines[len(lines)-1]
	if n := last.Flow["total_packets"].(float64); n < captured+195+2 || n > captured+200+2 || last.Reason != "closed" || last.Interface != "test0" {
		t.Errorf("%v packets, %s, of %s; want about %d of test0", n, last.Reason, last.Interface, captured+202)
	}
	if tcp := last.Flow["tcp"].(map[string]any); tcp["retrans"] != 0.0 || tcp["seq_errors"] != 0.0 {
		t.Errorf("%v", tcp)
	}
	digests := map[any]bool{}
	for _, l := range lines {
		digests[l.Flow["digest"]] = true
	}
	if len(digests) != 1 {
		t.Errorf("the flow has %d names", len(digests))
	}
}
