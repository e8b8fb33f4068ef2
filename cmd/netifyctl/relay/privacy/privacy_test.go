package privacy

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

const (
	flow = `{"flow":{"digest":"ab","dns":{"answers":["a.example.co.uk","1.2.3.4"],"query":"a.example.co.uk"},"host_server_name":"www.a.example.co.uk","http":{"url":"www.example.com:80/secret?q=1"},"local_ip":"fe80::200:ff:fe00:1","local_mac":"02:00:00:00:00:01","local_port":5,"other_mac":"02:00:00:00:00:02","ssl":{"alpn":["h2"],"client_sni":"x.example.com","sans":[]}},"internal":true,"type":"flow"}`
	ends = `{"02:00:00:00:00:01":["192.168.1.2","fe80::200:ff:fe00:1"],"02:00:00:00:00:02":["192.168.1.3"],"type":"endpoints"}`
)

func TestLine(t *testing.T) {
	key := filepath.Join(t.TempDir(), "d", "key")
	for _, c := range []struct {
		mac, host, name string
		exclude         []string
		kind, line      string
		want            string
	}{
		{"none", "none", "", nil, "flow", flow, `{"flow":{"digest":"ab","dns":{"answers":[]},"http":{},"local_ip":"fe80::","local_port":5,"ssl":{"alpn":["h2"],"sans":[]}},"internal":true,"type":"flow"}`},
		{"", "domain", "", nil, "flow", flow, `{"flow":{"digest":"ab","dns":{"answers":["example.co.uk"],"query":"example.co.uk"},"host_server_name":"example.co.uk","http":{"url":"example.com"},"local_ip":"fe80::200:ff:fe00:1","local_mac":"02:00:00:00:00:01","local_port":5,"other_mac":"02:00:00:00:00:02","ssl":{"alpn":["h2"],"client_sni":"example.com","sans":[]}},"internal":true,"type":"flow"}`},
		{"plain", "", "", []string{"02:00:00:00:00:02"}, "flow", flow, ``},
		{"plain", "", "", []string{"02:00:00:00:00:02"}, "endpoints", ends, `{"02:00:00:00:00:01":["192.168.1.2","fe80::200:ff:fe00:1"],"type":"endpoints"}`},
		{"none", "", "", nil, "endpoints", ends, `{"type":"endpoints"}`},
		{"plain", "", "", []string{"02:00:00:00:00:01"}, "usage", `{"rows":[{"device":"02:00:00:00:00:01"},{"device":"wan"}],"type":"usage"}`, `{"rows":[{"device":"others"},{"device":"wan"}],"type":"usage"}`},
		{"none", "", "", nil, "device", `{"ip":["10.0.0.1"],"mac":"02:00:00:00:00:01","name":"Anna","type":"device"}`, `{"ip":["10.0.0.1"],"type":"device"}`},
		{"none", "", "full", nil, "device", `{"mac":"02:00:00:00:00:01","name":"An\u00e9","type":"device"}`, `{"name":"An\u00e9","type":"device"}`},
		{"none", "none", "", nil, "flow", `{"flow":{"mail":{"banner":"220 mx.example.com"},"ssl":{"issuer_dn":"CN=nas.home","subject_dn":"CN=nas.home"},"stun":{"mapped":"[2001:db8::200:ff:fe00:1]:99","peer":"192.0.2.1:5"},"ssh":{"client":"SSH-2.0-x"}}}`,
			`{"flow":{"mail":{},"ssl":{},"stun":{"mapped":"[2001:db8::]:99","peer":"192.0.2.1:5"},"ssh":{"client":"SSH-2.0-x"}}}`},
		{"hash", "", "", nil, "usage", `{"rows":[{"device":"2001:db8::200:ff:fe00:1"},{"device":"192.0.2.1"}]}`, `{"rows":[{"device":"2001:db8::"},{"device":"192.0.2.1"}]}`},
		{"none", "", "", nil, "x", `{"a":[}`, ``},
		{"none", "", "", nil, "x", `{"a":"`, ``},
		{"none", "", "", nil, "x", strings.Repeat("[", 100) + strings.Repeat("]", 100), ``},
		{"none", "", "", nil, "x", `{"a":1}x`, ``},
	} {
		f, err := New(c.mac, c.host, c.name, key, c.exclude)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(f.Line(c.kind, []byte(c.line))); got != c.want {
			t.Errorf("%s %s\ngives %s\nwant  %s", c.mac, c.line, got, c.want)
		}
	}
}

func TestHash(t *testing.T) {
	key := filepath.Join(t.TempDir(), "d", "key")
	f, err := New("hash", "", "", key, nil)
	if err != nil {
		t.Fatal(err)
	}
	h := f.MAC("02:00:00:00:00:01")
	again, _ := New("hash", "", "", key, nil)
	other, _ := New("hash", "", "", key+"2", nil)
	if len(h) != 16 || again.MAC("02:00:00:00:00:01") != h || other.MAC("02:00:00:00:00:01") == h || f.MAC("02:00:00:00:00:02") == h {
		t.Errorf("%q", h)
	}
	line := f.Line("flow", []byte(flow))
	if !json.Valid(line) || bytes.Contains(line, []byte("02:00")) || !bytes.Contains(line, []byte(h)) {
		t.Errorf("%s", line)
	}
	if f.MAC("192.168.1.2") != "192.168.1.2" || f.MAC("others") != "others" || f.Name("Anna") != "" || f.IP("fe80::1") != "fe80::1" || f.MAC("2001:db8::200:ff:fe00:1") != "2001:db8::" || f.IP("fe80::200:ff:fe00:1%eth0") != "fe80::" || f.Host("x.y.z") != "x.y.z" {
		t.Error("other texts change")
	}
}

func TestNothingToDo(t *testing.T) {
	f, err := New("plain", "full", "", "", nil)
	if f != nil || err != nil || f.MAC("x") != "x" || string(f.Line("flow", []byte("{"))) != "{" || f.Excluded("x") {
		t.Error(f, err)
	}
}

// Hardware addresses stand in names too: in answers of the DNS and in questions for
// them, whatever host says.
func TestHardwareAddressesInNames(t *testing.T) {
	f, err := New("none", "full", "full", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	const zone = "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
	for text, want := range map[string]string{
		"2001:db8::200:ff:fe00:1":                       "2001:db8::",
		"fe80::200:ff:fe00:1":                           "fe80::",
		"2001:db8::1":                                   "2001:db8::1",
		"1.0.0.0.0.0.e.f.f.f.0.0.0.0.2.0." + zone:       zone,
		"1.0.0.0.0.0.E.F.f.F.0.0.0.0.2.0." + zone + ".": zone + ".",
		"f.f.0.0.0.0.2.0." + zone:                       zone,
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0." + zone:       "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0." + zone,
		zone:                               zone,
		"7.1.168.192.in-addr.arpa":         "7.1.168.192.in-addr.arpa",
		"tv-02-00-00-00-00-01.lan":         "tv-.lan",
		"02:00:00:00:00:01":                "",
		"a.02:00:00:00:00:0A.b":            "a..b",
		"2001-db8--200-ff-fe00-1.isp.de":   "isp.de",
		"2001-db8--1.isp.de":               "2001-db8--1.isp.de",
		"[2001:db8::200:ff:fe00:1]:8080/x": "[2001:db8::]:8080/x",
		"www.example.com":                  "www.example.com",
		"[":                                "[", "]x[": "]x[", ".": ".", "-": "-", "": "", ".ip6.arpa": ".ip6.arpa",
	} {
		for what, change := range map[string]func(*Filter, string) string{"host": (*Filter).Host, "url": (*Filter).url, "free": (*Filter).free, "name": (*Filter).Name} {
			if got := change(f, text); got != want {
				t.Errorf("%s %q is told as %q, want %q", what, text, got, want)
			}
		}
	}
	line := `{"flow":{"dns":{"answers":["2001:db8::200:ff:fe00:1","a.example"],"query":"1.0.0.0.0.0.e.f.f.f.0.0.0.0.2.0.` + zone + `"}}}`
	if got, want := string(f.Line("flow", []byte(line))), `{"flow":{"dns":{"answers":["2001:db8::","a.example"],"query":"`+zone+`"}}}`; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if hash, _ := New("hash", "full", "full", filepath.Join(t.TempDir(), "k"), nil); hash.Host("tv-02-00-00-00-00-01.lan") != "tv-"+hash.MAC("02:00:00:00:00:01")+".lan" {
		t.Error(hash.Host("tv-02-00-00-00-00-01.lan"))
	}
	if plain, _ := New("plain", "full", "none", "", nil); plain.Host("1.0.0.0.0.0.e.f.f.f.0.0.0.0.2.0."+zone) != "1.0.0.0.0.0.e.f.f.f.0.0.0.0.2.0."+zone {
		t.Error("plain hides")
	}
}

func FuzzHidden(f *testing.F) {
	f.Add("1.0.0.0.0.0.e.f.f.f.0.0.0.0.2.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa")
	f.Add("x-02-00-00-00-00-01[fe80::200:ff:fe00:1]")
	p := &Filter{mac: "none"}
	f.Fuzz(func(t *testing.T, text string) {
		got := p.hidden(text)
		if again := p.hidden(got); len(got) > len(text)+8 || IsMAC(got) {
			t.Errorf("%q is told as %q, then as %q", text, got, again)
		}
	})
}

func FuzzLine(f *testing.F) {
	f.Add([]byte(flow))
	f.Add([]byte(ends))
	p := &Filter{mac: "none", host: "domain", name: "none", hosts: map[string]string{}}
	f.Fuzz(func(t *testing.T, line []byte) {
		if got := p.Line("flow", line); json.Valid(line) && len(got) > 0 && !json.Valid(got) {
			t.Errorf("%s gives %s", line, got)
		}
	})
}

// Every prefix of a line is broken, and nothing of it is told.
func TestPrefixes(t *testing.T) {
	p := &Filter{mac: "none"}
	for i := range len(flow) {
		if got := p.Line("flow", []byte(flow[:i])); len(got) > 0 {
			t.Errorf("%s gives %s", flow[:i], got)
		}
	}
}
