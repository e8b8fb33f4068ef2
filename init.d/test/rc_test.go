package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/core/version"
)

// rc runs the script of FreeBSD with a stub of rc.subr, with its paths in dir.
func rc(t *testing.T, dir, conf, command string) string {
	t.Helper()
	return rcOf(t, dir, "netifyd", conf, command, map[string]string{"/usr/local/etc/": dir + "/", "/usr/local/sbin/netifyd": agent})
}

// rcOf does the same with any of the scripts; paths have others put in their place.
func rcOf(t *testing.T, dir, name, conf, command string, paths map[string]string) string {
	t.Helper()
	script, err := os.ReadFile("../" + name + ".rc")
	if err != nil {
		t.Fatal(err)
	}
	stub, err := filepath.Abs("rc.subr")
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{"/etc/rc.subr", stub}
	for from, to := range paths {
		pairs = append(pairs, from, to)
	}
	text := strings.NewReplacer(pairs...).Replace(string(script))
	for name, text := range map[string]string{name: text, "rc.conf": conf} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", filepath.Join(dir, name), command)
	cmd.Env = append(os.Environ(), "RC_CONF="+filepath.Join(dir, "rc.conf"))
	out, err := cmd.CombinedOutput()
	if _, ok := err.(*exec.ExitError); err != nil && !ok {
		t.Fatal(err)
	}
	return strings.NewReplacer(dir, "", agent, "AGENT").Replace(string(out))
}

// bare is text with one blank wherever there are some.
func bare(text string) string { return strings.Join(strings.Fields(text), " ") }

func TestFreeBSD(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "netifyd.toml")
	identifier := filepath.Join(dir, "agent.uuid")
	set := func(max int) {
		if err := os.WriteFile(config, fmt.Appendf(nil, "agent.uuid_path = %q\nflows.max = %d\n", identifier, max), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set(100)
	good := "/netifyd.toml: good\n"
	start := good + "install -d -m 755 -o root /var/run/netifyd\ninstall -d -m 755 -o root /var/db/netifyd\n/usr/sbin/daemon  -S -T netifyd -p /var/run/netifyd/daemon.pid AGENT -R -c /netifyd.toml"
	for _, c := range []struct{ conf, command, want string }{
		{"", "start", "Cannot 'start' netifyd. Set netifyd_enable to YES\n"},
		{"netifyd_enable=YES", "start", start + "  \n"},
		{"netifyd_enable=YES netifyd_opts=-d netifyd_flags=-v", "start", start + " -d -v \n"},
		{"netifyd_enable=YES\nnetifyd_internal='em1 em2'\nnetifyd_external=em0", "start", start + " -I em1 -I em2 -E em0   \n"},
		{"netifyd_enable=YES netifyd_user=sniff", "start", strings.ReplaceAll(start, "-o root", "-o sniff") + "  \n"},
		{"netifyd_enable=YES netifyd_config=" + dir + "/absent", "start", "warn: /absent is not readable.\n"},
		{"netifyd_enable=YES", "reload", good + "kill -HUP /var/run/netifyd/daemon.pid AGENT\n"},
		{"", "check", good},
	} {
		if have := rc(t, dir, c.conf, c.command); bare(have) != bare(c.want) {
			t.Errorf("%s; %s\nhave %q\nwant %q", c.conf, c.command, have, c.want)
		}
	}
	if text, err := os.ReadFile(identifier); err != nil || len(text) != len("IJ-LG-UP-RV\n") {
		t.Errorf("identifier after the first start: %q, %v", text, err)
	}
	set(1)
	for _, command := range []string{"start", "reload", "restart"} {
		have := rc(t, dir, "netifyd_enable=YES", command)
		if !strings.HasPrefix(have, "netifyd: /netifyd.toml:2: flows.max is ") || strings.Contains(have, "daemon") || !strings.Contains(have, "nothing is changed") {
			t.Errorf("%s of a wrong configuration: %s", command, have)
		}
	}
}

// Every script is one that its shell can read, and that shellcheck finds nothing in.
func TestScripts(t *testing.T) {
	scripts := []string{"../netifyctl.init", "../netifyd_web.rc", "../netifyd_relay.rc", "../netifyd.init", "../netifyd.defaults", "../netifyd.rc", "openwrt.sh", "network.sh", "rc.subr", "../../openwrt/netifyd/test.sh"}
	for _, s := range scripts {
		if out, err := exec.Command("sh", "-n", s).CombinedOutput(); err != nil {
			t.Errorf("%s: %s", s, out)
		}
	}
	if _, err := exec.LookPath("shellcheck"); err != nil {
		t.Skip("shellcheck is not installed")
	}
	for _, s := range scripts {
		if out, err := exec.Command("shellcheck", s).CombinedOutput(); err != nil {
			t.Errorf("%s", out)
		}
	}
}

// The functional test of the feed passes where the package is installed, and
// fails where it is not the version that was asked for.
func TestFeedTest(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("another root directory needs root")
	}
	r := newRouter(t, plainConfig)
	r.remove("usr/sbin/netifyd")
	program, err := os.ReadFile(agent)
	if err != nil {
		t.Fatal(err)
	}
	r.write("usr/sbin/netifyd", string(program))
	box, err := os.ReadFile("/bin/busybox")
	if err != nil {
		t.Skip("no /bin/busybox")
	}
	r.write("bin/busybox", string(box))
	for _, name := range []string{"sh", "grep", "rm", "printf"} {
		if err := os.Symlink("busybox", r.path("bin/"+name)); err != nil {
			t.Fatal(err)
		}
	}
	for to, from := range map[string]string{"test.sh": "../../openwrt/netifyd/test.sh", "etc/init.d/netifyd": "../netifyd.init",
		"lib/upgrade/keep.d/netifyd": "../../openwrt/netifyd/netifyd.keep", "etc/config/netifyd": "../../uci/netifyd.config", "etc/capabilities/netifyd.json": "../netifyd.capabilities"} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		r.write(to, string(text))
	}
	r.write("dev/null", "")
	if err := os.MkdirAll(r.path("tmp"), 0o777); err != nil {
		t.Fatal(err)
	}
	run := func(want string) (string, error) {
		cmd := exec.Command("chroot", r.root, "/bin/sh", "/test.sh", "netifyd-go", want)
		cmd.Env = []string{"PATH=/usr/sbin:/bin"}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	if out, err := exec.Command("chroot", r.root, "/bin/sh", "-c", "true").CombinedOutput(); err != nil {
		t.Skipf("busybox does not run in another root directory: %s", out)
	}
	if out, err := run(version.Number); err != nil || !strings.HasSuffix(out, "test.sh: good\n") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := run("9.9.9"); err == nil {
		t.Errorf("another version is taken: %s", out)
	}
}
