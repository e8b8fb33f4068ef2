package engine

import (
	"fmt"
	"testing"

	"github.com/google/gopacket/layers"

	"netifyd/core/config"
	"netifyd/core/packet"
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

// TestWhoseAddress: the address of a company says what it offers at the port,
// and nothing beside the name of one of its networks.
func TestWhoseAddress(t *testing.T) {
	const client, apple, yandex = "192.168.1.10", "17.110.1.1", "87.250.250.108"
	for _, c := range []struct {
		what, server string
		port         int
		say, want    string
	}{
		{"a port that the company documents", apple, 5223, "nobody's bytes \x00\x01\x02\x03\x04", "netify.apple-push"},
		{"another port", apple, 8123, "nobody's bytes \x00\x01\x02\x03\x04", "netify.apple"},
		{"that port elsewhere", "203.0.113.80", 5223, "nobody's bytes \x00\x01\x02\x03\x04", "Unknown"},
		{"a name of the company's cloud", yandex, 80, "GET / HTTP/1.1\r\nHost: x.storage.yandexcloud.net\r\n\r\n", "netify.yandex-cloud"},
		{"a name that is asked for over HTTP", "203.0.113.80", 80, "GET /1/d?host=www.netflix.com HTTP/1.1\r\nHost: 203.0.113.80\r\n\r\n", "netify.netflix"},
		{"one that nobody knows, at a company's address", yandex, 80, "GET /1/d?host=www.example.org HTTP/1.1\r\nHost: 87.250.250.108\r\n\r\n", "Unknown"},
		{"a name of another network", yandex, 80, "GET / HTTP/1.1\r\nHost: x.akamaihd.net\r\n\r\n", "netify.yandex"},
	} {
		w := newWorld(t, nil)
		flow := w.dial(client, 40000, c.server, c.port)
		flow.up(c.say)
		flow.close()
		w.wait(60e9)
		got := ""
		for _, l := range w.events() {
			if f := l.Flow; l.Type == "flow" && f["other_ip"] == c.server {
				got = fmt.Sprint(f["detected_application_name"])
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestAnswerToNobody: an answer is believed where it answers what was asked.
func TestAnswerToNobody(t *testing.T) {
	const client, resolver, server = "192.168.1.10", "192.168.1.1", "203.0.113.80"
	good := dnsAnswer("web.whatsapp.com", server, 300)
	other := []byte(good)
	other[1]++ // identifier
	for _, c := range []struct {
		what, question, answer, from string
		port                         int
		host, hint                   string
	}{
		{"the answer", dnsQuestion("web.whatsapp.com"), good, resolver, 5000, "web.whatsapp.com", "web.whatsapp.com"},
		{"in another case", dnsQuestion("WEB.WhatsApp.com"), good, resolver, 5000, "web.whatsapp.com", "web.whatsapp.com"},
		{"another identifier", dnsQuestion("web.whatsapp.com"), string(other), resolver, 5000, "web.whatsapp.com", ""},
		{"another question", dnsQuestion("shop.example.com"), good, resolver, 5000, "shop.example.com", ""},
		{"another port", dnsQuestion("web.whatsapp.com"), good, resolver, 5001, "web.whatsapp.com", ""},
		{"another resolver", dnsQuestion("web.whatsapp.com"), good, "192.168.1.2", 5000, "web.whatsapp.com", ""},
		{"nobody asked", "", good, resolver, 5000, "web.whatsapp.com", ""},
	} {
		w := newWorld(t, nil)
		if c.question != "" {
			w.say(client, resolver, &layers.UDP{SrcPort: 5000, DstPort: 53}, c.question)
		}
		w.say(c.from, client, &layers.UDP{SrcPort: 53, DstPort: layers.UDPPort(c.port)}, c.answer)
		w.say(client, server, &layers.UDP{SrcPort: 40000, DstPort: 61234}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
		w.wait(60e9)
		host, hint := "", ""
		for _, l := range w.events() {
			if l.Type != "flow" {
				continue
			}
			if l.Flow["other_ip"] == server {
				hint, _ = l.Flow["dns_host_name"].(string)
			} else if h, ok := l.Flow["host_server_name"].(string); ok && host == "" {
				host = h
			}
		}
		if host != c.host || hint != c.hint {
			t.Errorf("%s: host %q, hint %q, want %q, %q", c.what, host, hint, c.host, c.hint)
		}
	}
}

// TestDeviceSaysItsName: what a device announces of itself names later flows to it.
func TestDeviceSaysItsName(t *testing.T) {
	const device = "192.168.1.50"
	announce := func(name, addr string) string {
		b := []byte(dnsAnswer(name, addr, 120))
		b[0], b[1], b[3] = 0, 0, 0
		b[2] = 0x84
		return string(b)
	}
	for _, c := range []struct{ what, name, addr, want string }{
		{"its own address", "printer.local", device, "printer.local"},
		{"that of another device", "printer.local", "192.168.1.51", ""},
		{"a name that is not its own", "www.netflix.com", device, ""},
	} {
		w := newWorld(t, nil)
		w.say(device, "224.0.0.251", &layers.UDP{SrcPort: 5353, DstPort: 5353}, announce(c.name, c.addr))
		w.say("192.168.1.10", c.addr, &layers.UDP{SrcPort: 41001, DstPort: 4466}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
		w.wait(60e9)
		if got := w.hostOf(4466); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// TestNeighbourAnswersItsName: LLMNR, for the client that was answered.
func TestNeighbourAnswersItsName(t *testing.T) {
	const device, client = "192.168.1.50", "192.168.1.10"
	for _, c := range []struct{ what, name, addr, who, want string }{
		{"its own address", "printer", device, client, "printer"},
		{"another client", "printer", device, "192.168.1.11", ""},
		{"that of another device", "printer", "192.168.1.51", client, ""},
		{"a name of several labels", "www.netflix.com", device, client, ""},
	} {
		w := newWorld(t, nil)
		w.say(client, "224.0.0.252", &layers.UDP{SrcPort: 50000, DstPort: 5355}, dnsQuestion(c.name))
		w.say(device, client, &layers.UDP{SrcPort: 5355, DstPort: 50000}, dnsAnswer(c.name, c.addr, 30))
		w.say(c.who, c.addr, &layers.UDP{SrcPort: 41001, DstPort: 4466}, "\x01\xff\x80 nothing anybody knows \x00\xfe")
		w.wait(60e9)
		if got := w.hostOf(4466); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
}

// hostOf is the name by DNS of the newest flow to a port.
func (w *world) hostOf(port float64) (name string) {
	for _, l := range w.events() {
		if l.Type == "flow" && l.Flow["other_port"] == port {
			name, _ = l.Flow["dns_host_name"].(string)
		}
	}
	return name
}

func TestQuestionsAreForgotten(t *testing.T) {
	q := new(questions)
	v := &packet.View{SrcPort: 5000, DstPort: 53}
	back := &packet.View{SrcPort: 53, DstPort: 5000}
	v.Src[0], v.Dst[0] = 1, 2
	back.Src[0], back.Dst[0] = 2, 1
	q.note(7, v, 100e9)
	if !q.answered(7, back, (100+questionLife)*1e9) || q.answered(7, back, (101+questionLife)*1e9) || q.answered(8, back, 100e9) {
		t.Error("a question is known for its time, and no other one is")
	}
	for i := range uint64(10 * questionSets * questionWays) {
		q.note(1000+i, v, 200e9)
	}
	if q.answered(7, back, 100e9) {
		t.Error("the table grows")
	}
}
