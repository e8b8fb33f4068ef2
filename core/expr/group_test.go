package expr

import (
	"net/netip"
	"strings"
	"testing"
)

// rules are the names that a rule may use.
func rules(t *testing.T, unknown *[]string) Options {
	group := func(list ...string) *Group {
		m, ok := ParseMembers(list)
		if !ok {
			t.Fatal(list)
		}
		return NewGroup(m)
	}
	groups := map[string]*Group{
		"kids": group("02:00:5e:00:00:01", "192.168.7.0/24"), "servers": group("198.51.100.0/24", "2001:db8::/32", "02:00:00:00:00:99"), "none": group(),
	}
	used := uint64(3 << 30)
	return Options{
		Category:    categories,
		Application: func(tag string) (uint32, bool) { return 133, tag == "netflix" },
		Group:       func(name string) *Group { return groups[name] },
		Device: func(name string) *Group {
			return map[string]*Group{"tv": groups["kids"], "nas": groups["servers"]}[name]
		},
		Used: func(span string, bytes uint64) *Group {
			if span == "today" && used > bytes {
				return groups["kids"]
			}
			return groups["none"]
		},
		Unknown: func(what string) { *unknown = append(*unknown, what) },
	}
}

func TestRules(t *testing.T) {
	for text, want := range map[string]bool{
		"local_ip == @kids": false, "local_mac == @kids": true, "mac == @kids": true, "other_mac == @kids": false, "mac == '@servers'": false,
		"other_ip == @servers": true, "other_ip != @servers": false, "local_ip == '@none'": false, "local_ip != @none": true,
		"mac == 02:00:5e:00:00:01": true, `mac == "02:00:5E:00:00:01"`: true, "mac != 02:00:5e:00:00:02": true,
		"device == 'tv'": true, "device == @kids": true, "device == @servers": false, "device == 192.168.1.0/24": true, "device == 02:00:5e:00:00:01": true, "device != 'tv'": false,
		"iface == 'br-lan'": true, "iface == 'br-guest'": false, "iface == '*'": true, "iface != '*'": false,
		"(iface_nfq_src == 'br-lan' or iface_nfq_dst == 'br-lan') && (app == 'netify.x' or proto == 'HTTP/S')": true,
		"(iface_nfq_src == '*' or iface_nfq_dst == '*') && category == 'games'":                                true,
		"usage.today > 2GiB": true, "usage.today > 3GiB": false, "usage.today >= 3GiB": true, "usage.today < 3GiB": false, "usage.today <= 3221225472": true,
		"usage.today >= 0": true, "usage.today < 0": false, "usage.period > 1kB": false, "usage.period <= 500MB": true,
		"app == 'netify.netflix'": true, "app == 'NETFLIX'": true, "app != 'netflix'": false,
		"app == 'netify.nosuch'": false, "app != 'nosuch'": true, "proto == 'nosuch'": false, "category == 'nosuch'": false, "category != 'nosuch'": true,
		"ai:nosuch": false, "!ai:nosuch": true, "pi:nosuch": false, "ac:nosuch || ai:netflix": true, `["ai:nosuch", "ac:streaming-media"]`: true,
	} {
		var unknown []string
		p, err := CompileWith(text, rules(t, &unknown))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		in := sample
		if got := p.Match(&in); got != want {
			t.Errorf("%s is %v", text, got)
		}
		if has := strings.Contains(text, "nosuch"); has != (len(unknown) == 1 && strings.HasSuffix(unknown[0], "nosuch")) {
			t.Errorf("%s: unknown are %q", text, unknown)
		}
		if n := testing.AllocsPerRun(20, func() { p.Match(&in) }); n != 0 {
			t.Errorf("%s allocates %v times", text, n)
		}
	}
}

func TestRulesErrors(t *testing.T) {
	for text, want := range map[string]string{
		"local_ip == @nosuch":   "column 13: local_ip: there is no group @nosuch: make it as a [[group]], or as a file NN-nosuch.conf",
		"usage.today > 2 GiB":   "want &&, || or the end, not GiB",
		"usage.today > lots":    "lots is no number of bytes: want one such as 2GiB or 500MB",
		"usage.today > 99999TB": "",
		"device == ''":          "want a device's name or address",
	} {
		var unknown []string
		if _, err := CompileWith(text, rules(t, &unknown)); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestGroup(t *testing.T) {
	g := NewGroup(nil)
	m, ok := ParseMembers([]string{"192.0.2.0/24", "192.0.2.7", "10.0.0.0/8", "2001:db8::/32", "::ffff:198.51.100.1", "02:00:00:00:00:02", "02:00:00:00:00:01"})
	if !ok || !g.Set(m) || g.Set(m) || g.Len() != 7 || g.Size() == 0 {
		t.Fatal(ok, g.Len())
	}
	for text, want := range map[string]bool{"192.0.2.200": true, "192.0.3.1": false, "10.255.0.1": true, "2001:db8:ffff::1": true, "2001:db9::1": false, "198.51.100.1": true, "::ffff:10.1.1.1": true} {
		if g.HasAddr(netip.MustParseAddr(text)) != want {
			t.Errorf("%s is not %v", text, want)
		}
	}
	for last, want := range map[byte]bool{0: false, 1: true, 2: true, 3: false} {
		if g.HasMAC(&[6]byte{2, 0, 0, 0, 0, last}) != want {
			t.Errorf("hardware address %d is not %v", last, want)
		}
	}
	if _, ok := ParseMembers([]string{"192.0.2.0/24", "tv"}); ok {
		t.Error("a name is an address")
	}
}

func TestExplain(t *testing.T) {
	var unknown []string
	p, err := CompileWith("vlan_id == 1; app == 'netflix' && (other_port > 1000 || mac == @kids) && !ip_nat && ac:games", rules(t, &unknown))
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	in := sample
	p.Explain(&in, func(c string, holds bool) {
		if !holds {
			got += "not "
		}
		got += c + "; "
	})
	if want := "not ac:games; not ip_nat; app == 'netflix'; not other_port > 1000; mac == @kids; "; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What Keys says must hold for every flow that matches.
func TestKeys(t *testing.T) {
	for text, want := range map[string]string{
		"app == 133": "133 |", "app == 133 || ai:7": "133 7 |", "app == 133 && vlan_id": "133 |", "vlan_id && (app == 1 or app == 2)": "1 2 |", "vlan_id || app == 1": "any",
		"!(app == 1)": "any", "app != 1": "any", "proto == 'HTTP/S' || category == 'games'": "| 12", "*": "any", "app == 'nosuch'": "|", "pi:196": "|",
		"(iface_nfq_src == '*' or iface_nfq_dst == '*') && (ai:133 or ac:games)": "133 | 12",
	} {
		var unknown []string
		p, err := CompileWith(text, rules(t, &unknown))
		if err != nil {
			t.Fatal(text, err)
		}
		k, ok := p.Keys()
		got := "any"
		if ok {
			got = strings.TrimSpace(strings.Trim(strings.ReplaceAll(join(k.Apps)+"| "+join(k.Categories), "  ", " "), " "))
		}
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func join[T uint8 | uint32](list []T) (s string) {
	for _, n := range list {
		s += string(appendUint(nil, uint64(n))) + " "
	}
	return s
}

func appendUint(b []byte, n uint64) []byte {
	if n >= 10 {
		b = appendUint(b, n/10)
	}
	return append(b, byte('0'+n%10))
}
