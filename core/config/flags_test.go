package config

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseFlags(t *testing.T) {
	lan := Interface{Name: "br-lan"}
	for _, c := range []struct {
		line string
		want Flags
	}{
		{"", Flags{Command: "run"}},
		{"run", Flags{Command: "run"}},
		{"-d -I br-lan -E eth1", Flags{Command: "run", Debug: true, Foreground: true, Interfaces: []Interface{lan, {Name: "eth1", Role: WAN}}}},
		{"-dvvR", Flags{Command: "run", Debug: true, Foreground: true, Verbose: 2}},
		{"-dtIbr-lan -l", Flags{Command: "run", Debug: true, Foreground: true, NoConntrack: true, NoNetlink: true, Interfaces: []Interface{lan}}},
		{"-I br-lan -A 192.0.2.1 -A 2001:db8::/32 -N ppp0 -E eth1 --device-filter=ip --device-address 198.51.100.1", Flags{Command: "run",
			Interfaces: []Interface{{Name: "br-lan", Addresses: []string{"192.0.2.1", "2001:db8::/32"}, Peer: "ppp0"},
				{Name: "eth1", Role: WAN, Filter: "ip", Addresses: []string{"198.51.100.1"}}}}},
		{"--internal=br-lan --external eth1 --device-netlink=ppp0", Flags{Command: "run", Interfaces: []Interface{lan, {Name: "eth1", Role: WAN, Peer: "ppp0"}}}},
		{"-I lo,capture.pcap --wait-for-client", Flags{Command: "run", WaitForClient: true, Interfaces: []Interface{{Name: "lo", File: "capture.pcap"}}}},
		{"-E lo,- -R", Flags{Command: "run", Foreground: true, Interfaces: []Interface{{Name: "lo", File: "-", Role: WAN}}}},
		{"-c a.toml check-config", Flags{Command: "check-config", ConfigPath: "a.toml"}},
		{"check-config a.toml", Flags{Command: "check-config", ConfigPath: "a.toml"}},
		{"--config=a.toml -i90", Flags{Command: "run", ConfigPath: "a.toml", Interval: 90 * time.Second}},
		{"--uci", Flags{Command: "run", UCIPath: "/etc/config/netifyd"}},
		{"--uci check-config", Flags{Command: "check-config", UCIPath: "/etc/config/netifyd"}},
		{"--uci /tmp/x -R", Flags{Command: "run", UCIPath: "/tmp/x", Foreground: true}},
		{"--uci=x restart-key", Flags{Command: "restart-key", UCIPath: "x"}},
		{"-i 1m30s", Flags{Command: "run", Interval: 90 * time.Second}},
		{"replay a.pcap b.pcap", Flags{Command: "replay", Args: []string{"a.pcap", "b.pcap"}}},
		{"replay --dialect 5 a.pcap", Flags{Command: "replay", Dialect: "5", Args: []string{"a.pcap"}}},
		{"--dump-category protocol", Flags{Command: "dump-category", Args: []string{"protocol"}}},
		{"-p", Flags{Command: "provision"}},
		{"--enable-informatics", Flags{Command: "informatics"}},
		{"--disable-informatics", Flags{Command: "informatics"}},
		{"replay a.pcap -q -", Flags{Command: "replay", Quiet: true, Args: []string{"a.pcap", "-"}}},
		{"replay -- -q", Flags{Command: "replay", Args: []string{"-q"}}},
		{"lookup example.com", Flags{Command: "lookup", Args: []string{"example.com"}}},
		{"--lookup-ip 192.0.2.1", Flags{Command: "lookup", Args: []string{"192.0.2.1"}}},
		{"-s", Flags{Command: "status"}},
		{"--status", Flags{Command: "status"}},
		{"-V", Flags{Command: "version"}},
		{"-P --dump-sort-by-tag", Flags{Command: "dump-all", SortByTag: true}},
		{"--dump-protos", Flags{Command: "dump-protos"}},
		{"--dump-apps", Flags{Command: "dump-apps"}},
		{"-u", Flags{Command: "show-uuid"}},
		{"-U", Flags{Command: "make-uuid"}},
		{"-h", Flags{Command: "help"}},
		{"replay --help", Flags{Command: "help", Args: []string{"replay"}}},
		{"plan -c /nowhere -h --unknown", Flags{Command: "help", Args: []string{"plan"}}},
		{"help replay", Flags{Command: "help", Args: []string{"replay"}}},
	} {
		got, err := ParseFlags(strings.Fields(c.line))
		if err != nil || !reflect.DeepEqual(got, &c.want) {
			t.Errorf("netifyd %s\nhave %+v, %v\nwant %+v", c.line, got, err, c.want)
		}
	}
}

func TestFlagsWithoutEffectWarn(t *testing.T) {
	got, err := ParseFlags(strings.Fields("-e -n -D -r -f apps.conf -j file.json -Tout --thread-socket=1 --thread-detection-cores 2 --enable-sink -d"))
	if err != nil || got.Command != CommandRun || !got.Debug || len(got.Warnings) != 10 {
		t.Fatalf("%+v, %v", got, err)
	}
	if s := got.Warnings[7].String(); s != "--thread-socket is ignored: threads are not bound to processors" {
		t.Error(s)
	}
}

func TestWrongFlags(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"-x", "unknown flag -x: netifyd --help lists them"},
		{"-dx", "unknown flag -x: netifyd --help lists them"},
		{"--intrenal eth0", "unknown flag --intrenal: did you mean --internal?"},
		{"--uci -c a.toml", "-c and --uci cannot go together: give one of them"},
		{"--uci check-config a.toml", `"a.toml" is too much: --uci names the file already`},
		{"--uci=", "--uci is empty: want the path of a configuration"},
		{"--quux", "unknown flag --quux: netifyd --help lists them"},
		{"rpelay a.pcap", `unknown command "rpelay": did you mean replay?`},
		{"eth0", `unknown command "eth0": want one of run, replay, status, top, flows, usage, devices, hosts, alerts, rules, rule, metrics, query, doctor, plan, check-config, dump-protos, dump-apps, dump-risks, dump-categories, dump-category, dump-files, lookup, restart-key, export-uci, version, help`},
		{"-I", "-I needs a value: -I IF[,FILE]"},
		{"--config", "--config needs a value: --config FILE"},
		{"-c ", "-c needs a value: -c FILE"},
		{"--config=", "--config is empty: want the path of a configuration"},
		{"--debug=yes", `--debug takes no value: leave out "=yes"`},
		{"-A 192.0.2.1 -I eth0", "-A belongs to an interface: put it behind -I or -E"},
		{"-F ip", "-F belongs to an interface: put it behind -I or -E"},
		{"-N ppp0", "-N belongs to an interface: put it behind -I or -E"},
		{"-I eth0 -A 192.0.2", `-A "192.0.2": want an address such as 192.0.2.1 or a prefix such as 192.0.2.0/24`},
		{"-I ,a.pcap", `-I ",a.pcap": want the name of a device, or a name and a capture file as in lo,capture.pcap`},
		{"-I lo,", `-I "lo,": want the name of a device, or a name and a capture file as in lo,capture.pcap`},
		{"-i 0", `-i "0": want a time from 1s to 1h, as a number of seconds or as text such as "15s"`},
		{"replay", "replay needs an argument: netifyd replay FILE..."},
		{"lookup", "lookup needs an argument: netifyd lookup NAME|ADDRESS"},
		{"plan now", `"now" is too much: netifyd plan`},
		{"-P now", `"now" is too much: -P takes no argument`},
		{"plan -V", "-V cannot go with the command plan: give one of them"},
		{"-s -V", "-s and -V cannot go together: give one of them"},
		{"-q", "-q belongs to the command replay: netifyd replay -q FILE"},
		{"--dump-category both", "dump-category \"both\": want application or protocol"},
		{"dump-category", "dump-category needs an argument: netifyd dump-category application|protocol"},
		{"replay --dialect 6 a.pcap", "--dialect \"6\": want \"3\", \"4\" or \"5\""},
		{"--dialect 5", "--dialect belongs to the command replay: netifyd replay --dialect 5 FILE; the dialect of a listener is in the configuration"},
	} {
		got, err := ParseFlags(strings.Fields(c.line))
		if got != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("netifyd %s\nhave %v, %v\nwant %s", c.line, got, err, c.want)
		}
	}
}

// Flags and their long forms are unambiguous, and each does one thing.
func TestFlagTable(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range flagTable {
		ways := 0
		for _, way := range []bool{f.set != nil, f.command != "", f.ignored != "", f.refused != ""} {
			if way {
				ways++
			}
		}
		if ways != 1 || len(f.names) == 0 {
			t.Errorf("%v does %d things", f.names, ways)
		}
		for _, name := range append(slices.Clone(f.names), string(rune(f.letter))) {
			if seen[name] && name != "\x00" {
				t.Errorf("%s is there twice", name)
			}
			seen[name] = true
		}
	}
}

func TestUsageNamesEveryCommand(t *testing.T) {
	text := Usage()
	for _, c := range commands {
		if !strings.Contains(text, "\n  "+c.name) {
			t.Errorf("no word of %s", c.name)
		}
	}
	for _, want := range []string{"-I, --internal IF[,FILE]", "-F, --device-filter FILTER", "    --wait-for-client", "-c, --config FILE"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 130 {
			t.Errorf("too long: %s", line)
		}
	}
}

func TestApply(t *testing.T) {
	f, err := ParseFlags(strings.Fields("-d -i 60 -I lo,a.pcap -E eth1"))
	if err != nil {
		t.Fatal(err)
	}
	c := Default()
	c.Interfaces = []Interface{{Name: "gone"}}
	c.Listeners = append(c.Listeners, Listener{Address: "127.0.0.1", Dialect: "4"})
	if err := Apply(f, c); err != nil {
		t.Fatal(err)
	}
	want := []Interface{{Name: "lo", File: "a.pcap", Group: "lan", Capture: "auto"}, {Name: "eth1", Role: WAN, Group: "eth1", Capture: "auto"}}
	if c.LogLevel != "debug" || c.UpdateInterval != time.Minute || !reflect.DeepEqual(c.Interfaces, want) || c.Listeners[1].Port != 7150 {
		t.Errorf("%+v", c)
	}
	if len(f.Interfaces) == 0 || f.Interfaces[0].Group != "" {
		t.Errorf("flags changed: %+v", f)
	}
	f.Interfaces = []Interface{{Name: "eth0"}, {Name: "eth0", Role: WAN}}
	if err := Apply(f, Default()); err == nil || err.Error() != "interface eth0 is there twice: leave one out" {
		t.Error(err)
	}
}
