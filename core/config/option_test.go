package config

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// values has for each option what it takes, as text and as it is then read
// back, and what it refuses; all separated by blanks.
var values = map[string]struct{ good, back, bad string }{
	"agent.update_interval":     {"1 15s 1m30s 3600 1h", "1s 15s 1m30s 1h 1h", "0 -1 1h1s 99999999999 soon 1.5"},
	"agent.uuid_path":           {"/tmp/x", "/tmp/x", "a\x00b"},
	"agent.volatile_dir":        {"/tmp", "/tmp", "a\x1bb"},
	"agent.user":                {"nobody 65534", "nobody 65534", "a\x7fb"},
	"agent.group":               {"nogroup", "nogroup", "a\x01b"},
	"log.level":                 {"debug Info WARN error", "debug info warn error", "warning 1"},
	"log.format":                {"text JSON", "text json", "xml"},
	"log.output":                {"stderr SPLIT", "stderr split", "stdout"},
	"capture.method":            {"auto RING socket gopacket", "auto ring socket gopacket", "pcap mmap"},
	"capture.ring":              {"64 2MiB 2m 1024KiB 262144 256MiB 66kB 2MB", "64KiB 2MiB 2MiB 1MiB 256MiB 256MiB 64KiB 1953KiB", "63 262145 257MiB 65kB 269MB -1 2.5MiB MiB MB 2MBit"},
	"capture.block":             {"4 4k 16MiB", "4KiB 4KiB 16MiB", "3 17MiB big"},
	"capture.timeout":           {"1ms 100ms 10 10s", "1ms 100ms 10s 10s", "0 999us 11s never"},
	"capture.snap_length":       {"128 65535 262144", "128 65535 262144", "127 262145 64KiB 1e3"},
	"capture.promiscuous":       {"true no 1 off ON", "true false true false true", "2 maybe"},
	"capture.shunt":             {"true no 1", "true false true", "2 maybe"},
	"capture.shards":            {"1 64", "1 64", "0 65 auto"},
	"capture.exclude":           {"192.0.2.1,02:00:5e:00:53:01", "192.0.2.1,02:00:5e:00:53:01", "a\x00b"},
	"interface.exclude":         {"192.0.2.0/24", "192.0.2.0/24", "a\x00b"},
	"interface.name":            {"eth0", "eth0", "a\x00b"},
	"interface.role":            {"lan WAN", "lan wan", "dmz 0"},
	"interface.file":            {"- /tmp/a.pcap", "- /tmp/a.pcap", "a\x00b"},
	"interface.addresses":       {"192.0.2.1,2001:db8::/32", "192.0.2.1,2001:db8::/32", "a\x00b"},
	"interface.filter":          {"ip", "ip", "a\x00b"},
	"interface.peer":            {"ppp0", "ppp0", "a\x00b"},
	"interface.group":           {"lan", "lan", "a\x00b"},
	"interface.capture":         {"ring auto", "ring auto", "pcap"},
	"listen.path":               {"/tmp/x.sock", "/tmp/x.sock", "a\x00b"},
	"listen.mode":               {"0660 600 0", "0660 0600 0000", "0888 01000 rw-rw---- -1"},
	"listen.group":              {"users", "users", "a\x00b"},
	"listen.address":            {"127.0.0.1 ::1", "127.0.0.1 ::1", "a\x00b"},
	"listen.port":               {"0 7150 65535", "0 7150 65535", "65536 -1 http"},
	"listen.tables":             {"full NONE", "full none", "some"},
	"listen.dialect":            {"3 4 5", "3 4 5", "2 6 4.4"},
	"listen.kinds":              {"flow,flow_purge", "flow,flow_purge", "a\x00b"},
	"listen.allow":              {"192.168.1.0/24", "192.168.1.0/24", "a\x00b"},
	"clients.timeout":           {"1 1h", "1s 1h", "0 3601"},
	"clients.max":               {"1 1024", "1 1024", "0 1025"},
	"clients.queue":             {"64 64MiB", "64KiB 64MiB", "63 65MiB"},
	"clients.established_flows": {"no", "false", "never"},
	"clients.named_counters":    {"yes", "true", "never"},
	"flows.max":                 {"64 1048576", "64 1048576", "63 1048577 many"},
	"flows.idle":                {"1 1h", "1s 1h", "0 3601"},
	"flows.idle_tcp":            {"1 24h", "1s 24h", "0 25h"},
	"flows.idle_closed":         {"1 60m", "1s 1h", "0 61m"},
	"flows.unknown":             {"no", "false", "never"},
	"detection.max_packets":     {"1 255", "1 255", "0 256"},
	"detection.slots":           {"1 65536", "1 65536", "0 65537"},
	"detection.fragments":       {"0 4096", "0 4096", "-1 4097"},
	"detection.port_guess":      {"no", "false", "never"},
	"detection.checksums":       {"yes", "true", "never"},
	"detection.disabled":        {"HTTP,DNS", "HTTP,DNS", "a\x00b"},
	"detection.disabled_risks":  {"16,all", "16,all", "a\x00b"},
	"hints.max":                 {"0 1048576", "0 1048576", "-1 1048577"},
	"hints.ttl":                 {"1 24h", "1s 24h", "0 25h"},
	"usage.enabled":             {"no", "false", "never"},
	"usage.devices":             {"1 16384", "1 16384", "0 16385 many"},
	"usage.cells":               {"8 65536", "8 65536", "7 65537"},
	"usage.hosts":               {"0 256", "0 256", "-1 99999 many"},
	"usage.by":                  {"mac IP", "mac ip", "name"},
	"usage.exclude":             {"02:00:5e:00:53:01", "02:00:5e:00:53:01", "a\x00b"},
	"usage.names":               {"/etc/hosts,/etc/ethers", "/etc/hosts,/etc/ethers", "a\x00b"},
	"usage.rules_dir":           {"/tmp", "/tmp", "a\x00b"},
	"control.enabled":           {"no", "false", "never"},
	"control.group":             {"netifyd", "netifyd", "a\x00b"},
	"control.ubus":              {"no", "false", "never"},
	"usage.interval":            {"1 5s 1m", "1s 5s 1m", "0 61"},
	"usage.period":              {"1 -2 2026-01-17/14", "1 -2 2026-01-17/14", "a\x00b"},
	"usage.timezone":            {"CET-1CEST", "CET-1CEST", "a\x00b"},
	"usage.directory":           {"/tmp none", "/tmp none", "a\x00b"},
	"usage.size":                {"0 256KiB 1GiB", "0KiB 256KiB 1GiB", "-1 2GiB"},
	"usage.commit":              {"1h 168h", "1h 168h", "59m 169h"},
	"usage.days":                {"1 366", "1 366", "0 367"},
	"usage.months":              {"1 240", "1 240", "0 241"},
	"usage.quota":               {"0 500GiB 20GB 20gb 1TB 1TiB", "0KiB 500GiB 19531250KiB 19531250KiB 976562500KiB 1TiB", "-1 2048GiB 2TB 9000000TB"},
	"usage.device_quota":        {"0 500GiB 20GB 20gb 1TB 1TiB", "0KiB 500GiB 19531250KiB 19531250KiB 976562500KiB 1TiB", "-1 2048GiB 2TB 9000000TB"},
	"usage.learn":               {"0 24h", "0s 24h", "-1 721h"},
	"actions.enabled":           {"no", "false", "never"},
	"actions.exempt":            {"192.0.2.1 @kids", "192.0.2.1 @kids", "a\x00b"},
	"actions.reprocess":         {"no", "false", "never"},
	"actions.timezone":          {"CET-1CEST", "CET-1CEST", "a\x00b"},
	"actions.file":              {"/tmp/x.json none", "/tmp/x.json none", "a\x00b"},
	"actions.groups_dir":        {"/tmp", "/tmp", "a\x00b"},
	"actions.queue":             {"64 65536", "64 65536", "63 65537"},
	"actions.connlabel_conf":    {"/tmp/x", "/tmp/x", "a\x00b"},
	"group.name":                {"kids", "kids", "a\x00b"},
	"group.members":             {"192.0.2.0/24", "192.0.2.0/24", "a\x00b"},
	"action.name":               {"night", "night", "a\x00b"},
	"action.enabled":            {"no", "false", "never"},
	"action.criteria":           {"ai:x", "ai:x", "a\x00b"},
	"action.targets":            {"a,b", "a,b", "a\x00b"},
	"action.exempt":             {"tv", "tv", "a\x00b"},
	"action.interface":          {"* lan br-lan", "* lan br-lan", "a\x00b"},
	"action.times":              {"20:00-07:00", "20:00-07:00", "a\x00b"},
	"action.halt":               {"yes", "true", "never"},
	"action.reset":              {"yes", "true", "never"},
	"target.name":               {"blocked", "blocked", "a\x00b"},
	"target.type":               {"NFTSET log", "nftset log", "iptables"},
	"target.enabled":            {"no", "false", "never"},
	"target.table":              {"nfa", "nfa", "a\x00b"},
	"target.family":             {"inet ip IP6", "inet ip ip6", "bridge"},
	"target.set":                {"blocked", "blocked", "a\x00b"},
	"target.set_family":         {"* ipv4", "* ipv4", "ipv5"},
	"target.elements":           {"local_addr,other_port", "local_addr,other_port", "a\x00b"},
	"target.ttl":                {"0 1h 720h", "0s 1h 720h", "721h"},
	"target.hold":               {"yes", "true", "never"},
	"target.size":               {"1 1048576", "1 1048576", "0 1048577"},
	"target.managed":            {"no", "false", "never"},
	"target.flush_on_create":    {"yes", "true", "never"},
	"target.flush_on_destroy":   {"yes", "true", "never"},
	"target.labels":             {"blocked,5", "blocked,5", "a\x00b"},
	"target.auto_label":         {"yes", "true", "never"},
	"target.mark":               {"0 0x10 4294967295", "0 16 4294967295", "-1 0x100000000 x"},
	"target.mask":               {"0xff0000", "16711680", "-1"},
	"target.shift":              {"31", "31", "32"},
	"target.skb_mark":           {"0x10", "16", "-1"},
	"target.skb_mask":           {"0x10", "16", "-1"},
	"target.skb_prio":           {"1:10", "1:10", "a\x00b"},
	"target.skb_queue":          {"65535", "65535", "65536"},
	"target.path":               {"/tmp", "/tmp", "a\x00b"},
	"target.prefix":             {"dpi-actions", "dpi-actions", "a\x00b"},
	"target.suffix":             {".json", ".json", "a\x00b"},
	"target.interval":           {"1 24h", "1s 24h", "0 25h"},
	"target.log_errors":         {"yes", "true", "never"},
	"applications.dir":          {"/tmp", "/tmp", "a\x00b"},
	"applications.domains_dir":  {"/tmp", "/tmp", "a\x00b"},
	"applications.catalogue":    {"/tmp/c.bin", "/tmp/c.bin", "a\x00b"},
}

func TestOptions(t *testing.T) {
	for k := range Options {
		o := &Options[k]
		v, ok := values[o.Key()]
		if !ok {
			t.Errorf("%s has no values in this test", o.Key())
			continue
		}
		if Find(o.Table, o.Name) != o || !strings.HasSuffix(o.Doc, ".") {
			t.Errorf("%s: there twice, or without a sentence", o.Key())
		}
		back := strings.Fields(v.back)
		for i, good := range strings.Fields(v.good) {
			c := fresh()
			err := o.Set(c, Count(c, o.Table)-1, good)
			got := strings.ReplaceAll(o.Get(c, Count(c, o.Table)-1), ", ", ",")
			if err != nil || got != back[i] {
				t.Errorf("%s = %s: have %s, %v, want %s", o.Key(), good, got, err, back[i])
			}
			again := fresh()
			if err := o.Set(again, Count(c, o.Table)-1, o.Get(c, Count(c, o.Table)-1)); err != nil || !reflect.DeepEqual(c, again) {
				t.Errorf("%s = %s is not read back: %v", o.Key(), good, err)
			}
			if err := o.check(c, Count(c, o.Table)-1); err != nil {
				t.Errorf("%s = %s is taken, yet %v", o.Key(), good, err)
			}
		}
		for bad := range strings.SplitSeq(v.bad, " ") {
			c := fresh()
			err := o.Set(c, Count(c, o.Table)-1, bad)
			if err == nil || !strings.HasPrefix(err.Error(), o.Key()+" is ") || !strings.HasSuffix(err.Error(), ": want "+o.Want()) {
				t.Errorf("%s = %q: %v", o.Key(), bad, err)
			}
			if !reflect.DeepEqual(c, fresh()) {
				t.Errorf("%s = %q is refused, yet changes the configuration", o.Key(), bad)
			}
		}
	}
}

// No field is left that a file cannot set.
func TestOptionsReachEveryField(t *testing.T) {
	reached := map[any]bool{}
	c := fresh()
	c.Listeners = c.Listeners[:1]
	for k := range Options {
		reached[Options[k].field(c, 0)] = true
	}
	var walk func(v reflect.Value, name string)
	walk = func(v reflect.Value, name string) {
		switch {
		case name == ".Path" || name == ".Lines" || strings.HasSuffix(name, ".Line") || reached[v.Addr().Interface()]:
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				walk(v.Field(i), name+"."+v.Type().Field(i).Name)
			}
		case v.Kind() == reflect.Slice && v.Len() == 1:
			walk(v.Index(0), name)
		default:
			t.Errorf("no option sets Config%s", name)
		}
	}
	walk(reflect.ValueOf(c).Elem(), "")
}

func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
	page := os.Getpagesize() / 1024
	for _, c := range []struct {
		want   string
		change func(*Config)
	}{
		{"flows.max is \"1\": want a whole number from 64 to 1048576", func(c *Config) { c.MaxFlows = 1 }},
		{"log.level is \"loud\": want", func(c *Config) { c.LogLevel = "loud" }},
		{"hints.ttl is \"0s\": want a time", func(c *Config) { c.HintTTL = 0 }},
		{"interface.role is \"lan\": want", func(c *Config) { c.Interfaces = []Interface{{Name: "eth0", Role: 7}} }},
		{"capture.block is ", func(c *Config) { c.Capture.BlockKB = 4*page + 1 }},
		{"capture.ring is ", func(c *Config) { c.Capture.BlockKB = page * 32; c.Capture.RingKB = page * 32 }},
		{"agent.uuid_path is empty", func(c *Config) { c.UUIDPath = "" }},
		{"no listener", func(c *Config) { c.Listeners = nil }},
		{"detection.disabled holds \"HTTTP\": did you mean \"HTTP\"?", func(c *Config) { c.DisabledProtocols = []string{"HTTTP"} }},
		{"detection.disabled_risks holds \"99\"", func(c *Config) { c.DisabledRisks = []string{"99"} }},
		{"detection.disabled holds \"Unknown\"", func(c *Config) { c.DisabledProtocols = []string{"Unknown"} }},
		{"listener [::1]:80 is there twice", func(c *Config) {
			c.Listeners = []Listener{{Address: "::1", Port: 80, Dialect: "3"}, {Address: "::1", Port: 80, Dialect: "4"}}
		}},
		{"listen.path is \"/var/run/netifyd//control.sock\": the agent has a file of its own there", func(c *Config) { c.Listeners[0].Path = "/var/run/netifyd//control.sock" }},
		{"listen.path is \"/d/status.json.new\": the agent has", func(c *Config) { c.VolatileDir, c.Listeners[0].Path = "/d/", "/d/status.json.new" }},
		{"agent.uuid_path is \"d/netifyd.pid\": the agent has", func(c *Config) { c.VolatileDir, c.UUIDPath = "d", "d/netifyd.pid" }},
		{"listen.address is \"127.0.0.1:7150\": want the address alone", func(c *Config) { c.Listeners[0].Path, c.Listeners[0].Address = "", "127.0.0.1:7150" }},
		{"listen.address is \"[::1]\": want the address alone", func(c *Config) { c.Listeners[0].Path, c.Listeners[0].Address = "", "[::1]" }},
		{"listen.path is \"@netifyd\": want a path", func(c *Config) { c.Listeners[0].Path = "@netifyd" }},
		{"256 interfaces: use at most 255", func(c *Config) {
			for n := range 256 {
				c.Interfaces = append(c.Interfaces, Interface{Name: fmt.Sprint("i", n)})
			}
		}},
	} {
		cfg := Default()
		c.change(cfg)
		err := cfg.Validate()
		if all, ok := err.(Errors); !ok || len(all) != 1 || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("have %v, want %s", err, c.want)
		}
	}
}

func TestDiffAndAdopt(t *testing.T) {
	running, next := Default(), Default()
	next.Path = "/tmp/elsewhere"
	if len(Diff(running, next)) > 0 {
		t.Errorf("not equal: %v", Diff(running, next))
	}
	next.UpdateInterval, next.MaxFlows, next.DisabledProtocols = time.Minute, 100, []string{"DNS"}
	next.Listeners[0].Dialect = "4"
	Add(next, "interface")
	want := []Change{
		{"agent.update_interval", "15s", "1m", false},
		{"interface", "0", "1", true},
		{"listen[0].dialect", "3", "4", true},
		{"flows.max", "8192", "100", true},
		{"detection.disabled", "", "DNS", false},
	}
	if got := Diff(running, next); !reflect.DeepEqual(got, want) {
		t.Errorf("have %v\nwant %v", got, want)
	}
	later := running.Adopt(next)
	if !reflect.DeepEqual(later, []Change{want[1], want[2], want[3]}) {
		t.Errorf("has to wait: %v", later)
	}
	if running.UpdateInterval != time.Minute || running.MaxFlows != 8192 || running.DisabledProtocols[0] != "DNS" || len(running.Interfaces) > 0 {
		t.Errorf("%+v", running)
	}
}

func TestResolveTwice(t *testing.T) {
	c := Default()
	c.Interfaces = []Interface{{Name: "a"}, {Name: "b", Role: WAN, Capture: "socket"}}
	c.Listeners = append(c.Listeners, Listener{Address: "::1"})
	c.Resolve()
	once := *c
	once.Interfaces = append([]Interface(nil), c.Interfaces...)
	c.Resolve()
	if len(Diff(&once, c)) > 0 || c.Interfaces[1].Capture != "socket" || c.Interfaces[1].Group != "b" {
		t.Errorf("%+v", c)
	}
}

func TestProtocolsOfINI(t *testing.T) {
	c, warnings, err := Parse("x.conf", "[protocols]\nhttp = include\nALL = exclude\nDNS = include\n")
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	for name, want := range map[string]bool{"HTTP": false, "DNS": false, "NTP": true, "BitTorrent": true} {
		got := false
		for _, d := range c.DisabledProtocols {
			got = got || d == name
		}
		if got != want {
			t.Errorf("%s disabled: %v", name, got)
		}
	}
}
