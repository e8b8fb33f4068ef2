package expr

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"netifyd/core/proto"
)

func categories(tag string) (uint8, bool) {
	id := map[string]uint8{"games": 12, "streaming-media": 29, "adult": 2}[tag]
	return id, id != 0
}

// sample is a flow to netflix.com.
var sample = Input{
	IPVersion: 4, IPProtocol: 6, VLAN: 7, LocalPort: 50000, OtherPort: 443, LocalMAC: [6]byte{2, 0, 0x5e, 0, 0, 1},
	LocalIP: netip.MustParseAddr("192.168.1.7"), OtherIP: netip.MustParseAddr("198.51.100.9"), OtherType: OtherRemote, Origin: OriginLocal,
	Interface: "br-lan", Internal: true, Updated: true, Proto: proto.HTTPS, ProtoCategory: uint8(proto.Web), App: 133, AppTag: "netify.netflix",
	AppCategory: 29, DomCategory: 12, Host: []byte("www.netflix.com"), TLSVersion: 0x0304, Mark: 0x10, Risks: 1 << 3,
}

func TestMatch(t *testing.T) {
	for text, want := range map[string]bool{
		"ip_protocol": true, "ip_protocol == 6;": true, "ip_protocol == 0x06": true, "ip_protocol != 6": false, "!ip_protocol": false, "! vlan_id": false,
		"other_port >= 443": true, "other_port > 443": false, "other_port <= 443": true, "other_port < 443": false, "local_port > 1024": true,
		"ip_version == 4": true, "ip_version == 6": false, "ip_nat": false, "!ip_nat": true, "ip_nat == false": true, "detection_updated != true": false,
		"other_type == other_remote": true, "other_type != other_local": true, "origin == origin_local": true, "origin == origin_remote": false,
		"tunnel_type == tunnel_none": true, "tunnel_type == tunnel_gtp": false, "local_mac == '02:00:5e:00:00:01'": true, "local_mac == 02:00:5E:00:00:01": true,
		"other_mac != '02:00:5e:00:00:01'": true, "local_ip == 192.168.1.7": true, "local_ip == '192.168.0.0/16'": true, "other_ip != 198.51.100.0/24": false,
		"other_ip == 2001:db8::/32": false, "app == 133": true, "app == 'netify.netflix'": true, "application == 'NETFLIX'": true, "app_id != 133": false,
		"application": true, "!application_id": false, "app == 'netify.net'": false, "proto == 'HTTP/S'": true, "protocol == 'https'": true, "proto_id == 196": sample.Proto == 196,
		"category == 'games'": true, "category == 'streaming-media'": true, "category != 'adult'": true, "app_category == 'games'": false, "dom_category == 'games'": true,
		"proto_category == 'web'": true, "network_category == 12": false, "risks == 'Clear-Text Credentials'": true, "risks != 'error code'": true,
		"detected_hostname == 'WWW.netflix.com'": true, "detected_hostname == 'netflix.com'": false, "detected_hostname == 'rx:(^|\\.)netflix\\.com$'": true,
		"detected_hostname != 'rx:NETFLIX'": false, "detected_hostname": true, "dns_hostname": false, "interface == 'br-lan'": true, "internal": true,
		"ssl_version == 0x0304": true, "tls_version < 0x0303": false, "fwmark == 16": true, "ndpi_risk_score": false,
		"ai:netify.netflix": true, "ai:netflix": true, "ai:133": true, "!ai:netify.netflix": false, "pi:HTTP/S": true, "ac:streaming-media": true, "ac:games": false,
		"dc:games": true, "pc:web": true, "*": true, "!*": false, `["ai:1", "pi:HTTP/S"]`: true, `[ "ai:1", "!pi:HTTP/S" ]`: false,
		"vlan_id == 7 && !(app == 1)": true, "vlan_id == 1; app == 133;": true, "app == 133; vlan_id == 1": false, "((app==133))": true,
		"ai:133 and pc:web AND !ip_nat": true,
		// and binds tighter than or, whichever comes first
		"vlan_id == 7 || vlan_id == 1 && vlan_id == 2": true, "vlan_id == 1 && vlan_id == 2 || vlan_id == 7": true,
		"(vlan_id == 7 || vlan_id == 1) && vlan_id == 2": false, "vlan_id == 1 or vlan_id == 2 or vlan_id == 7 and ip_protocol == 6": true,
	} {
		p, err := Compile(text, categories)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		in := sample
		if got := p.Match(&in); got != want {
			t.Errorf("%s is %v", text, got)
		}
		if n := testing.AllocsPerRun(20, func() { p.Match(&in) }); n != 0 {
			t.Errorf("%s allocates %v times", text, n)
		}
	}
}

func TestErrors(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "column 1: want a field",
		"  ;":                         "column 3: want a field",
		"other_port = 1":              "column 12: write ==",
		"other_port == ":              "column 15: other_port is compared with a number, not the end",
		"other_prt == 1":              "column 1: unknown field other_prt: did you mean other_port?",
		"app == 1 & proto":            "column 10: write &&",
		"app == 1 proto":              "column 10: want &&, || or the end, not proto",
		"(app == 1":                   "column 10: want ) for the ( in column 1, not the end",
		"app == 'x":                   "column 8: the text has no closing quote",
		"app == \"x":                  "column 8: the text has no closing quote \"",
		"iface":                       "column 1: iface cannot stand alone",
		"device == 'tv'":              "column 11: device: devices are known in rules only",
		"usage.today > 2GiB":          "column 15: usage.today: what devices used is known in rules only",
		"usage.today == 2GiB":         "column 13: usage.today is compared with > >= < or <=",
		"app > 1":                     "column 5: app can only be compared with == and !=",
		"ip_version == 5":             "column 15: ip_version: want 4 or 6",
		"other_port == 65536":         "at most 65535",
		"other_type == remote":        "none of other_unknown",
		"other_type":                  "column 1: other_type cannot stand alone",
		"!app == 1":                   "column 6: ! stands before a field alone",
		"proto == 'nosuch'":           "column 10: proto: nosuch is no protocol",
		"category == 'fun'":           "fun is no application category",
		"proto_category == 'fun'":     "fun is no protocol category",
		"risks == 'fun'":              "fun is no risk",
		"local_mac == 'x'":            "x is no hardware address",
		"local_ip == '@lan'":          "groups of addresses are known in rules only",
		"local_ip == 10.0.0.0/40":     "is no address or prefix",
		"detected_hostname == 'rx:('": "the regular expression is wrong: missing closing",
		"detected_hostname == 'rx:((a{100}){100}){100}'": "the regular expression",
		"ä == 1":              "column 1: 'ä' has no meaning here",
		"ai:1 && 'ä' == app":  "column 9: want a field",
		"zz:1":                "the compact form has ai: pi: ac: pc: dc:",
		"pi:nosuch":           "column 4: nosuch is no protocol",
		"[\"ai:1\", \"foo\"]": "column 1: of expression 2 of the list: unknown field foo",
		"[]":                  "column 1: the list is empty",
		"[1]":                 "column 1: a list is JSON",
		strings.Repeat("(", 40) + "app" + strings.Repeat(")", 40): "column 33: more than 32 parentheses",
		strings.Repeat("app||", 128) + "app":                      "more than 128 comparisons",
		strings.Repeat(" ", 5000):                                 "longer than 4096 bytes",
	} {
		_, err := Compile(text, categories)
		var e *Error
		if err == nil || !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestFieldsAreListed(t *testing.T) {
	n := 0
	Fields(func(name, values string) {
		if n++; values == "" {
			t.Errorf("%s takes no values", name)
		}
	})
	if n != len(fields) {
		t.Errorf("%d fields, want %d", n, len(fields))
	}
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"app == 'netify.netflix' && local_port > 1024;", "(ip_nat || !vlan_id) and *", `["ai:1","ac:games"]`, "detected_hostname == 'rx:a+b'", "local_ip == 10.0.0.0/8; !pi:TLS"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Compile(text, categories)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Column < 1 || e.Column > MaxText+1 {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		in := sample
		got := p.Match(&in)
		// The same expression in parentheses, twice inverted, says the same.
		if !strings.ContainsAny(text, ";[") && len(text) < 1000 {
			if q, err := Compile("!(!("+text+"))", categories); err == nil && q.Match(&in) != got {
				t.Errorf("%q is %v, and inverted twice %v", text, got, !got)
			}
		}
	})
}

func BenchmarkMatch(b *testing.B) {
	p, err := Compile("app == 'netify.netflix' && local_port > 1024 && !ip_nat || detected_hostname == 'rx:\\.example$'", categories)
	if err != nil {
		b.Fatal(err)
	}
	in := sample
	b.ReportAllocs()
	for b.Loop() {
		p.Match(&in)
	}
}
