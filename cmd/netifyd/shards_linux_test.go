package main

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"golang.org/x/sys/unix"
)

// player sends frames out of an interface of a namespace.
type player struct {
	*testing.T
	fd     int
	to     *unix.SockaddrLinklayer
	cookie uint16
}

// newPlayer opens a socket in a namespace, on a thread that ends with the test.
func newPlayer(t *testing.T, ns, device string) *player {
	t.Helper()
	runtime.LockOSThread()
	at, err := unix.Open("/run/netns/"+ns, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip(err)
	}
	defer unix.Close(at)
	if err := unix.Setns(at, unix.CLONE_NEWNET); err != nil {
		t.Skip(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	dev, err := net.InterfaceByName(device)
	if err != nil {
		t.Fatal(err)
	}
	return &player{T: t, fd: fd, to: &unix.SockaddrLinklayer{Ifindex: dev.Index}}
}

// say sends a packet. The station is that of its IPv4 address.
func (p *player) say(from, to string, l gopacket.SerializableLayer, payload []byte) {
	p.Helper()
	src, dst := netip.MustParseAddr(from), netip.MustParseAddr(to)
	ip := &layers.IPv4{Version: 4, TTL: 64, Id: p.cookie, SrcIP: src.AsSlice(), DstIP: dst.AsSlice(), Protocol: layers.IPProtocolTCP}
	p.cookie++
	switch l := l.(type) {
	case *layers.UDP:
		ip.Protocol = layers.IPProtocolUDP
		_ = l.SetNetworkLayerForChecksum(ip)
	case *layers.TCP:
		_ = l.SetNetworkLayerForChecksum(ip)
	}
	station := func(a netip.Addr) net.HardwareAddr { b := a.As4(); return append(net.HardwareAddr{2, 0}, b[:]...) }
	eth := &layers.Ethernet{SrcMAC: station(src), DstMAC: station(dst), EthernetType: layers.EthernetTypeIPv4}
	buf := gopacket.NewSerializeBuffer()
	if err := gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true}, eth, ip, l, gopacket.Payload(payload)); err != nil {
		p.Fatal(err)
	}
	if err := unix.Sendto(p.fd, buf.Bytes(), 0, p.to); err != nil {
		p.Fatal(err)
	}
}

// dns is a question for a name, or the answer of a name server.
func dns(name string, addr netip.Addr, isAnswer bool) []byte {
	m := &layers.DNS{ID: 7, QR: isAnswer, RD: true, RA: isAnswer,
		Questions: []layers.DNSQuestion{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN}}}
	if isAnswer {
		m.Answers = []layers.DNSResourceRecord{{Name: []byte(name), Type: layers.DNSTypeA, Class: layers.DNSClassIN, TTL: 300, IP: addr.AsSlice()}}
	}
	buf := gopacket.NewSerializeBuffer()
	if err := m.SerializeTo(buf, gopacket.SerializeOptions{FixLengths: true}); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// TestLiveShards captures the same packets with one shard and with two: flows
// that a DNS answer names, or that a control connection announces, an instant
// before their own first bytes. Both say the same of every flow.
func TestLiveShards(t *testing.T) {
	needs(t, "ip")
	s := newStage(t)
	const flows, files = 100, 20
	var streams []*stream
	for shards := 1; shards <= 2; shards++ {
		socket := filepath.Join(s.dir, fmt.Sprint("run", shards), "netifyd.sock")
		conf := s.write(fmt.Sprintf("netifyd%d.toml", shards), fmt.Sprintf(`
[agent]
update_interval = 2
volatile_dir = %q
[capture]
shards = %d
[[listen]]
path = %q
dialect = "4"
`, filepath.Dir(socket), shards, socket))
		s.start(s.in(s.client, binary, "-c", conf, "-I", "lan0"))
		st := collect(dialUnix(t, socket))
		st.await(t, "status", func(l map[string]any) bool {
			i, _ := l["interfaces"].(map[string]any)
			return l["type"] == "agent_status" && i["lan0"] != nil
		})
		streams = append(streams, st)
	}
	p := newPlayer(t, s.server, "far0")
	bytes := []byte("\x01\xff\x80 nothing anybody knows \x00\xfe")
	names := []string{"www.netflix.com", "www.spotify.com", "www.dropbox.com", "www.whatsapp.com"}
	const client, resolver, server = "192.168.77.9", "192.168.77.3", "198.51.100.20"
	for n := range flows {
		to := netip.AddrFrom4([4]byte{203, 0, 113, byte(n)})
		ask := layers.UDPPort(20000 + n)
		p.say(client, resolver, &layers.UDP{SrcPort: ask, DstPort: 53}, dns(names[n%len(names)], to, false))
		p.say(resolver, client, &layers.UDP{SrcPort: 53, DstPort: ask}, dns(names[n%len(names)], to, true))
		if n%2 == 0 {
			p.say(client, to.String(), &layers.UDP{SrcPort: layers.UDPPort(30000 + n), DstPort: 61000}, bytes)
			continue
		}
		sport, dport := layers.TCPPort(30000+n), layers.TCPPort(61000)
		p.say(client, to.String(), &layers.TCP{SrcPort: sport, DstPort: dport, Seq: 1000, SYN: true, Window: 9000}, nil)
		p.say(to.String(), client, &layers.TCP{SrcPort: dport, DstPort: sport, Seq: 5000, Ack: 1001, SYN: true, ACK: true, Window: 9000}, nil)
		p.say(client, to.String(), &layers.TCP{SrcPort: sport, DstPort: dport, Seq: 1001, Ack: 5001, ACK: true, PSH: true, Window: 9000}, []byte("SSH-2.0-test\r\n"))
	}
	for n := range files {
		control, data, port := layers.TCPPort(40000+n), layers.TCPPort(41000+n), layers.TCPPort(5000+n)
		p.say(client, server, &layers.TCP{SrcPort: control, DstPort: 21, Seq: 1000, SYN: true, Window: 9000}, nil)
		p.say(server, client, &layers.TCP{SrcPort: 21, DstPort: control, Seq: 5000, Ack: 1001, SYN: true, ACK: true, Window: 9000}, nil)
		seq, ack := uint32(5001), uint32(1001)
		for _, text := range []string{"220 FTP server\r\n", ">USER a\r\n", ">PASV\r\n", fmt.Sprintf("227 Entering (198,51,100,20,%d,%d)\r\n", port>>8, port&255)} {
			if up, isUp := strings.CutPrefix(text, ">"); isUp {
				p.say(client, server, &layers.TCP{SrcPort: control, DstPort: 21, Seq: ack, Ack: seq, ACK: true, PSH: true, Window: 9000}, []byte(up))
				ack += uint32(len(up))
			} else {
				p.say(server, client, &layers.TCP{SrcPort: 21, DstPort: control, Seq: seq, Ack: ack, ACK: true, PSH: true, Window: 9000}, []byte(text))
				seq += uint32(len(text))
			}
		}
		p.say(client, server, &layers.TCP{SrcPort: data, DstPort: port, Seq: 1000, SYN: true, Window: 9000}, nil)
		p.say(server, client, &layers.TCP{SrcPort: port, DstPort: data, Seq: 5000, Ack: 1001, SYN: true, ACK: true, Window: 9000}, nil)
		body := append(bytes[:len(bytes):len(bytes)], byte(n))
		for i := range uint32(40) {
			p.say(server, client, &layers.TCP{SrcPort: port, DstPort: data, Seq: 5001 + i*uint32(len(body)), Ack: 1001, ACK: true, Window: 9000}, body)
		}
	}
	// about is what is known in the end of the flows that this is about.
	about := func(st *stream) (told map[string]string, named, announced int) {
		told = map[string]string{}
		for _, l := range st.lines {
			f, _ := l["flow"].(map[string]any)
			if l["type"] != "flow" || f["local_ip"] != client || f["other_ip"] == resolver {
				continue
			}
			told[fmt.Sprint(f["ip_protocol"], " ", f["local_port"], " ", f["other_ip"], " ", f["other_port"])] = fmt.Sprint(f["detected_protocol_name"], " ", f["detected_application_name"], " ",
				f["dns_host_name"], " ", f["dhc_hit"], " ", f["detection_confidence"], " ", f["detection_guessed"])
		}
		for _, what := range told {
			if strings.Contains(what, "netify.") && strings.Contains(what, " true hint ") {
				named++
			}
			if strings.HasPrefix(what, "FTP/D ") {
				announced++
			}
		}
		return told, named, announced
	}
	// The second look at a flow comes a second or two after the first; the interval goes on.
	for _, st := range streams {
		for at := time.Now(); time.Since(at) < deadline; {
			st.mu.Lock()
			_, named, announced := about(st)
			st.mu.Unlock()
			if named == flows && announced == files {
				break
			}
			select {
			case <-st.news:
			case <-time.After(time.Second):
			}
		}
	}
	for _, st := range streams {
		st.mu.Lock()
		defer st.mu.Unlock()
	}
	one, named, announced := about(streams[0])
	if named != flows || announced != files {
		t.Fatalf("one shard names %d of %d and knows %d of %d files", named, flows, announced, files)
	}
	two, named, announced := about(streams[1])
	t.Logf("two shards name %d of %d and know %d of %d files", named, flows, announced, files)
	for k, what := range one {
		if two[k] != what {
			t.Errorf("%s: one shard says %s, two say %s", k, what, two[k])
		}
	}
	if len(one) != len(two) {
		t.Errorf("one shard tells %d flows, two tell %d", len(one), len(two))
	}
}
