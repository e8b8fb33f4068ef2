package engine

import (
	"fmt"
	"testing"

	"github.com/google/gopacket/layers"

	"netifyd/core/config"
)

// TestHintAndSpokenName: what a DNS answer said counts where the flow itself
// names no host, and never where clients share an address.
func TestHintAndSpokenName(t *testing.T) {
	const client, server = "192.168.1.10", "203.0.113.80"
	for _, c := range []struct {
		what string
		wan  bool
		say  string
		want string
	}{
		{"no name is spoken", false, "", "netify.whatsapp hint"},
		{"the flow names a host of no application", false, "GET / HTTP/1.1\r\nHost: shop.example.com\r\n\r\n", "Unknown dpi"},
		{"the flow names an application", false, "GET / HTTP/1.1\r\nHost: www.netflix.com\r\n\r\n", "netify.netflix dpi"},
		{"the host is an address", false, "GET / HTTP/1.1\r\nHost: 203.0.113.80\r\n\r\n", "netify.whatsapp hint"},
		{"clients share an address", true, "", "Unknown"},
	} {
		w := newWorld(t, nil)
		if c.wan {
			w.iface.cfg.Role = config.WAN
		}
		ask := &layers.UDP{SrcPort: 5000, DstPort: 53}
		w.say(client, "192.168.1.1", ask, dnsQuestion("web.whatsapp.com"))
		w.say("192.168.1.1", client, &layers.UDP{SrcPort: 53, DstPort: 5000}, dnsAnswer("web.whatsapp.com", server, 300))
		flow := w.dial(client, 40000, server, 8123)
		if c.say == "" {
			flow.up("\x01\x02\x03 nobody's bytes \x00\x00\x00\x00\x00\x00\x00\x00\x00")
		}
		flow.up(c.say)
		flow.close()
		w.wait(60e9)
		got := ""
		for _, l := range w.events() {
			if f := l.Flow; l.Type == "flow" && f["other_ip"] == server {
				got = fmt.Sprint(f["detected_application_name"])
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
