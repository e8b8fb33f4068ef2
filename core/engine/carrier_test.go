package engine

import (
	"testing"

	"netifyd/core"
)

// TestCarriers puts the same question, carried in every way, into a shard: it
// is told as a flow of its own, under the name of what carried it, and the
// carrier, which says nothing else, is none.
func TestCarriers(t *testing.T) {
	question := ipv4(nil, ipUDP, 0xc0a8010a, 0xc6336414, udp(nil, 40000, 53, []byte(dnsQuestion("in.example.org"))))
	packet := question[14:]
	cat := func(parts ...string) (b []byte) {
		for _, p := range parts {
			b = append(b, p...)
		}
		return b
	}
	overUDP := func(port uint16, b []byte) []byte {
		return ipv4(nil, ipUDP, 0xcb007101, 0xcb007102, udp(nil, 50000, port, b))
	}
	overIP := func(protocol byte, b []byte) []byte { return ipv4(nil, protocol, 0xcb007101, 0xcb007102, b) }
	ip, frame := string(packet), string(question)
	const addresses = "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02"
	const data, qos = "\x08\x01\x00\x00" + addresses + "\x02\x00\x00\x00\x00\x03\x00\x00", "\x88\x01\x00\x00" + addresses + "\x02\x00\x00\x00\x00\x03\x00\x00\x00\x00"
	const llc = "\xaa\xaa\x03\x00\x00\x00\x08\x00"
	cases := []struct {
		name, kind string
		link       core.LinkType
		frame      []byte
	}{
		{"geneve", "geneve", core.LinkEthernet, overUDP(6081, cat("\x00\x00\x65\x58\x00\x10\x92\x00", frame))},
		{"vxlan", "vxlan", core.LinkEthernet, overUDP(4789, cat("\x08\x00\x00\x00\x00\x00\x07\x00", frame))},
		{"vxlan-gpe", "vxlan-gpe", core.LinkEthernet, overUDP(4790, cat("\x0c\x00\x00\x01\x00\x00\x07\x00", ip))},
		{"nsh", "vxlan-gpe", core.LinkEthernet, overUDP(4790, cat("\x0c\x00\x00\x04\x00\x00\x07\x00", "\x0f\xc2\x02\x01\x00\x00\x2a\xff", ip))},
		{"gre in udp", "gre", core.LinkEthernet, overUDP(4754, cat("\x00\x00\x08\x00", ip))},
		{"mpls in udp", "mpls", core.LinkEthernet, overUDP(6635, cat("\x00\x01\x01\x40", ip))},
		{"mpls in ip", "mpls", core.LinkEthernet, overIP(137, cat("\x00\x01\x01\x40", ip))},
		{"etherip", "etherip", core.LinkEthernet, overIP(97, cat("\x30\x00", frame))},
		{"l2tpv3", "l2tp", core.LinkEthernet, overIP(115, cat("\x00\x00\x00\x09cookies!", frame))},
		{"l2tpv3 in udp", "l2tp", core.LinkEthernet, overUDP(1701, cat("\x00\x03\x00\x00\x00\x00\x00\x09", frame))},
		{"erspan 1", "erspan", core.LinkEthernet, overIP(47, cat("\x00\x00\x88\xbe", frame))},
		{"erspan 2", "erspan", core.LinkEthernet, overIP(47, cat("\x10\x00\x88\xbe\x00\x00\x00\x01", "\x10\x00\x00\x05\x00\x00\x00\x00", frame))},
		{"erspan 3", "erspan", core.LinkEthernet, overIP(47, cat("\x10\x00\x22\xeb\x00\x00\x00\x01", "\x20\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x00", frame))},
		{"aruba", "gre", core.LinkEthernet, overIP(47, cat("\x00\x00\x82\x00", qos, llc, ip))},
		{"ah", "ah", core.LinkEthernet, overIP(51, cat("\x04\x04\x00\x00\x00\x00\x10\x00\x00\x00\x00\x01", "signature012", ip))},
		{"ayiya", "ayiya", core.LinkEthernet, overUDP(5072, cat("\x41\x52\x11\x04\x00\x00\x00\x01", "sixteen of them.", "twenty for signature", ip))},
		{"lisp", "lisp", core.LinkEthernet, overUDP(4341, cat("\x08\x00\x00\x00\x00\x00\x07\x00", ip))},
		{"tzsp", "tzsp", core.LinkEthernet, overUDP(37008, cat("\x01\x00\x00\x01\x01", frame))},
		{"eoip", "gre", core.LinkEthernet, overIP(47, cat("\x20\x01\x64\x00\x00", string([]byte{byte(len(frame))}), "\x07\x00", frame))},
		{"backbone", "", core.LinkEthernet, cat(addresses, "\x88\xe7\x00\x00\x00\x07", frame)},
		{"trill", "", core.LinkEthernet, cat(addresses, "\x22\xf3\x00\x3f\x00\x01\x00\x02", frame)},
		{"vn-tag", "", core.LinkEthernet, cat(addresses, "\x89\x26\x00\x00\x00\x07\x08\x00", ip)},
		{"avs", "", core.LinkAVS, cat("\x80\x21\x10\x01\x00\x00\x00\x08", data, llc, ip)},
		{"prism", "", core.LinkPrism, cat("\x44\x00\x00\x00\x08\x00\x00\x00", data, llc, ip)},
		{"frame relay", "", core.LinkFrameRelay, cat("\x18\x41\x03\xcc", ip)},
		{"infiniband", "", core.LinkIPoIB, cat("\x08\x00\x00\x00", ip)},
		{"pflog", "", core.LinkPFLog, cat("\x3d\x02", string(make([]byte, 62)), ip)},
		{"metadata", "", core.LinkEthernet, cat(addresses, "\x89\x09\x01\x01\x00\x01\x00\x02\x08\x00", ip)},
		{"macsec", "", core.LinkEthernet, cat(addresses, "\x88\xe5\x00\x00\x00\x00\x00\x01\x08\x00", ip, "sixteen of check")},
		{"batman", "", core.LinkEthernet, cat(addresses, "\x43\x05\x40\x0f\x32\x01\x02\x00\x00\x00\x00\x01", frame)},
		{"nflog", "", core.LinkNFLOG, cat("\x02\x00\x00\x00", string([]byte{byte(len(ip) + 4), 0, 9, 0}), ip)},
		{"dsa", "", core.LinkDSA, cat(addresses, "\xc0\x00\x00\x00\x08\x00", ip)},
		{"edsa", "", core.LinkEDSA, cat(addresses, "\xda\xda\x00\x00\xc0\x00\x00\x00\x08\x00", ip)},
		{"brcm", "", core.LinkBRCM, cat(addresses, "\x20\x00\x00\x01\x08\x00", ip)},
		{"802.11", "", core.LinkDot11, cat(data, llc, ip)},
		{"radiotap", "", core.LinkRadiotap, cat("\x00\x00\x08\x00\x00\x00\x00\x00", data, llc, ip)},
		{"pktap", "", core.LinkPKTAP, cat("\x0c\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00", frame)},
	}
	for _, c := range cases {
		w := newWorld(t, nil)
		w.now += 1e6
		w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: c.frame, Time: w.now, Length: len(c.frame), Link: c.link}}, Now: w.now})
		w.shard.finish(w.iface, false)
		flows := 0
		for _, l := range w.events() {
			if l.Type != "flow" {
				continue
			}
			flows++
			tunnel, _ := l.Flow["tunnel"].(map[string]any)
			kind, _ := tunnel["type"].(string)
			if l.Flow["host_server_name"] != "in.example.org" || l.Flow["local_ip"] != "192.168.1.10" || kind != c.kind {
				t.Errorf("%s: %v", c.name, l.Flow)
			}
		}
		if flows != 1 {
			t.Errorf("%s: %d flows", c.name, flows)
		}
	}
}

// An aggregated frame of 802.11 tells of each packet in it.
func TestAggregatedFrame(t *testing.T) {
	w := newWorld(t, nil)
	frame := []byte("\x88\x01\x00\x00\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02\x02\x00\x00\x00\x00\x03\x00\x00\x80\x00")
	for _, name := range []string{"one.example.org", "two.example.org"} {
		b := ipv4(nil, ipUDP, 0xc0a8010a, 0xc6336414, udp(nil, 40000+uint16(name[0]), 53, []byte(dnsQuestion(name))))[14:]
		frame = append(frame, "\x02\x00\x00\x00\x00\x01\x02\x00\x00\x00\x00\x02"...)
		frame = append(frame, 0, byte(len(b)+8))
		frame = append(append(frame, "\xaa\xaa\x03\x00\x00\x00\x08\x00"...), b...)
		for (len(frame)-26)%4 != 0 {
			frame = append(frame, 0)
		}
	}
	w.shard.walk(w.iface, &core.Batch{Frames: []core.Frame{{Data: frame, Time: w.now + 1, Length: len(frame), Link: core.LinkDot11}}, Now: w.now + 1})
	w.shard.finish(w.iface, false)
	names := ""
	for _, l := range w.events() {
		if l.Type == "flow" {
			names += l.Flow["host_server_name"].(string) + " "
		}
	}
	if names != "one.example.org two.example.org " {
		t.Errorf("told of %q", names)
	}
}
