package uci

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"netifyd/core/config"
)

// full has an option of every kind.
const full = `
config netifyd
	option enabled '1'
	option autoconfig 'off'
	option memory_limit '24MiB'
	option processors '1'
	option nice '5'
	option jail '0'
	list exclude '192.0.2.9'
	list exclude '02:00:5e:00:53:01'
	list options '-t -i 30'
	list options '-v'
	list internal_if 'br-guest -F "not port 22" -A 192.0.2.0/24'
	list internal_if 'br-iot -F tcp or udp -N eth9'
	list external_if 'ppp0 -N eth2'

config interface
	option device 'br-lan'
	option role 'LAN'
	list addresses '198.51.100.0/24'
	list exclude '2001:db8::/32'

config interface
	option network 'wan'
	option filter 'not arp'

config stream
	option path '/var/run/netifyd/netifyd.sock'
	option mode '0600'

config stream
	option address '127.0.0.1'
	option port '7150'
	option dialect '4'

config flows
	option max '4096'
	option unknown 'enabled'

config capture
	option ring '1MiB'
	option promiscuous 'off'

config detection 'detection'
	list disabled 'HTTP'
	list disabled 'DNS'

config network
	option name 'wan'
	option device 'pppoe-wan'
	option auto '1'
`

func settings(t *testing.T, text string) *Settings {
	t.Helper()
	f, err := Parse("f", text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := f.Settings()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSettings(t *testing.T) {
	s := settings(t, full)
	want := config.Default()
	want.Path = "f"
	want.Interfaces = []config.Interface{
		{Name: "br-lan", Addresses: []string{"198.51.100.0/24"}, Exclude: []string{"2001:db8::/32"}},
		{Name: "pppoe-wan", Role: config.WAN, Filter: "not arp"},
		{Name: "br-guest", Filter: "not port 22", Addresses: []string{"192.0.2.0/24"}},
		{Name: "br-iot", Filter: "tcp or udp", Peer: "eth9"},
		{Name: "ppp0", Role: config.WAN, Peer: "eth2"},
	}
	want.Lines = s.Config.Lines // other tests look at those
	want.Listeners = []config.Listener{
		{Path: "/var/run/netifyd/netifyd.sock", Mode: 0o600, Dialect: "3"},
		{Address: "127.0.0.1", Port: 7150, Mode: 0o660, Dialect: "4"},
	}
	want.Capture.Exclude = []string{"192.0.2.9", "02:00:5e:00:53:01"}
	want.Capture.RingKB, want.Capture.Promiscuous = 1024, false
	want.MaxFlows, want.UpdateInterval = 4096, 30e9
	want.DisabledProtocols = []string{"HTTP", "DNS"}
	if !reflect.DeepEqual(s.Config, want) {
		t.Errorf("have %+v\nwant %+v", s.Config, want)
	}
	if len(s.Warnings) > 0 || s.Flags.Verbose != 1 || !s.Flags.NoConntrack || s.Flags.Interfaces != nil {
		t.Errorf("%+v", s)
	}
}

// Each key of the TOML file is an option of the section of its table.
func TestEveryKeyIsAnOption(t *testing.T) {
	for i := range config.Options {
		o := &config.Options[i]
		c := config.Default()
		at := config.Add(c, o.Table)
		text := o.Get(c, at)
		switch {
		case o.Key() == "interface.name":
			text = "eth0"
		case o.Type == config.Text || o.Type == config.List:
			continue // any text, checked by others
		}
		section := "config " + sectionOf(o.Table) + "\noption "
		if _, err := Parse("f", section+o.Name+" '"+text+"'\n"); err != nil {
			t.Error(o.Key(), err)
		}
		f, _ := Parse("f", section+o.Name+" '\x01'\n")
		if _, err := f.Settings(); err == nil || !strings.HasPrefix(err.Error(), "f:2: "+sectionOf(o.Table)+"."+o.Name+" is ") {
			t.Errorf("%s: %v", o.Key(), err)
		}
	}
}

func TestAutoconfig(t *testing.T) {
	networks := "config network\noption name lan\noption device br-lan\noption auto 1\nconfig network\noption name wan\noption device eth1\noption auto 1\nconfig network\noption name guest\noption device br-guest\n"
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"config netifyd\n", ""},
		{networks, "br-lan LAN, eth1 WAN"},
		{"config netifyd\noption autoconfig 0\nlist internal_if eth5\n" + networks, "eth5 LAN"},
		{"config netifyd\nlist external_if eth1\nlist external_if ppp0\n" + networks, "eth1 WAN, ppp0 WAN, br-lan LAN"},
		{"config interface\noption network guest\n" + networks, "br-guest LAN, br-lan LAN, eth1 WAN"},
		{"config netifyd\noption autoconfig 0\nconfig interface\noption network wan6\n" + networks, ""},
		{"config interface\noption network wan\noption role lan\n" + networks, "eth1 LAN, br-lan LAN"},
		{"config netifyd\nlist options '-I br-lan -E'\nlist options eth7\nconfig netifyd\noption autoconfig 0\n", "br-lan LAN, eth7 WAN"},
	} {
		var have []string
		for _, i := range settings(t, c.text).Config.Interfaces {
			have = append(have, i.Name+" "+i.Role.String())
		}
		if strings.Join(have, ", ") != c.want {
			t.Errorf("%s\nhave %v\nwant %s", c.text, have, c.want)
		}
	}
}

func TestWrongSettings(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"config netifyd\n\toption enbled 1\n", "f:2: unknown option enbled of config netifyd: did you mean enabled?"},
		{"config netifyd\noption enabled maybe\n", `f:2: netifyd.enabled is "maybe": want 1 or 0`},
		{"config netifyd\nlist enabled 1\n", "f:2: netifyd.enabled is written as a list: want one option"},
		{"config netifyd\noption memory_limit much\n", `f:2: netifyd.memory_limit is "much": want size such as 24MiB`},
		{"config netifyd\noption processors 0\n", `f:2: netifyd.processors is "0": want 1 to 256`},
		{"config netifyd\noption nice 20\n", `f:2: netifyd.nice is "20": want -20 to 19`},
		{"config netifyd\noption autoconfig 0\n", "f:2: autoconfig is off and no interface is named: add a section interface, or set autoconfig to 1"},
		{"config netifyd\n\nlist internal_if 'br-lan -X'\n", `f:3: "br-lan -X": unknown flag -X: netifyd --help lists them`},
		{"config netifyd\nlist internal_if 'br-lan status'\n", `f:2: "br-lan status": want a device, and behind it -A, -F or -N`},
		{"config netifyd\nlist internal_if 'br-lan -F \"x'\n", `f:2: "br-lan -F \"x": a quote is opened and never closed`},
		{"config netifyd\nlist options '-t'\nlist options '-I'\nlist options eth0\nlist options --quux\nlist options -v\n", `f:5: options holds "--quux": unknown flag --quux`},
		{"config netifyd\nlist options -t\nlist options status\n", "f:2: options holds the command status: want flags only"},
		{"config netifyd\nlist exclude 192.0.2\n", `f:2: capture.exclude holds "192.0.2": want addresses`},
		{"config intreface\n", `f:1: unknown type of section "intreface": did you mean interface?`},
		{"config flows\noption idle_tpc 5\n", "f:2: unknown option idle_tpc of config flows: did you mean idle_tcp?"},
		{"config flows\noption max many\n", `f:2: flows.max is "many": want a whole number from 64 to 1048576`},
		{"config flows\nlist max 64\n", "f:2: flows.max is written as a list: want one option"},
		{"config flows\noption unknown perhaps\n", `f:2: flows.unknown is "perhaps": want 1 or 0`},
		{"config stream\noption port 70000\n", `f:2: stream.port is "70000": want a whole number from 0 to 65535`},
		{"\nconfig stream\noption dialect 4\n", "f:2: listener without a place: want path, or address and port"},
		{"config interface\noption role lan\n", "f:1: interface.name is missing: want the name of a device"},
		{"config interface\noption device a/b\n", `f:2: interface.name is "a/b": want the name of a device`},
		{"config interface\noption device eth0\noption peer eth0\n", `f:3: interface.peer is "eth0": want the name of another device`},
		{"config netifyd\nlist internal_if eth0\nlist external_if eth0\n", "f:3: interface eth0 is there twice: leave one out"},
		{"config detection\nlist disabled HTP\n", `f:2: detection.disabled holds "HTP": did you mean "HTTP"?`},
	} {
		f, err := Parse("f", c.text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Settings()
		if err == nil || s != nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s\nhave %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"config interface\noption network guest\n", "f:2: network guest has no device now"},
		{"config netifyd\nlist options '-c /etc/netifyd.conf'\n", "f:2: options names another configuration"},
		{"config netifyd\nlist options '--thread-socket=1'\n", "f:2: options: --thread-socket is ignored"},
		{"config ns_config\nlist bypassv4 '192.0.2.7|printer'\noption firewall_traffic input\n", "f:3: ns_config.firewall_traffic has no meaning here"},
	} {
		s := settings(t, c.text)
		if len(s.Warnings) != 1 || !strings.HasPrefix(s.Warnings[0].String(), c.want) {
			t.Errorf("%s: %v", c.text, s.Warnings)
		}
	}
	if s := settings(t, "config ns_config\nlist bypassv4 '192.0.2.7|printer'\n"); !reflect.DeepEqual(s.Config.Capture.Exclude, []string{"192.0.2.7"}) {
		t.Error(s.Config.Capture.Exclude)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "netifyd")
	if err := os.WriteFile(path, []byte("config flows\noption max 100\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Load(path)
	if err != nil || s.Config.MaxFlows != 100 || s.Config.Path != path {
		t.Fatal(s, err)
	}
	if err := os.WriteFile(path+"2", make([]byte, config.MaxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for p, want := range map[string]string{
		path + "2": path + "2: larger than 131072 bytes: this is no configuration file",
		path + "3": path + "3: cannot read the configuration: no such file or directory",
		dir:        dir + ": cannot read the configuration: is a directory",
	} {
		if _, err := Load(p); err == nil || err.Error() != want {
			t.Errorf("have %v, want %s", err, want)
		}
	}
}

// What is exported is read back as the same.
func TestExport(t *testing.T) {
	if text := Export(config.Default()).String(); text != "" {
		t.Errorf("the default is exported as %q", text)
	}
	toml, err := os.ReadFile("../testdata/config/everything.toml")
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := config.Parse("everything.toml", string(toml))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*config.Config{c, settings(t, full).Config} {
		text := Export(c).String()
		if back := settings(t, text).Config; len(config.Diff(back, c)) > 0 {
			t.Errorf("%s\ndiffers: %v", text, config.Diff(c, back))
		}
	}
}
