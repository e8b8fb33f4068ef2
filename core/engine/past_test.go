package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/gopacket/layers"

	"netifyd/core/flow"
	"netifyd/detect/app"
)

// TestSocketsGoOn: a flow without a beginning is what its two sockets spoke
// before they fell silent, for as long as these can be the same.
func TestSocketsGoOn(t *testing.T) {
	const client, server = "192.168.1.10", "203.0.113.9"
	const get = "GET / HTTP/1.1\r\nHost: www.netflix.com\r\n\r\n"
	datagram := func(w *world, up bool, port int, text string) {
		if up {
			w.say(client, server, &layers.UDP{SrcPort: layers.UDPPort(port), DstPort: 1719}, text)
		} else {
			w.say(server, client, &layers.UDP{SrcPort: 1719, DstPort: layers.UDPPort(port)}, text)
		}
	}
	ras := func(w *world) {
		datagram(w, true, 2034, "\x02\x20\x00\x00\x06\x00\x08\x91\x4a\x00\x04\x00\x11\x02\x00\x7c\x07\xf2\x22\x00")
	}
	keepAlive := func(w *world, port int) {
		c := &conn{w, client, server, port, 8123, 1000, 5000}
		c.up("\x00")
		c.down("")
	}
	for _, c := range []struct {
		what string
		play func(w *world)
		want string
	}{
		{"a connection goes on after an hour", func(w *world) {
			w.dial(client, 40000, server, 8123).up(get)
			w.wait(time.Hour)
			keepAlive(w, 40000)
		}, "HTTP netify.netflix hint"},
		{"and again", func(w *world) {
			w.dial(client, 40000, server, 8123).up(get)
			for range 3 {
				w.wait(time.Hour)
				keepAlive(w, 40000)
			}
		}, "HTTP netify.netflix hint"},
		{"but not the next day", func(w *world) {
			w.dial(client, 40000, server, 8123).up(get)
			w.wait(24 * time.Hour)
			keepAlive(w, 40000)
		}, "Unknown Unknown"},
		{"nor at another port", func(w *world) {
			w.dial(client, 40000, server, 8123).up(get)
			w.wait(time.Hour)
			keepAlive(w, 40001)
		}, "Unknown Unknown"},
		{"nor where it was closed", func(w *world) {
			f := w.dial(client, 40000, server, 8123)
			f.up(get)
			f.close()
			w.wait(time.Hour)
			keepAlive(w, 40000)
		}, "Unknown Unknown"},
		{"nor where a new one begins", func(w *world) {
			w.dial(client, 40000, server, 8123).up(get)
			w.wait(time.Hour)
			w.dial(client, 40000, server, 8123).up("nobody's bytes \x00\x01\x02\x03\x04\x05\x06\x07")
		}, "Unknown Unknown"},
		{"datagrams go on", func(w *world) {
			ras(w)
			w.wait(4 * time.Minute)
			datagram(w, false, 2034, "\x04\x80\x00\x00\x06\x00\x08\x55")
		}, "H323 Unknown hint"},
		{"for as long as a translator keeps them", func(w *world) {
			ras(w)
			w.wait(20 * time.Minute)
			datagram(w, false, 2034, "\x04\x80\x00\x00\x06\x00\x08\x55")
		}, "Unknown Unknown"},
		{"other hosts between the same ports do not matter", func(w *world) {
			ras(w)
			w.wait(time.Minute)
			w.say(client, "203.0.113.10", &layers.UDP{SrcPort: 2034, DstPort: 1719}, "\x02\x20\x00\x00\x06\x00\x08\x91\x4a\x00\x04\x00\x11\x02\x00\x7c\x07\xf2\x22\x00")
			w.wait(2 * time.Minute)
			datagram(w, false, 2034, "\x04\x80\x00\x00\x06\x00\x08\x55")
		}, "H323 Unknown hint"},
		{"what their bytes say comes first", func(w *world) {
			ras(w)
			w.wait(4 * time.Minute)
			datagram(w, true, 2034, "OPTIONS sip:a@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:b@example.org>;tag=1\r\nTo: <sip:a@example.org>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n")
		}, "SIP Unknown dpi"},
	} {
		w := newWorld(t, nil)
		w.iface.cfg.File = "past.pcap" // which tells also of what nobody answered
		c.play(w)
		w.wait(time.Hour)
		got := ""
		for _, l := range w.events() {
			if f := l.Flow; l.Type == "flow" {
				got = fmt.Sprint(f["detected_protocol_name"], " ", f["detected_application_name"])
				if sure := f["detection_confidence"]; sure != nil {
					got += fmt.Sprint(" ", sure)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestRelaysOfCalls: who asks the socket that served a call of one service is in a call of it, and so is his socket.
func TestRelaysOfCalls(t *testing.T) {
	record := func(local, other, localPort, otherPort int) *flow.Record {
		r := new(flow.Record)
		r.Version, r.Protocol = 4, ipUDP
		r.Addr = [2][16]byte{{10, 0, 0, byte(local)}, {91, 108, 9, byte(other)}}
		r.Port = [2]uint16{uint16(localPort), uint16(otherPort)}
		return r
	}
	telegram := &app.App{ID: 1}
	k := new(kin)
	call := record(1, 35, 37849, 1400)
	k.remember(call, 1-call.Local(), telegram, 0)
	for _, c := range []struct {
		what string
		flow *flow.Record
		want *app.App
	}{
		{"another socket asks the relay", record(1, 35, 40906, 1400), telegram},
		{"another client does", record(2, 35, 5000, 1400), telegram},
		{"another port of the relay's host", record(1, 35, 40906, 443), nil},
		{"another host", record(1, 36, 40906, 1400), nil},
	} {
		if got := k.find(c.flow, second); got != c.want {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}
