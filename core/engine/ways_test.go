package engine

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

// A taped talk is a flow of a capture: what each side said, in order.
type taped struct {
	capture      string
	udp          bool
	cport, sport int
	say          talk
}

// tape reads the flows over TCP and UDP of a capture. What TCP sends again or
// out of order is left out: those flows are not taken.
func tape(t *testing.T, name string) (all []*taped) {
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r, err := pcapgo.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	type state struct {
		*taped
		client string
		next   [2]uint32
		known  [2]bool
		odd    bool
	}
	flows := map[string]*state{}
	var order []*state
	for {
		b, _, err := r.ReadPacketData()
		if err != nil {
			break
		}
		p := gopacket.NewPacket(b, r.LinkType(), gopacket.DecodeOptions{NoCopy: true})
		n, l := p.NetworkLayer(), p.TransportLayer()
		if n == nil || l == nil {
			continue
		}
		src, dst := n.NetworkFlow().Endpoints()
		tcp, _ := l.(*layers.TCP)
		udp, _ := l.(*layers.UDP)
		if tcp == nil && udp == nil {
			continue
		}
		sport, dport := 0, 0
		if tcp != nil {
			sport, dport = int(tcp.SrcPort), int(tcp.DstPort)
		} else {
			sport, dport = int(udp.SrcPort), int(udp.DstPort)
		}
		from, to := fmt.Sprint(src, sport), fmt.Sprint(dst, dport)
		s := flows[from+to]
		if s == nil {
			s = &state{taped: &taped{capture: filepath.Base(name), udp: udp != nil, cport: sport, sport: dport}, client: from}
			if tcp != nil && (!tcp.SYN || tcp.ACK) {
				s.odd = true
			}
			flows[from+to], flows[to+from] = s, s
			order = append(order, s)
		}
		dir, arrow := 0, "> "
		if from != s.client {
			dir, arrow = 1, "< "
		}
		payload := l.LayerPayload()
		if tcp != nil {
			if tcp.SYN {
				s.next[dir], s.known[dir] = tcp.Seq+1, true
				continue
			}
			if len(payload) == 0 {
				continue
			}
			if !s.known[dir] || tcp.Seq != s.next[dir] {
				s.odd = true
			}
			s.next[dir] += uint32(len(payload))
		}
		s.say = append(s.say, arrow+string(payload))
	}
	for _, s := range order {
		if !s.odd && len(s.say) > 0 {
			all = append(all, s.taped)
		}
	}
	return all
}

// A way is how a taped talk is heard.
type tapedWay struct {
	what   string
	v6     bool
	midway bool // TCP: without the opening
	size   int  // TCP: of segments, see play
}

// name is what a world calls a taped talk that it hears some way; "?" marks a guess.
func (p *taped) name(t *testing.T, way tapedWay) string {
	w := newWorld(t, nil)
	w.iface.cfg.File = "ways.pcap" // which tells also of what nobody answered
	c := &conn{w, "192.168.1.10", "203.0.113.9", p.cport, p.sport, 1000, 5000}
	if way.v6 {
		c.client, c.server = "2001:db8:1::10", "2001:db8:2::9"
	}
	say := p.say[:min(len(p.say), 40)]
	switch up, down := layers.UDPPort(p.cport), layers.UDPPort(p.sport); {
	case p.udp:
		for _, turn := range say {
			if turn[0] == '>' {
				w.say(c.client, c.server, &layers.UDP{SrcPort: up, DstPort: down}, turn[2:])
			} else {
				w.say(c.server, c.client, &layers.UDP{SrcPort: down, DstPort: up}, turn[2:])
			}
		}
	case way.midway:
		play(c, say, way.size)
	default:
		play(w.dial(c.client, p.cport, c.server, p.sport), say, way.size)
	}
	w.wait(10 * time.Minute)
	name := "nothing"
	for _, l := range w.events() {
		if l.Type == "flow" {
			if name = fmt.Sprint(l.Flow["detected_protocol_name"]); l.Flow["detection_guessed"] == true || l.Flow["detection_guessed"] == 1.0 {
				name += "?"
			}
		}
	}
	return name
}

// TestTapedTalks hears the flows of testdata in other ways than they were
// taped, and holds them to the same name. NETIFYD_CAPTURES names a directory
// of captures that are heard in their place.
func TestTapedTalks(t *testing.T) {
	dir := "../../testdata"
	if more := os.Getenv("NETIFYD_CAPTURES"); more != "" {
		dir = more
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.pcap"))
	flows := 0
	for _, name := range names {
		for _, p := range tape(t, name) {
			flows++
			want := p.name(t, tapedWay{})
			ways := []tapedWay{{what: "over IPv6", v6: true}}
			if !p.udp {
				ways = append(ways, tapedWay{what: "in halves", size: -1}, tapedWay{what: "by three bytes", size: 3}, tapedWay{what: "joined midway", midway: true})
			}
			for _, way := range ways {
				if got := p.name(t, way); got != want {
					t.Errorf("%s to %d %s: %s, want %s", p.capture, p.sport, way.what, got, want)
				}
			}
		}
	}
	t.Logf("%d flows", flows)
}
