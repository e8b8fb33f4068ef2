package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// window of time that holds now, or does not. Times are those of the machine.
func window(now bool) string {
	if now {
		return "list times '00:00-24:00'"
	}
	at := time.Now().Add(2 * time.Hour)
	return fmt.Sprintf("list times '%02d:00-%02d:00'", at.Hour(), (at.Hour()+1)%24)
}

const night = "list times '20:00-07:00'"

// TestLiveBlock runs example 1: a blocked application's connection is cut in
// its first exchange and refused at its SYN from then on, by IPv4 and IPv6;
// other sites go on. So it stays after a reload of the firewall, an empty
// ruleset, kill -9; when the rule does not hold, all is as if there were none.
func TestLiveBlock(t *testing.T) {
	h := newHouse(t)
	h.firewall("1-block-at-night")
	h.configure("1-block-at-night", night, window(true))
	h.run()
	for _, v6 := range []bool{false, true} {
		h.gets("another site", wikipedia, v6, 0)
		h.gets("the first connection", tiktok, v6, broken...)
		h.gets("the next connection", tiktok, v6, 7)
		h.gets("another site", wikipedia, v6, 0)
	}
	if m := h.members("netifyd_night.v4"); !strings.HasPrefix(m, `192.168.9.2 . 203.0.113.2 . 443 timeout 1h`) || !strings.Contains(m, `comment "netifyd"`) {
		t.Errorf("the set holds %s", m)
	}

	h.rule("pause", "night", "10")
	h.await("a paused rule takes back what it did", func() bool { return h.members("netifyd_night.v4") == "" && h.members("netifyd_night.v6") == "" })
	h.gets("while the rule is paused", tiktok, true, 0)
	h.rule("resume", "night")
	h.gets("when it goes on", tiktok, true, late...)
	h.gets("when it goes on", tiktok, true, 7)
	h.gets("when it goes on", tiktok, false, late...)

	h.reload() // of the firewall: what is held for a time is lost, and comes again
	h.gets("after a reload", tiktok, false, late...)
	h.gets("after a reload", tiktok, false, 7)
	h.must(h.client, "nft", "flush", "ruleset")
	h.must(h.client, "sh", "-ec", "nft add table ip nat; nft 'add chain ip nat post { type nat hook postrouting priority 100; }'; nft add rule ip nat post oifname lan0 masquerade")
	h.reload()
	h.gets("after an empty ruleset", tiktok, false, late...)
	h.gets("after an empty ruleset", tiktok, false, 7)

	// The rule does not hold at this time: what it did is taken back.
	h.configure("1-block-at-night", night, window(false))
	h.hangup()
	h.await("the set is empty", func() bool { return h.members("netifyd_night.v4") == "" })
	h.gets("outside of the times", tiktok, false, 0)
	h.configure("1-block-at-night", night, window(true))
	h.hangup()
	h.gets("within the times again", tiktok, false, late...)
	h.gets("within the times again", tiktok, false, 7)

	// A killed agent leaves what it did; the next one takes over, and cleans up.
	pid := h.pid()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = h.agent.Wait()
	h.gets("while there is no agent", tiktok, false, 7)
	h.run()
	h.await("the new agent took out what nobody wants", func() bool { return h.members("netifyd_night.v4") == "" })
	h.gets("after kill -9", tiktok, false, broken...)
	h.gets("after kill -9", tiktok, false, 7)
	_ = syscall.Kill(h.pid(), syscall.SIGTERM)
	_ = h.agent.Wait()
	if m := h.members("netifyd_night.v4"); m != "" {
		t.Errorf("at the end %s is left", m)
	}
	h.gets("after the end", tiktok, false, 0)
}

// TestLiveQoS runs example 3: packets of a marked application carry the DSCP in
// both directions, those of others do not; a label blocks after the hello; at
// the end labels come off.
func TestLiveQoS(t *testing.T) {
	h := newHouse(t)
	for _, ns := range []string{h.home, h.server} {
		h.must(ns, "nft", "add table inet t; add chain inet t c { type filter hook input priority 0; }; add rule inet t c tcp dport 443 ip dscp af41 counter; add rule inet t c tcp sport 443 ip dscp af41 counter; add rule inet t c ip saddr 203.0.113.3 ip dscp != cs0 counter")
	}
	h.firewall("3-qos")
	h.configure("3-qos")
	h.run()
	h.gets("a label blocks", reddit, false, broken...)
	h.gets("a label blocks each connection", reddit, true, broken...)
	h.fetch(youtube)
	h.await("the label of video", func() bool { return h.labelled(youtube, 5) })
	up, down := "tcp dport 443 ip dscp af41", "tcp sport 443 ip dscp af41"
	h.await("marked packets to the server", func() bool { return h.counted(h.server, "inet", "t", up) > 0 })
	h.await("marked packets to the device", func() bool { return h.counted(h.home, "inet", "t", down) > 0 })
	h.gets("another site", wikipedia, false, 0)
	if n := h.counted(h.home, "inet", "t", "203.0.113.3"); n != 0 {
		t.Errorf("%d packets of another site are marked", n)
	}
	_ = syscall.Kill(h.pid(), syscall.SIGTERM)
	_ = h.agent.Wait()
	if h.labelled(youtube, 5) {
		t.Error("the label stays after the end")
	}
}

// doh is a resolver by HTTPS, at the address of reddit.
var doh = site{"cloudflare-dns.com", 5}

// TestLiveExamples runs the rest of what this kernel can: a category is blocked
// once a device has used its share, resolvers of a device's own are told and
// refused, and connections of an application get a mark to be routed by.
func TestLiveExamples(t *testing.T) {
	h := newHouse(t)
	h.firewall("2-quota")
	h.configure("2-quota", "2GiB", "300KiB")
	h.run()
	h.gets("below the quota", youtube, false, 0)
	h.await("the quota counts", func() bool { return h.get(youtube, false) == 7 })
	h.gets("another category", wikipedia, false, 0)

	h.firewall("4-own-dns")
	h.configure("4-own-dns")
	h.hangup()
	h.gets("a resolver", doh, false, late...)
	h.gets("the resolver again", doh, false, 7)
	files, _ := filepath.Glob(filepath.Join(h.dir, "run", "own-dns-*.json"))
	if len(files) == 0 {
		t.Error("there is no log")
	} else if b, _ := os.ReadFile(files[0]); !bytes.Contains(b, []byte(`"rule":"owndns"`)) || !bytes.Contains(b, []byte(`"local_mac":"`+deviceMAC)) {
		t.Errorf("the log says %s", b)
	}

	h.firewall("5-policy-routing")
	h.configure("5-policy-routing")
	h.hangup()
	h.gets("the first connection", netflix, false, 0)
	h.await("the server is remembered", func() bool { return strings.Contains(h.members("netifyd_vpn.v4"), "203.0.113.6 ") })
	h.gets("the next connection", netflix, false, 0)
	if out := h.must(h.client, "conntrack", "-L", "-d", "203.0.113.6", "--mark", "0x10000000/0x10000000"); !strings.Contains(out, "mark=268435456") {
		t.Errorf("no connection is marked: %s", out)
	}
	h.gets("another site", wikipedia, false, 0)
	if out := h.must(h.client, "conntrack", "-L", "-d", "203.0.113.3"); strings.Contains(out, "mark=268435456") {
		t.Errorf("another site is marked: %s", out)
	}
}

// TestLiveNethSecurity runs what NethSecurity's generator writes, with its
// chain: the right connections are labelled, and those that are blocked do not end well.
func TestLiveNethSecurity(t *testing.T) {
	h := newHouse(t)
	h.rules = `table inet dpi {
	chain init { ct label set 0; }
	chain actions { type filter hook prerouting priority filter + 10; ct label 1 counter reject; ct label 3 ip dscp set cs1; ct label 5 ip dscp set af41; }
}`
	h.reload()
	h.configure("6-offload")
	h.write("rules.json", fmt.Sprintf(`{
  "reprocess_flows": true,
  "target_globals": {"ctlabel": {"connlabel_conf": %[1]q}},
  "exemptions": [],
  "targets": {
    "block": {"target_type": "ctlabel", "target_enabled": true, "labels": ["netify-blocked"]},
    "log": {"target_type": "log", "target_enabled": true, "path": %[2]q, "prefix": "dpi-actions"},
    "analyzed": {"target_type": "ctlabel", "target_enabled": true, "labels": ["netify-analyzed"]}
  },
  "actions": {
    "rule1": {"enabled": true, "criteria": "(iface_nfq_src == 'home0' or iface_nfq_dst == 'home0') && (app == 'netify.tiktok' or proto == 'quic' or category == 'social-media') ;", "targets": ["block", "log"], "exemptions": []},
    "rule2": {"enabled": true, "criteria": "(iface_nfq_src == '*' or iface_nfq_dst == '*') && (local_ip == 192.168.9.2 or local_ip == 192.168.9.0/24) && (app == 'netify.netflix')", "targets": ["block"], "exemptions": ["203.0.113.6"]},
    "analyzed": {"enabled": true, "criteria": "detection_guessed || detection_complete;", "targets": ["analyzed"]}
  }
}`, filepath.Join(h.dir, "connlabel.conf"), filepath.Join(h.dir, "run")))
	conf, err := os.ReadFile(filepath.Join(h.dir, "netifyd"))
	if err != nil {
		t.Fatal(err)
	}
	h.write("netifyd", strings.Replace(string(conf), "config actions\n", fmt.Sprintf("config actions\n\toption file '%s/rules.json'\n", h.dir), 1))
	h.run()
	h.fetch(tiktok)
	for _, to := range []site{wikipedia, netflix} { // the latter is exempt
		h.fetch(to)
		h.await("the label analyzed of "+to.name, func() bool { return h.labelled(to, 2) })
	}
	h.await("the label blocked", func() bool { return h.labelled(tiktok, 1) })
	for _, to := range []site{wikipedia, netflix} {
		if h.labelled(to, 1) {
			t.Errorf("%s is blocked", to.name)
		}
	}
	h.await("the log", func() bool {
		files, _ := filepath.Glob(filepath.Join(h.dir, "run", "dpi-actions-*.json"))
		if len(files) == 0 {
			return false
		}
		b, _ := os.ReadFile(files[0])
		return bytes.Contains(b, []byte(`"rule":"rule1"`)) && bytes.Contains(b, []byte("tiktok"))
	})
	if n := h.counted(h.client, "inet", "dpi", "reject"); n == 0 {
		t.Error("nothing was rejected")
	}
}
