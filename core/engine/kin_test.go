package engine

import (
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"github.com/google/gopacket/layers"
)

// stunMessage is one of a type with one attribute (RFC 8489, sections 5 and 14).
func stunMessage(kind, attribute uint16, value string) string {
	b := binary.BigEndian.AppendUint16(nil, kind)
	b = binary.BigEndian.AppendUint16(b, uint16(4+(len(value)+3)&^3))
	b = append(b, "\x21\x12\xa4\x42\x8f\x1c\x77\x05\xa9\xd3\x60\x2e\xbb\x41\x96\xf8"...)
	b = binary.BigEndian.AppendUint16(b, attribute)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	b = append(b, value...)
	return string(append(b, make([]byte, -len(value)&3)...))
}

// TestSocketsOfCall: the flows of a call have the application that one of them
// names, wherever they go, and whichever came first.
func TestSocketsOfCall(t *testing.T) {
	const client, relay, friend = "192.168.1.10", "203.0.113.9", "198.51.100.77"
	const binding, allocate, username, realm = 0x0001, 0x0003, 0x0006, 0x0014
	say := func(w *world, to string, port int, message string) {
		w.say(client, to, &layers.UDP{SrcPort: layers.UDPPort(port), DstPort: 41000}, message)
	}
	named := func(w *world, port int) { say(w, relay, port, stunMessage(allocate, realm, "telegram.org")) }
	checks := func(w *world, port int, user string) { say(w, friend, port, stunMessage(binding, username, user)) }
	for _, c := range []struct {
		what string
		play func(w *world)
		want string
	}{
		{"the same socket asks a relay of the service", func(w *world) { named(w, 5000); checks(w, 5000, "l/wc:SuU3") }, "netify.telegram hint"},
		{"and does so later", func(w *world) { checks(w, 5000, "l/wc:SuU3"); named(w, 5000) }, "netify.telegram hint"},
		{"another socket of the call does", func(w *world) {
			named(w, 5001)
			checks(w, 5001, "l/wc:SuU3")
			checks(w, 5000, "SuU3:l/wc")
		}, "netify.telegram hint"},
		{"and does so later", func(w *world) {
			checks(w, 5000, "SuU3:l/wc")
			checks(w, 5001, "l/wc:SuU3")
			named(w, 5001)
		}, "netify.telegram hint"},
		{"a socket of another call", func(w *world) {
			named(w, 5001)
			checks(w, 5001, "l/wc:SuU3")
			checks(w, 5000, "l/wc:SuU4")
		}, "Unknown dpi"},
		{"a user name that is no pair of fragments", func(w *world) {
			named(w, 5001)
			checks(w, 5001, "alice")
			checks(w, 5000, "alice")
		}, "Unknown dpi"},
		{"a socket that was of a call long ago", func(w *world) {
			named(w, 5001)
			checks(w, 5001, "l/wc:SuU3")
			w.wait(10 * time.Minute)
			checks(w, 5000, "l/wc:SuU3")
		}, "Unknown dpi"},
	} {
		w := newWorld(t, nil)
		w.iface.cfg.File = "call.pcap" // which tells also of what nobody answered
		c.play(w)
		w.wait(time.Minute)
		got := ""
		for _, l := range w.events() {
			if f := l.Flow; l.Type == "flow" && f["other_ip"] == friend && fmt.Sprint(f["local_port"]) == "5000" {
				got = fmt.Sprint(f["detected_application_name"], " ", f["detection_confidence"])
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestNewCallOfSocket: a call that begins on the socket of another one is not of its application.
func TestNewCallOfSocket(t *testing.T) {
	w := newWorld(t, nil)
	w.say("192.168.1.10", "203.0.113.9", &layers.UDP{SrcPort: 5000, DstPort: 41000}, stunMessage(3, 0x14, "telegram.org"))
	for n, user := range []string{"l/wc:SuU3", "aaaa:bbbb"} {
		w.say("192.168.1.10", fmt.Sprint("198.51.100.", 77+n), &layers.UDP{SrcPort: 5000, DstPort: 41000}, stunMessage(1, 6, user))
		w.wait(5 * time.Second)
	}
	w.wait(time.Minute)
	got := map[string]string{}
	for _, l := range w.events() {
		if f := l.Flow; l.Type == "flow" {
			got[fmt.Sprint(f["other_ip"])] = fmt.Sprint(f["detected_application_name"])
		}
	}
	if got["198.51.100.77"] != "netify.telegram" || got["198.51.100.78"] == "netify.telegram" {
		t.Errorf("%v", got)
	}
}
