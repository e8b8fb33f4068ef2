// Package test runs the start scripts as their systems do, with the real agent
// and with stubs that write down what the supervisor is asked for.
package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netifyd/core/version"
)

// agent is the program that the scripts start, built once.
var agent string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "netifyd")
	if err != nil {
		panic(err)
	}
	agent = filepath.Join(dir, "netifyd")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", agent, "netifyd/cmd/netifyd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%s", out)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// router is a directory that is the root of a system to the script.
type router struct {
	*testing.T
	root string
	init string // script; empty: the agent's
}

func (r *router) script() string {
	if r.init == "" {
		return "../netifyd.init"
	}
	return r.init
}

const plainConfig = "config netifyd\n\toption enabled '1'\n\toption autoconfig '1'\n"

func newRouter(t *testing.T, config string) *router {
	if _, err := exec.LookPath("busybox"); err != nil {
		t.Skip("busybox is not installed: its shell is that of OpenWrt")
	}
	r := &router{T: t, root: t.TempDir()}
	r.write("etc/passwd", "root:x:0:0::/:/bin/sh\nnetifyd:x:600:600::/:/bin/false\n")
	r.write("etc/group", "netifyd:x:600:\n")
	r.write("etc/config/netifyd", config)
	r.write("etc/capabilities/netifyd.json", "{}")
	r.write("sbin/ujail", "#!/bin/sh\n")
	stub, err := os.ReadFile("network.sh")
	if err != nil {
		t.Fatal(err)
	}
	r.write("lib/functions/network.sh", string(stub))
	r.network("lan", "br-lan")
	r.network("wan", "eth1")
	if err := os.MkdirAll(r.path("usr/sbin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(agent, r.path("usr/sbin/netifyd")); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *router) path(name string) string { return filepath.Join(r.root, name) }

func (r *router) write(name, text string) {
	r.Helper()
	if err := os.MkdirAll(filepath.Dir(r.path(name)), 0o755); err != nil {
		r.Fatal(err)
	}
	if err := os.WriteFile(r.path(name), []byte(text), 0o755); err != nil {
		r.Fatal(err)
	}
}

func (r *router) read(name string) string {
	r.Helper()
	b, err := os.ReadFile(r.path(name))
	if err != nil {
		r.Fatal(err)
	}
	return string(b)
}

func (r *router) remove(name string) { _ = os.RemoveAll(r.path(name)) }

// network gives a network a device that is there; "" takes it away.
func (r *router) network(name, device string) {
	r.write("devices/"+name, device+"\n")
	if device != "" {
		r.write("sys/class/net/"+device+"/ifindex", "7\n")
	}
}

// running says whether procd has the agent.
func (r *router) running(yes bool) {
	if r.remove("running"); yes {
		r.write("running", "")
	}
}

// run does a command of the script and gives what procd and the log were told.
func (r *router) run(command string) string {
	r.Helper()
	calls := r.path("calls")
	_ = os.Remove(calls)
	cmd := exec.Command("busybox", "ash", "openwrt.sh", r.script(), command)
	cmd.Env = append(os.Environ(), "IPKG_INSTROOT="+r.root, "CALLS="+calls)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		if _, ok := err.(*exec.ExitError); !ok {
			r.Fatal(err)
		}
	}
	b, _ := os.ReadFile(calls)
	return strings.ReplaceAll(string(b), r.root, "") + out.String()
}

// tells that a text has every line of want, in any order, and none of not.
func (r *router) tells(text string, want, not []string) {
	r.Helper()
	for _, w := range want {
		if !strings.Contains("\n"+text, "\n"+w) {
			r.Errorf("lacks %q in\n%s", w, text)
		}
	}
	for _, w := range not {
		if strings.Contains(text, w) {
			r.Errorf("has %q in\n%s", w, text)
		}
	}
}

func TestStart(t *testing.T) {
	r := newRouter(t, plainConfig)
	r.write("var/run/ubus/ubus.sock", "")
	text := r.run("start")
	r.tells(text, []string{
		"procd_open_instance|netifyd\n",
		"procd_set_param|command|/usr/sbin/netifyd|-R|--uci|/var/run/netifyd/netifyd.uci\n",
		"procd_set_param|respawn|300|30|8\n", "procd_set_param|term_timeout|20\n",
		"procd_set_param|stdout|1\n", "procd_set_param|stderr|1\n", "procd_set_param|limits|nofile=1024 4096|core=0 0\n",
		"procd_set_param|user|netifyd\n", "procd_set_param|group|netifyd\n", "procd_set_param|capabilities|/etc/capabilities/netifyd.json\n", "procd_set_param|no_new_privs|1\n",
		"procd_add_jail|netifyd|log|procfs|sysfs\n", "procd_add_jail_mount_rw|/var/run/netifyd\n", "procd_add_jail_mount|/var/run/ubus\n", "procd_add_jail_mount_rw|/etc/netifyd/usage\n", "procd_add_jail_mount|/etc/passwd|/etc/group\n",
		"procd_add_reload_trigger|netifyd|network\n", "procd_add_reload_interface_trigger|lan\n", "procd_add_reload_interface_trigger|wan\n",
		"procd_close_instance\n",
	}, []string{"\nlog|", "GOMEMLIMIT", "nice", "reload_signal"})
	copied := r.read("var/run/netifyd/netifyd.uci")
	if !strings.HasPrefix(copied, plainConfig) {
		t.Errorf("lines do not keep their numbers: %s", copied)
	}
	r.tells(copied, []string{"\toption device 'br-lan'\n", "\toption device 'eth1'\n", "\toption output 'split'\n"}, []string{"option user"})
	if info, err := os.Stat(r.path("var/run/netifyd/netifyd.uci")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if out := r.run("check"); !strings.Contains(out, "good") {
		t.Error(out)
	}
}

func TestOptionsOfTheInstance(t *testing.T) {
	dir := t.TempDir()
	r := newRouter(t, plainConfig+"\toption memory_limit '24MiB'\n\toption processors '1'\n\toption nice '5'\n"+
		"config agent\n\toption volatile_dir '"+dir+"'\n\toption group 'users'\nconfig stream\n\toption path '/tmp/a/b.sock'\nconfig applications\n\toption dir '/tmp'\n")
	r.tells(r.run("start"), []string{
		"procd_append_param|env|GOMEMLIMIT=24MiB\n", "procd_append_param|env|GOMAXPROCS=1\n", "procd_set_param|nice|5\n",
		"procd_set_param|group|users\n", "procd_add_jail_mount|/tmp\n", "procd_add_jail_mount_rw|" + dir + "\n",
	}, nil)
}

// Without ujail, without its list of capabilities, or where the user does not
// want it, the agent starts as root and becomes the user itself.
func TestWithoutJail(t *testing.T) {
	for name, spoil := range map[string]func(*router){
		"no ujail":        func(r *router) { r.remove("sbin/ujail") },
		"no capabilities": func(r *router) { r.remove("etc/capabilities/netifyd.json") },
		"not wanted":      func(r *router) { r.write("etc/config/netifyd", plainConfig+"\toption jail '0'\n") },
	} {
		r := newRouter(t, plainConfig)
		spoil(r)
		text := r.run("start")
		if strings.Contains(text, "jail") || strings.Contains(text, "procd_set_param|user") || !strings.Contains(text, "procd_close_instance") {
			t.Errorf("%s: %s", name, text)
		}
		if !strings.Contains(r.read("var/run/netifyd/netifyd.uci"), "option user 'netifyd'") {
			t.Errorf("%s: the agent is not told whom to become", name)
		}
	}
	r := newRouter(t, plainConfig)
	r.write("etc/passwd", "root:x:0:0::/:/bin/sh\n")
	if text := r.run("start"); strings.Contains(text, "jail") || strings.Contains(r.read("var/run/netifyd/netifyd.uci"), "option user") {
		t.Error(text)
	}
}

func TestDisabled(t *testing.T) {
	for _, config := range []string{"config netifyd\n\toption enabled '0'\n", "config netifyd\n"} {
		r := newRouter(t, config)
		r.tells(r.run("start"), []string{"log|daemon.notice|the service is disabled in /etc/config/netifyd\n"}, []string{"procd_open_instance"})
	}
}

// instance is what procd is told of one.
func instance(text string) string {
	_, rest, _ := strings.Cut(text, "procd_open_instance")
	told, _, _ := strings.Cut(rest, "procd_close_instance")
	return told
}

// A reload that the agent can follow is a signal, with the same instance as
// before; one that it cannot, a new instance, without a signal that would reach
// a process not yet ready for it.
func TestReload(t *testing.T) {
	r := newRouter(t, plainConfig)
	before := instance(r.run("start"))
	r.running(true)
	signal := []string{"procd_send_signal|netifyd\n"}
	another := []string{"procd_open_instance|netifyd\n"}
	step := func(what string, want []string) {
		t.Helper()
		text := r.run("reload")
		r.tells(text, want, nil)
		now := instance(text)
		if &want[0] == &signal[0] && now != before {
			t.Errorf("procd would restart it: %q, not %q", now, before)
		} else if &want[0] != &signal[0] {
			r.tells(text, nil, []string{"procd_send_signal"})
		}
		before = now
		if t.Failed() {
			t.Fatal(what)
		}
	}
	step("nothing changed", signal)
	r.write("etc/config/netifyd", plainConfig+"config flows\n\toption idle '60'\n")
	step("a time changed", signal)
	if !strings.Contains(r.read("var/run/netifyd/netifyd.uci"), "option idle '60'") {
		t.Fatal("the agent reads the old file")
	}
	r.write("etc/config/netifyd", plainConfig+"config flows\n\toption max '1000'\n")
	step("a table changed its size", another)
	r.network("wan", "pppoe-wan")
	step("another device", another)
	r.network("wan", "")
	r.remove("sys/class/net/pppoe-wan")
	step("the line is down, the agent waits for it", signal)
	r.network("wan", "pppoe-wan")
	step("the line is back", signal)
	r.write("etc/config/netifyd", plainConfig+"\toption memory_limit '30MiB'\n")
	step("memory", another)
	r.running(false)
	step("it is not there", another)
	r.running(true)
	r.write("etc/config/netifyd", "config netifyd\n\toption enabled '0'\n")
	step("switched off", []string{"procd_close_service\n", "log|daemon.notice|the service is disabled"})
	r.run("stop")
	if _, err := os.Stat(r.path("var/run/netifyd/netifyd.uci")); err == nil {
		t.Error("the copy is left")
	}
}

// A network that is added while it has no device is waited for, although the
// agent is told by a signal: when the device comes, it is captured.
func TestNetworkAddedWithoutDevice(t *testing.T) {
	r := newRouter(t, plainConfig)
	before := instance(r.run("start"))
	r.running(true)
	r.write("etc/config/netifyd", plainConfig+"config interface 'vpn'\n\toption network 'vpn'\n")
	text := r.run("reload")
	r.tells(text, []string{"procd_send_signal|netifyd\n", "procd_add_reload_interface_trigger|vpn\n"}, nil)
	if instance(text) != before {
		t.Errorf("procd would restart it: %q", text)
	}
	r.network("vpn", "wg0")
	r.tells(r.run("reload"), []string{"procd_open_instance|netifyd\n"}, []string{"procd_send_signal"})
	r.tells(r.read("var/run/netifyd/netifyd.uci"), []string{"\toption device 'wg0'\n"}, nil)
}

func TestNetworks(t *testing.T) {
	r := newRouter(t, "config netifyd\n\toption enabled 1\n\toption autoconfig 0\nconfig interface 'guest'\n\toption network 'guest'\n")
	r.network("guest", "br-guest")
	text := r.run("start")
	r.tells(text, []string{"procd_add_reload_interface_trigger|guest\n"}, []string{"trigger|lan", "trigger|wan"})
	r.tells(r.read("var/run/netifyd/netifyd.uci"), []string{"\toption device 'br-guest'\n", "\toption auto '0'\n"}, []string{"br-lan"})

	late := newRouter(t, plainConfig)
	late.network("lan", "")
	late.network("wan", "")
	late.remove("sys/class/net/br-lan")
	late.tells(late.run("start"), []string{
		"log|daemon.notice|no network of the configuration has a device yet: the agent starts when one has\n",
		"procd_add_reload_interface_trigger|wan\n"}, []string{"procd_open_instance"})
	late.network("wan", "eth1")
	late.tells(late.run("reload"), []string{"procd_open_instance|netifyd\n"}, nil)
}

// What is wrong is told with file and line; nothing starts, and what runs is
// left alone.
func TestDamagedConfiguration(t *testing.T) {
	for config, want := range map[string]string{
		plainConfig + "config flows\n\toption max 'many'\n":      `log|daemon.err|/etc/config/netifyd:5: flows.max is "many": want a whole number from 64 to 1048576`,
		"config netifyd\n\toption enabled '1\n":                  "log|daemon.err|/etc/config/netifyd:2: a quote is opened and never closed",
		"config netifyd\n\toption enabled 1\n\x00\x00\x00\n":     "log|daemon.err|/etc/config/netifyd:3: a byte of value zero",
		plainConfig + "config intreface\n\toption device eth0\n": `log|daemon.err|/etc/config/netifyd:4: unknown type of section "intreface": did you mean interface?`,
		plainConfig + "\tlist exclude 'printer'\n":               `log|daemon.err|/etc/config/netifyd:4: capture.exclude holds "printer"`,
	} {
		r := newRouter(t, config)
		text := r.run("start")
		r.tells(text, []string{want}, []string{"procd_open_instance", "netifyd.uci:"})
		if strings.Count(text, "\nlog|") != 1 {
			t.Errorf("not one sentence: %s", text)
		}
		good := newRouter(t, plainConfig)
		good.run("start")
		good.running(true)
		before := good.read("var/run/netifyd/netifyd.uci")
		good.write("etc/config/netifyd", config)
		good.tells(good.run("reload"), []string{want, "log|daemon.warn|the configuration is wrong: the agent keeps what it has\n"},
			[]string{"procd_open_service", "procd_send_signal"})
		if good.read("var/run/netifyd/netifyd.uci") != before {
			t.Error("the copy of the running agent was touched")
		}
	}
	r := newRouter(t, plainConfig)
	r.remove("etc/config/netifyd")
	r.tells(r.run("start"), []string{"log|daemon.err|the configuration cannot be prepared"}, []string{"procd_open_instance"})
}

func TestStatus(t *testing.T) {
	r := newRouter(t, plainConfig)
	r.tells(r.run("status"), []string{"inactive\n"}, nil)
	r.run("start")
	r.running(true)
	r.write("etc/config/netifyd", plainConfig)
	r.tells(r.run("status"), []string{"running\n"}, nil)

	// It crashed, and its last figures are still there.
	r.running(false)
	dir := t.TempDir()
	r.write("etc/config/netifyd", plainConfig+"config agent\n\toption volatile_dir '"+dir+"'\n")
	r.run("start")
	if err := os.WriteFile(filepath.Join(dir, "status.json"), []byte(`{"timestamp": 1000000000, "flow_count": 4711}`), 0o644); err != nil {
		t.Fatal(err)
	}
	then := time.Unix(1_000_000_000, 0)
	if err := os.Chtimes(filepath.Join(dir, "status.json"), then, then); err != nil {
		t.Fatal(err)
	}
	r.tells(r.run("status"), []string{"inactive\n", "netifyd: not running since 2001-09-09 "}, []string{"4711"})
}

// apk only calls start after an upgrade: the instance must be another one then,
// or procd leaves the old program running.
func TestUpgradeIsAnotherInstance(t *testing.T) {
	r := newRouter(t, plainConfig)
	r.remove("usr/sbin/netifyd")
	program, err := os.ReadFile(agent)
	if err != nil {
		t.Fatal(err)
	}
	r.write("usr/sbin/netifyd", string(program))
	instance := func(second int64) string {
		t.Helper()
		at := time.Unix(second, 0)
		if err := os.Chtimes(r.path("usr/sbin/netifyd"), at, at); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(r.run("start")) {
			if strings.HasPrefix(line, "procd_set_param|env|NETIFYD_INSTANCE=") {
				if !strings.Contains(line, version.Number) {
					t.Errorf("the version is not in %s", line)
				}
				return line
			}
		}
		t.Fatal("no instance")
		return ""
	}
	first := instance(1700000000)
	if again := instance(1700000000); again != first {
		t.Errorf("%s\n%s", first, again)
	}
	if next := instance(1700000001); next == first {
		t.Errorf("another file, and the same instance %s", next)
	}
}

// The group of the jail is that of the user, whatever its name.
func TestGroupOfTheJail(t *testing.T) {
	r := newRouter(t, plainConfig)
	r.write("etc/passwd", "root:x:0:0::/:/bin/sh\nnetifyd:x:600:601::/:/bin/false\n")
	r.write("etc/group", "root:x:0:\nnetifyd:x:600:\nwatchers:x:601:\n")
	r.tells(r.run("start"), []string{"procd_set_param|group|watchers\n"}, nil)
}

// What netifyd 4 left is taken over once.
func TestDefaults(t *testing.T) {
	r := newRouter(t, plainConfig)
	r.write("etc/netifyd.conf", "[netifyd]\nttl_idle_flow = 77\n")
	r.write("etc/netify.d/agent.uuid", "AA-BB-CC-DD\n")
	once := func() {
		t.Helper()
		cmd := exec.Command("busybox", "ash", "../netifyd.defaults")
		cmd.Env = append(os.Environ(), "IPKG_INSTROOT="+r.root)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("%v: %s", err, out)
		}
	}
	once()
	config := r.read("etc/config/netifyd")
	r.tells(config, []string{"config flows\n\toption idle '1m17s'\n"}, nil)
	if r.read("etc/netifyd/agent.uuid") != "AA-BB-CC-DD\n" {
		t.Error("another identifier")
	}
	r.write("etc/netifyd/agent.uuid", "EE-FF-GG-HH\n")
	once()
	if again := r.read("etc/config/netifyd"); again != config || r.read("etc/netifyd/agent.uuid") != "EE-FF-GG-HH\n" {
		t.Errorf("a second time changes something: %s", again)
	}
	r.tells(r.run("start"), []string{"procd_open_instance|netifyd\n"}, []string{"\nlog|"})

	// opkg moved both aside first.
	aside := newRouter(t, plainConfig)
	r = aside
	r.write("etc/netifyd.conf-opkg.backup", "[netifyd]\nttl_idle_flow = 77\n")
	r.write("etc/netify.d/agent.uuid-opkg.backup", "AA-BB-CC-DD\n")
	once()
	if r.read("etc/config/netifyd") != config || r.read("etc/netifyd/agent.uuid") != "AA-BB-CC-DD\n" {
		t.Errorf("what opkg moved aside is lost: %s", r.read("etc/config/netifyd"))
	}
	if _, err := os.Stat(r.path("etc/netifyd.conf.migrated")); err != nil {
		t.Error(err)
	}

	fresh := newRouter(t, plainConfig)
	r = fresh
	once()
	if id := r.read("etc/netifyd/agent.uuid"); len(strings.TrimSpace(id)) != 11 || r.read("etc/config/netifyd") != plainConfig {
		t.Errorf("%q", id)
	}
}

// What of netifyd 4's file has no place here is told to whoever installs.
func TestDefaultsTellWhatIsLost(t *testing.T) {
	r := newRouter(t, plainConfig)
	r.write("etc/netifyd.conf", "[netifyd]\nttl_idle_flow = 77\n[netify_api]\nenable_updates = yes\n[plugin_stats]\nmine = libmine.so\n")
	cmd := exec.Command("busybox", "ash", "../netifyd.defaults")
	cmd.Env = append(os.Environ(), "IPKG_INSTROOT="+r.root)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	r.tells(string(out), []string{
		"netifyd: /etc/netifyd.conf:4: [netify_api] enable_updates = yes: ignored",
		"netifyd: /etc/netifyd.conf:6: [plugin_stats] mine = libmine.so: ignored"}, []string{"ttl_idle_flow"})
}

// A full /tmp is told, nothing is started, and what runs is left alone.
func TestFullMemory(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("a file system of its own needs root")
	}
	if out, err := exec.Command("unshare", "-m", "true").CombinedOutput(); err != nil {
		t.Skipf("no mount namespaces here: %s", out)
	}
	r := newRouter(t, plainConfig)
	if err := os.MkdirAll(r.path("var/run/netifyd"), 0o755); err != nil {
		t.Fatal(err)
	}
	full := func(command string) string {
		t.Helper()
		calls := r.path("calls")
		_ = os.Remove(calls)
		cmd := exec.Command("unshare", "-m", "sh", "-c", `mount -t tmpfs -o size=16k netifyd "$0" && echo old >"$0/netifyd.uci" && dd if=/dev/zero of="$0/fill" bs=4k 2>/dev/null
busybox ash openwrt.sh ../netifyd.init "$1"; ls "$0"; cat "$0/netifyd.uci"`, r.path("var/run/netifyd"), command)
		cmd.Env = append(os.Environ(), "IPKG_INSTROOT="+r.root, "CALLS="+calls)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return r.read("calls") + string(out)
	}
	want := []string{"log|daemon.err|the configuration cannot be prepared in " + r.path("var/run/netifyd") + ": /etc/config/netifyd cannot be read, or /tmp is full\n", "fill\nnetifyd.uci\nold\n"}
	r.tells(full("start"), want, []string{"procd_open_instance"})
	r.running(true)
	r.tells(full("reload"), append(want, "log|daemon.warn|the configuration is wrong: the agent keeps what it has\n"), []string{"procd_open_service"})
}

// CAP_BPF is granted where the kernel knows it, and so the procd that is built for it.
func TestGranted(t *testing.T) {
	for _, c := range []struct{ last, there, want string }{
		{"40", "netifyd-bpf.json", "netifyd-bpf.json"},
		{"37", "netifyd-bpf.json", "netifyd.json"},
		{"", "netifyd-bpf.json", "netifyd.json"},
		{"40", "other.json", "netifyd.json"},
	} {
		r := newRouter(t, plainConfig)
		r.write("etc/capabilities/"+c.there, "{}")
		if c.last != "" {
			r.write("proc/sys/kernel/cap_last_cap", c.last+"\n")
		}
		r.tells(r.run("start"), []string{"procd_set_param|capabilities|/etc/capabilities/" + c.want + "\n"}, nil)
	}
}
