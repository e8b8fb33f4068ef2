package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// companion is netifyctl, built when a test wants it.
var companion = sync.OnceValues(func() (string, error) {
	path := filepath.Join(filepath.Dir(agent), "netifyctl")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "netifyd/cmd/netifyctl")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	return path, build.Run()
})

func newCompanion(t *testing.T, config string) *router {
	r := newRouter(t, plainConfig)
	program, err := companion()
	if err != nil {
		t.Fatal(err)
	}
	r.init = "../netifyctl.init"
	r.write("etc/config/netifyctl", config)
	r.write("usr/bin/.made", "")
	if err := os.Symlink(program, r.path("usr/bin/netifyctl")); err != nil {
		t.Fatal(err)
	}
	return r
}

// What is installed starts nothing.
func TestCompanionIsOff(t *testing.T) {
	text, err := os.ReadFile("../../uci/netifyctl.config")
	if err != nil {
		t.Fatal(err)
	}
	r := newCompanion(t, string(text))
	said := r.run("start")
	r.tells(said, []string{"log|daemon.notice|web and relay are disabled in /etc/config/netifyctl\n", "procd_add_reload_trigger|netifyctl\n"}, []string{"procd_open_instance"})
}

func TestCompanionStarts(t *testing.T) {
	r := newCompanion(t, `config web
	option enabled '1'
	option listen '0.0.0.0:8443'
	option token_file '/etc/netifyd/web.token'
	option memory_limit '40MiB'
config relay
	option enabled '1'
	option stream 'tcp://192.0.2.1:7150'
	option site 'a "site" \ of ours'
	list labels 'region=north'
	list labels 'floor=2'
config output 'broker'
	option type 'mqtt'
	option url 'mqtt://broker.example.com'
	option qos '0'
	option retain '0'
	option username '4711'
	option keepalive '45s'
	list kinds 'usage'
	list kinds 'status'
config output
	option enabled '0'
	option type 'nonsense'
config output
	option type 'http'
	option url 'https://store.example.com/rows'
	list headers 'X-Store: a "b": c'
	list headers 'X-Other:d'
	option kinds 'flow'
config aggregator 'talkers'
	option type '1'
	option nested '1'
config privacy
	option mac 'hash'
`)
	r.tells(r.run("start"), []string{
		"procd_open_instance|web\n", "procd_set_param|command|/usr/bin/netifyctl|web|--listen|0.0.0.0:8443|--token-file|/etc/netifyd/web.token\n",
		"procd_open_instance|relay\n", "procd_set_param|command|/usr/bin/netifyctl|relay|--config|/var/run/netifyctl/netifyctl.toml\n",
		"procd_set_param|env|GOMEMLIMIT=40MiB\n",
		"procd_set_param|user|netifyctl\n", "procd_set_param|group|netifyd\n", "chown|netifyctl|/var/run/netifyctl/netifyctl.toml.new\n",
	}, []string{"log|", "capabilities"})
	want := `# Made of /etc/config/netifyctl.
stream = "tcp://192.0.2.1:7150"

[relay]
site = "a \"site\" \\ of ours"
labels = ["region=north", "floor=2"]

[[relay.output]]
name = "broker"
type = "mqtt"
url = "mqtt://broker.example.com"
qos = 0
retain = false
username = "4711"
keepalive = "45s"
kinds = ["usage", "status"]

[[relay.output]]
type = "http"
url = "https://store.example.com/rows"
headers = { "X-Store" = "a \"b\": c", "X-Other" = "d" }
kinds = ["flow"]

[[relay.aggregator]]
name = "talkers"
type = 1
nested = true

[relay.privacy]
mac = "hash"
`
	if have := r.read("var/run/netifyctl/netifyctl.toml"); have != want {
		t.Errorf("have\n%s\nwant\n%s", have, want)
	}
	if info, err := os.Stat(r.path("var/run/netifyctl/netifyctl.toml")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if out := r.run("check"); !strings.Contains(out, "/etc/config/netifyctl is good") {
		t.Error(out)
	}
}

// A relay that runs is told of a changed configuration by a signal, and stays the
// same instance; where the configuration is wrong it goes on with the one of before.
func TestCompanionReloads(t *testing.T) {
	text := "config relay\n\toption enabled '1'\nconfig output\n\toption type 'mqtt'\n\toption url 'mqtt://broker'\n\tlist kinds 'usage'\n"
	r := newCompanion(t, text)
	before := instance(r.run("start"))
	r.running(true)
	r.write("etc/config/netifyctl", strings.Replace(text, "//broker", "//other", 1))
	said := r.run("reload")
	r.tells(said, []string{"procd_send_signal|netifyctl|relay\n"}, []string{"log|"})
	if now := instance(said); now != before {
		t.Errorf("procd would restart it: %q, not %q", now, before)
	}
	if !strings.Contains(r.read("var/run/netifyctl/netifyctl.toml"), "mqtt://other") {
		t.Error("the new configuration is not there")
	}
	r.write("etc/config/netifyctl", strings.Replace(text, "mqtt://", "", 1))
	said = r.run("reload")
	r.tells(said, []string{"log|daemon.err|", "log|daemon.warn|the configuration is wrong: the relay keeps what it has\n"}, []string{"procd_send_signal"})
	if now := instance(said); now != before {
		t.Errorf("procd would restart it: %q, not %q", now, before)
	}
	if !strings.Contains(r.read("var/run/netifyctl/netifyctl.toml"), "mqtt://other") {
		t.Error("the wrong configuration took the place of the good one")
	}
	r.write("etc/config/netifyctl", strings.Replace(text, "'1'", "'0'", 1))
	r.tells(r.run("reload"), nil, []string{"procd_open_instance", "procd_send_signal"})
	r.running(false)
	r.write("etc/config/netifyctl", text)
	r.tells(r.run("reload"), []string{"procd_open_instance|relay\n"}, []string{"procd_send_signal"}) // it is not ready for one yet
}

// A relay that is set up wrongly is not started, and why is in the log; the web
// page is none of its business.
func TestCompanionIsWrong(t *testing.T) {
	r := newCompanion(t, "config web\n\toption enabled '1'\nconfig relay\n\toption enabled '1'\nconfig output\n\toption type 'mqtt'\n\toption url 'nowhere'\n\tlist kinds 'usage'\n")
	said := r.run("start")
	r.tells(said, []string{"procd_open_instance|web\n", "log|daemon.err|"}, []string{"procd_open_instance|relay"})
	if !strings.Contains(said, "want mqtt://HOST") {
		t.Error(said)
	}
	if out := r.run("check"); !strings.Contains(out, "want mqtt://HOST") || strings.Contains(out, "is good") {
		t.Error(out)
	}
}

// A file of its own takes the place of the sections.
func TestCompanionWithFile(t *testing.T) {
	r := newCompanion(t, "")
	r.write("etc/netifyd/mine.toml", "[[relay.output]]\ntype = \"mqtt\"\nurl = \"mqtt://broker\"\nkinds = [\"usage\"]\n")
	r.write("etc/config/netifyctl", "config relay\n\toption enabled '1'\n\toption config '"+r.path("etc/netifyd/mine.toml")+"'\n")
	r.tells(r.run("start"), []string{"procd_set_param|command|/usr/bin/netifyctl|relay|--config|/etc/netifyd/mine.toml\n"}, []string{"procd_open_instance|web", "log|"})
}

// The scripts of FreeBSD.
func TestFreeBSDCompanion(t *testing.T) {
	program, err := companion()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "netifyctl.toml")
	run := func(name, conf, command string) string {
		return bare(rcOf(t, dir, name, conf, command, map[string]string{"/usr/local/bin/netifyctl": program, "/usr/local/etc/netifyd/": dir + "/"}))
	}
	start := "install -d -m 755 -o netifyctl /var/run/netifyd-web /usr/sbin/daemon -S -T netifyd_web -R 10 -P /var/run/netifyd-web/daemon.pid -u netifyctl " + program + " web --listen "
	if have, want := run("netifyd_web", "", "start"), "Cannot 'start' netifyd_web. Set netifyd_web_enable to YES"; have != want {
		t.Errorf("have %q, want %q", have, want)
	}
	if have, want := run("netifyd_web", "netifyd_web_enable=YES", "start"), start+"127.0.0.1:8080"; have != want {
		t.Errorf("have %q, want %q", have, want)
	}
	if have, want := run("netifyd_web", "netifyd_web_enable=YES netifyd_web_options='--listen [::1]:80'", "start"), start+"[::1]:80"; have != want {
		t.Errorf("have %q, want %q", have, want)
	}
	if have := run("netifyd_relay", "netifyd_relay_enable=YES", "start"); !strings.Contains(have, "is not readable") {
		t.Error(have)
	}
	for text, want := range map[string]string{
		"[[relay.output]]\ntype = \"mqtt\"\nurl = \"mqtt://broker\"\nkinds = [\"usage\"]\n": "-u netifyctl " + program + " relay --config /netifyctl.toml",
		"[[relay.output]]\ntype = \"mqtt\"\nurl = \"broker\"\nkinds = [\"usage\"]\n":        "nothing is changed",
	} {
		if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		have := run("netifyd_relay", "netifyd_relay_enable=YES", "start")
		reload := run("netifyd_relay", "netifyd_relay_enable=YES", "reload")
		if strings.Contains(want, "nothing") == strings.Contains(reload, "relay.pid") || strings.Contains(want, "nothing") != strings.Contains(reload, "nothing is changed") {
			t.Errorf("reload: %q", reload)
		}
		if !strings.Contains(have, want) || strings.Contains(want, "nothing") == strings.Contains(have, "daemon") {
			t.Errorf("have %q, want %q", have, want)
		}
	}
}
