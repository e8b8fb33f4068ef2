package engine

import (
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/layers"
)

// TestGuessByPort: what a port may tell, and when.
func TestGuessByPort(t *testing.T) {
	const client, server = "192.168.1.10", "203.0.113.9"
	noise := strings.Repeat("\x00", 16)
	datagram := func(w *world, up bool, cport, sport int, text string) {
		if up {
			w.say(client, server, &layers.UDP{SrcPort: layers.UDPPort(cport), DstPort: layers.UDPPort(sport)}, text)
		} else {
			w.say(server, client, &layers.UDP{SrcPort: layers.UDPPort(sport), DstPort: layers.UDPPort(cport)}, text)
		}
	}
	midway := func(w *world, port int) *conn { return &conn{w, client, server, 40000, port, 1000, 5000} }
	for _, c := range []struct {
		what string
		play func(w *world)
		want string
	}{
		{"nobody answered", func(w *world) { midway(w, 1883).send(true, &layers.TCP{SYN: true}, "") }, "Unknown"},
		{"refused", func(w *world) {
			c := midway(w, 1883)
			for range 3 {
				c.send(true, &layers.TCP{SYN: true}, "")
				c.send(false, &layers.TCP{RST: true, ACK: true}, "")
			}
		}, "Unknown"},
		{"opened and silent", func(w *world) { w.dial(client, 40000, server, 1883) }, "MQTT port"},
		{"the bytes refute it", func(w *world) { w.dial(client, 40000, server, 1883).up(noise) }, "Unknown"},
		{"zeros to a port of many", func(w *world) { w.dial(client, 40000, server, 9999).up(noise) }, "Unknown"},
		{"the middle refutes nothing", func(w *world) {
			c := midway(w, 1883)
			c.up(noise)
			c.down(noise)
		}, "MQTT port"},
		{"the middle of what nobody answers", func(w *world) { midway(w, 1883).up(noise) }, "Unknown"},
		{"the middle of an answer", func(w *world) { midway(w, 1883).down(noise) }, "MQTT port"},
		{"a datagram that nobody answers", func(w *world) { datagram(w, true, 40000, 51820, "\x04\x00\x00\x00"+noise+noise) }, "Unknown"},
		{"a file of FTP without its control connection", func(w *world) {
			c := &conn{w, server, client, 20, 51234, 1000, 5000}
			c.send(true, &layers.TCP{SYN: true}, "")
			c.send(false, &layers.TCP{SYN: true, ACK: true}, "")
			c.up("\x9b\x1f\x03\xc4 anything at all \x00\xfe")
			c.send(false, &layers.TCP{ACK: true}, "")
		}, "FTP/D port"},
		{"server first", func(w *world) {
			data := "\x04\x00\x00\x00\x01\x02\x03\x04\x05\x00\x00\x00\x00\x00\x00\x00" + "\x9b\x1f\x03\xc4\x52\xe8\x77\x2d\xfa\x06\x41\xb9\x8c\xd3\x60\x15"
			datagram(w, false, 40000, 51820, data)
			datagram(w, true, 40000, 51820, data)
		}, "WireGuard port"},
		{"an echo that a neighbour sends back", func(w *world) {
			for range 2 {
				w.say(client, client, &layers.UDP{SrcPort: 49152, DstPort: 3785}, noise)
			}
		}, "BFD port"},
		{"an echo to another address", func(w *world) { datagram(w, true, 49152, 3785, noise) }, "Unknown"},
	} {
		w := newWorld(t, nil)
		w.iface.cfg.File = "guess.pcap" // which tells also of what nobody answered
		c.play(w)
		w.wait(10 * time.Minute)
		got := ""
		for _, l := range w.events() {
			if f := l.Flow; l.Type == "flow" {
				got, _ = f["detected_protocol_name"].(string)
				if by, ok := f["detection_confidence"].(string); ok {
					got += " " + by
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}
