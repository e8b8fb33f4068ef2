package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"netifyd/cross/internal/untar"
)

// packed packs all targets, with a few bytes in place of each binary.
func packed(t *testing.T) *job {
	t.Helper()
	j := table(t)
	for i := range j.targets {
		if err := os.WriteFile(j.binary(&j.targets[i]), []byte("binary of "+j.targets[i].Name), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, server := range []bool{false, true} {
			if err := os.WriteFile(j.companion(&j.targets[i], server), fmt.Appendf(nil, "companion of %s, server %v", j.targets[i].Name, server), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := j.pack(""); err != nil {
		t.Fatal(err)
	}
	return j
}

// contents are all files below a folder, by their paths in it.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[rel] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPackAll(t *testing.T) {
	j := packed(t)
	all := contents(t, filepath.Join(j.out, "packages"))
	_, day, err := j.catalogueTree(cataloguePath)
	if err != nil {
		t.Fatal(err)
	}
	if all["debian/"+cataloguePackage+"_"+day+"-1_all.deb"] == "" {
		t.Error("no deb of the catalogue")
	}
	if all["rpm/"+cataloguePackage+"-"+day+"-1.noarch.rpm"] == "" {
		t.Error("no rpm of the catalogue")
	}
	if all["freebsd/"+cataloguePackage+"-"+day+".pkg"] == "" {
		t.Error("no pkg of the catalogue")
	}
	for i := range j.targets {
		x := &j.targets[i]
		for _, arch := range x.OpenWrt {
			for _, name := range []string{x.Package() + "_9.8.7-r1_" + arch + ".ipk", x.Package() + "-9.8.7-r1.apk", "Packages", "Packages.gz", "Packages.sig", "packages.adb", "luci-app-netifyd_9.8.7-r1_all.ipk", "luci-app-netifyd-9.8.7-r1.apk", "luci-i18n-netifyd-de_9.8.7-r1_all.ipk", "netifyd-go-tables_9.8.7-r1_all.ipk", "netifyd-go-tables-9.8.7-r1.apk", cataloguePackage + "_" + day + "-r1_all.ipk", cataloguePackage + "-" + day + "-r1.apk", "netifyctl_9.8.7-r1_" + arch + ".ipk", "netifyctl-9.8.7-r1.apk"} {
				if all["openwrt/"+arch+"/"+name] == "" {
					t.Errorf("%s: no %s", arch, name)
				}
			}
			if !strings.Contains(all["openwrt/"+arch+"/Packages"], "Package: "+x.Package()+"\n") {
				t.Errorf("%s: the index has no %s", arch, x.Package())
			}
		}
		if x.Debian != "" && all["debian/netifyd_9.8.7-1_"+x.Debian+".deb"] == "" {
			t.Errorf("no deb for %s", x.Debian)
		}
	}
	for _, name := range []string{"debian/netifyctl_9.8.7-1_amd64.deb", "debian/netifyctl_9.8.7-1_armhf.deb", "rpm/netifyctl-9.8.7-1.x86_64.rpm", "rpm/netifyctl-9.8.7-1.aarch64.rpm",
		"freebsd/amd64/netifyctl-9.8.7.pkg", "freebsd/aarch64/netifyctl-9.8.7.pkg"} {
		if all[name] == "" {
			t.Errorf("no %s", name)
		}
	}
	if all["rpm/netifyd-9.8.7-1.x86_64.rpm"] == "" || all["rpm/netifyd-9.8.7-1.aarch64.rpm"] == "" {
		t.Error("no rpm")
	}
	if all["freebsd/amd64/netifyd-9.8.7.pkg"] == "" || all["freebsd/aarch64/netifyd-9.8.7.pkg"] == "" {
		t.Error("no pkg")
	}
	if err := j.pack(""); err != nil {
		t.Fatal(err)
	}
	for name, again := range contents(t, filepath.Join(j.out, "packages")) {
		if all[name] != again {
			t.Errorf("%s differs when written again", name)
		}
	}
}

// The agent looks for the catalogue where the package of its system puts it.
func TestCatalogueLiesWhereTheAgentLooks(t *testing.T) {
	b, err := os.ReadFile("../core/config/config.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{cataloguePath, catalogueFreeBSDPath} {
		if !bytes.Contains(b, []byte(`return "`+path+`"`)) {
			t.Errorf("the agent does not look for %s", path)
		}
	}
}

func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func member(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	all, err := untar.Read(unzip(t, archive))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Name == name {
			return m.Data
		}
	}
	t.Fatalf("no member %s", name)
	return nil
}

// ofPackage are the files that an ipk brings to a router with the little MIPS,
// and what its control archive has of a name.
func ofPackage(t *testing.T, j *job, name string) (files []untar.Member, control func(name string) string) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(j.feed("mipsel_24kc"), name))
	if err != nil {
		t.Fatal(err)
	}
	files, err = untar.Read(unzip(t, member(t, file, "./data.tar.gz")))
	if err != nil {
		t.Fatal(err)
	}
	return files, func(name string) string {
		return string(member(t, member(t, file, "./control.tar.gz"), name))
	}
}

// What a router gets: the agent, its service, and a configuration that root alone reads.
func TestRouter(t *testing.T) {
	j := packed(t)
	all, control := ofPackage(t, j, "netifyd-go_9.8.7-r1_mipsel_24kc.ipk")
	got := map[string]string{}
	for _, m := range all {
		got[m.Name] = fmt.Sprintf("%04o", m.Mode)
		if m.Name == "./usr/sbin/netifyd" && string(m.Data) != "binary of mipsle" {
			t.Errorf("the binary is %q", m.Data)
		}
	}
	for path, mode := range map[string]string{
		"./usr/sbin/netifyd": "0755", "./etc/init.d/netifyd": "0755", "./etc/config/netifyd": "0600", "./etc/uci-defaults/50_netifyd": "0755",
		"./etc/capabilities/netifyd.json": "0644", "./etc/capabilities/netifyd-bpf.json": "0644", "./lib/upgrade/keep.d/netifyd": "0644",
		"./usr/share/acl.d/netifyd.json": "0644",
	} {
		if got[path] != mode {
			t.Errorf("%s has mode %q, want %s", path, got[path], mode)
		}
	}
	if conf := control("./conffiles"); conf != "/etc/config/netifyd\n" {
		t.Errorf("conffiles %q", conf)
	}
	text := control("./control")
	for _, line := range []string{"Package: netifyd-go", "Conflicts: netifyd, netifyd-go-tiny", "Provides: netifyd, netifyd-agent", "Replaces: netifyd", "Version: 9.8.7-r1", "Architecture: mipsel_24kc", "Require-User: netifyd:netifyd", "License: Apache-2.0"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}

// The files of names and numbers are a package for every architecture. Readers
// find them in /etc/netifyd as links, which go with the package; a file that
// somebody else has there stays.
func TestTablesOfRouter(t *testing.T) {
	j := packed(t)
	all, control := ofPackage(t, j, "netifyd-go-tables_9.8.7-r1_all.ipk")
	got := map[string]int{}
	for _, m := range all {
		got[m.Name] = len(m.Data)
	}
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "etc/netifyd"), 0o755); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(root, "etc/netifyd/netify-apps.conf")
	if err := os.WriteFile(own, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	script := func(name string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(control("./"+name)), 0o755); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("sh", path)
		c.Env = append(os.Environ(), "IPKG_INSTROOT="+root)
		if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v %s", name, err, out)
		}
	}
	script("postinst")
	script("postinst") // an upgrade
	for _, name := range []string{"netify-categories.json", "app-proto-data.json", "netify-application-catalog.json", "netify-protocol-catalog.json", "netify-apps.conf"} {
		if got["./usr/share/netifyd/"+name] < 10000 {
			t.Errorf("%s has %d bytes", name, got["./usr/share/netifyd/"+name])
		}
		if to, _ := os.Readlink(filepath.Join(root, "etc/netifyd", name)); to != "/usr/share/netifyd/"+name && name != "netify-apps.conf" {
			t.Errorf("%s leads to %q", name, to)
		}
	}
	script("prerm")
	if list, _ := os.ReadDir(filepath.Join(root, "etc/netifyd")); len(list) != 1 {
		t.Errorf("left: %v", list)
	}
	if b, _ := os.ReadFile(own); string(b) != "mine" {
		t.Error("somebody's own file is gone")
	}
}

// A package that replaces another one has, for opkg, only those of its files that
// the other did not have: the service of the feed's netifyd would end, ours
// would not start, and a removal would leave the program behind.
func TestFilesThatOpkgForgets(t *testing.T) {
	j := packed(t)
	file, err := os.ReadFile(filepath.Join(j.feed("mipsel_24kc"), "netifyd-go_9.8.7-r1_mipsel_24kc.ipk"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	const list = "usr/lib/opkg/info/netifyd-go.list"
	write("lib/functions.sh", "default_postinst() { grep ^/etc/init.d/ ${IPKG_INSTROOT}/"+list+"; }\ndefault_prerm() { default_postinst; }\n")
	mine := []string{"etc/init.d/netifyd", "usr/sbin/netifyd", "etc/config/netifyd", "lib/upgrade/keep.d/netifyd"}
	for _, name := range mine {
		write(name, "")
	}
	script := func(name, upgrade string) {
		t.Helper()
		write(list, "/etc/config/netifyd\n/lib/upgrade/keep.d/netifyd\n")
		path := filepath.Join(t.TempDir(), "netifyd-go."+name)
		if err := os.WriteFile(path, member(t, member(t, file, "./control.tar.gz"), "./"+name), 0o755); err != nil {
			t.Fatal(err)
		}
		c := exec.Command("sh", path)
		c.Env = append(os.Environ(), "IPKG_INSTROOT="+root, "PKG_UPGRADE="+upgrade)
		if out, err := c.CombinedOutput(); err != nil || string(out) != "/etc/init.d/netifyd\n" {
			t.Errorf("%s: %v: the services are %q", name, err, out)
		}
	}
	there := func() (n int) {
		for _, name := range mine {
			if _, err := os.Stat(filepath.Join(root, name)); err == nil {
				n++
			}
		}
		return n
	}
	script("postinst", "0")
	if b, _ := os.ReadFile(filepath.Join(root, list)); strings.Count(string(b), "/usr/sbin/netifyd\n") != 1 || strings.Count(string(b), "keep.d") != 1 {
		t.Errorf("the list is %q", b)
	}
	script("prerm", "1")
	if there() != 4 {
		t.Error("an upgrade deletes files")
	}
	script("prerm", "0") // opkg deletes the two that it knows of
	if there() != 2 {
		t.Errorf("%d files are left, not 2", there())
	}
}

// Debian's and Red Hat's packages show what netifyd 4 had set, which the service
// does not read, and keep its identifier.
func TestMovingFromNetifyd4(t *testing.T) {
	j := packed(t)
	for _, of := range []struct{ dir, script string }{{"cross/debian", "postinst"}, {"cross/redhat", "post"}} {
		scripts, err := j.scripts(of.dir, of.script)
		if err != nil {
			t.Fatal(err)
		}
		body, rest, _ := strings.Cut(scripts[of.script], "\n)\n")
		if !strings.Contains(rest, "moving\n") {
			t.Errorf("%s: moving is not called", of.dir)
		}
		root := t.TempDir()
		for name, text := range map[string]string{
			"etc/netifyd.conf": "[netifyd]", "etc/netifyd.conf.rpmsave": "[netifyd]", "etc/netify.d/agent.uuid": "AA-BB-CC-DD\n", "etc/default/netifyd": "#NETIFYD_EXTNET=x\nNETIFYD_INTNET=\"eth1\"\n",
			"usr/sbin/netifyd": "#!/bin/sh\necho \"sections of $2, $3\"\n",
		} {
			path := filepath.Join(root, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
				t.Fatal(err)
			}
		}
		c := exec.Command("sh", "-c", body+"\n)\nmoving")
		c.Env = append(os.Environ(), "DPKG_ROOT="+root)
		out, err := c.CombinedOutput()
		for _, want := range []string{"does not read /etc/netifyd.conf", "sections of /etc/netifyd.conf, export-uci", "sections of /etc/netifyd.conf.rpmsave, export-uci", "does not read /etc/default/netifyd", "\nNETIFYD_INTNET=\"eth1\"\n"} {
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("%s: %v: %q is not in %s", of.dir, err, want, out)
			}
		}
		if strings.Contains(string(out), "EXTNET") {
			t.Errorf("%s: tells what is not set: %s", of.dir, out)
		}
		if id, err := os.ReadFile(filepath.Join(root, "var/lib/netifyd/agent.uuid")); string(id) != "AA-BB-CC-DD\n" {
			t.Errorf("%s: the identifier is %q, %v", of.dir, id, err)
		}
	}
}

// FreeBSD's packages can be installed into another root: its configuration and
// its groups are made there, and nothing on this system.
func TestFreeBSDInAnotherRoot(t *testing.T) {
	for _, of := range []struct{ install, remove, config string }{
		{freebsdInstall, freebsdRemove, "usr/local/etc/netifyd.toml"}, {ctlFreebsdInstall, ctlFreebsdRemove, "usr/local/etc/netifyd/netifyctl.toml"},
	} {
		for _, slash := range []string{"", "/"} {
			root, bin := t.TempDir(), t.TempDir()
			config := filepath.Join(root, of.config)
			// The stand-in of pw knows the group of the user alone, which has the number of our own.
			pw := fmt.Sprintf("#!/bin/sh\necho \"$*\" >>%s/asked\ncase \"$3 $4\" in 'groupshow netifyctl') echo 'netifyctl:*:%d:' ;; *show*) exit 1 ;; esac\n", bin, os.Getgid())
			if err := errors.Join(os.MkdirAll(filepath.Dir(config), 0o755), os.WriteFile(config+".sample", []byte("x"), 0o644),
				os.WriteFile(filepath.Join(bin, "pw"), []byte(pw), 0o755)); err != nil {
				t.Fatal(err)
			}
			run := func(script string) {
				t.Helper()
				c := exec.Command("sh", "-c", script)
				c.Env = append(os.Environ(), "PKG_ROOTDIR="+root+slash, "PATH="+bin+":"+os.Getenv("PATH"))
				if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
					t.Errorf("%v: %s", err, out)
				}
			}
			run(of.install)
			if _, err := os.Stat(config); err != nil {
				t.Error(err)
			}
			asked, _ := os.ReadFile(filepath.Join(bin, "asked"))
			for line := range strings.Lines(string(asked)) {
				if !strings.HasPrefix(line, "-R "+root+"/ ") {
					t.Errorf("pw %s", line)
				}
			}
			if !strings.Contains(string(asked), " groupadd netifyd\n") {
				t.Errorf("no group is made: %s", asked)
			}
			run(of.remove)
			if _, err := os.Stat(config); err == nil {
				t.Error("a configuration that was never changed stays")
			}
		}
	}
}

// Packages of one target are written beside those of others, and the feeds that
// it shares with its tiny sibling are whole.
func TestOneTargetOnly(t *testing.T) {
	j := packed(t)
	dir := filepath.Join(j.out, "packages")
	before := contents(t, dir)
	one := &job{root: j.root, out: j.out, version: "9.8.8", release: "1", time: j.time}
	if err := one.prepare([]string{"mipsle"}); err != nil {
		t.Fatal(err)
	}
	if err := one.withNeighbours(); err != nil {
		t.Fatal(err)
	}
	if err := one.pack(""); err != nil {
		t.Fatal(err)
	}
	after := contents(t, dir)
	for name, text := range before {
		if !strings.HasPrefix(name, "openwrt/mipsel_") && after[name] != text {
			t.Errorf("%s is gone or another", name)
		}
	}
	for _, name := range []string{"netifyd-go", "netifyd-go-tiny"} {
		if after["openwrt/mipsel_24kc/"+name+"_9.8.8-r1_mipsel_24kc.ipk"] == "" || after["openwrt/mipsel_24kc/"+name+"_9.8.7-r1_mipsel_24kc.ipk"] != "" {
			t.Errorf("%s: the new one is not there, or the old one is", name)
		}
		if !strings.Contains(after["openwrt/mipsel_24kc/Packages"], "Filename: "+name+"_9.8.8-r1_mipsel_24kc.ipk\n") {
			t.Errorf("the index lacks %s", name)
		}
	}
	for _, path := range one.written {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("said to be written: %v", err)
		}
	}
	if len(one.written) < 3*8 {
		t.Errorf("only %d files are said to be written", len(one.written))
	}
}

// opkg would take a package of ours whose version is above that of the feed's
// for an upgrade of it.
func TestVersionIsBelowTheFeeds(t *testing.T) {
	version, err := number("../core/version/version.go")
	if err != nil {
		t.Fatal(err)
	}
	var ours, theirs [3]int
	for text, into := range map[string]*[3]int{version: &ours, feedVersion: &theirs} {
		if _, err := fmt.Sscanf(text, "%d.%d.%d", &into[0], &into[1], &into[2]); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	if slices.Compare(ours[:], theirs[:]) >= 0 {
		t.Errorf("version %s: leave Replaces out of the ipk, and let people remove the feed's package first", version)
	}
}

// A key that was given is used, and none is made beside it.
func TestGivenKey(t *testing.T) {
	j := packed(t)
	before := contents(t, filepath.Join(j.out, "packages"))
	moved := filepath.Join(t.TempDir(), "my.key")
	for _, end := range []string{"", ".pem"} {
		if err := os.Rename(filepath.Join(j.out, "feed.key"+end), moved+end); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.pack(moved); err != nil {
		t.Fatal(err)
	}
	if after := contents(t, filepath.Join(j.out, "packages")); after["openwrt/x86_64/Packages.sig"] != before["openwrt/x86_64/Packages.sig"] {
		t.Error("the key that was given signs otherwise")
	}
	if _, err := os.Stat(filepath.Join(j.out, "feed.key")); err == nil {
		t.Error("a key was made though one was given")
	}
	if info, err := os.Stat(moved); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret key has mode %v, %v", info.Mode(), err)
	}
}

// What netifyctl brings to a router: a service that is off, and no Kafka. What it
// brings to a server: units that nobody enabled, and Kafka.
func TestCompanion(t *testing.T) {
	j := packed(t)
	all, control := ofPackage(t, j, "netifyctl_9.8.7-r1_mipsel_24kc.ipk")
	got := map[string]string{}
	for _, m := range all {
		got[m.Name] = fmt.Sprintf("%04o", m.Mode)
		if m.Name == "./usr/bin/netifyctl" && string(m.Data) != "companion of mipsle, server false" {
			t.Errorf("the binary is %q", m.Data)
		}
		if m.Name == "./etc/config/netifyctl" && strings.Contains(string(m.Data), "enabled '1'") {
			t.Error("something is enabled")
		}
	}
	for path, mode := range map[string]string{"./usr/bin/netifyctl": "0755", "./etc/init.d/netifyctl": "0755", "./etc/config/netifyctl": "0600"} {
		if got[path] != mode {
			t.Errorf("%s has mode %q, want %s", path, got[path], mode)
		}
	}
	if conf := control("./conffiles"); conf != "/etc/config/netifyctl\n" {
		t.Errorf("conffiles %q", conf)
	}
	text := control("./control")
	for _, line := range []string{"Package: netifyctl", "Depends: libc, ca-bundle", "Require-User: netifyctl:netifyd", "Architecture: mipsel_24kc"} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("dpkg-deb is not here")
	}
	root := t.TempDir()
	if out, err := exec.Command("dpkg-deb", "-R", filepath.Join(j.out, "packages/debian/netifyctl_9.8.7-1_amd64.deb"), root).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if b, _ := os.ReadFile(filepath.Join(root, "usr/bin/netifyctl")); string(b) != "companion of amd64, server true" {
		t.Errorf("the binary of the deb is %q", b)
	}
	for _, name := range []string{"usr/lib/systemd/system/netifyd-web.service", "usr/lib/systemd/system/netifyd-relay.service", "etc/default/netifyd-web", "etc/netifyd/netifyctl.toml", "usr/share/man/man1/netifyctl.1.gz"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	if b, _ := os.ReadFile(filepath.Join(root, "DEBIAN/conffiles")); string(b) != "/etc/default/netifyd-web\n/etc/netifyd/netifyctl.toml\n" {
		t.Errorf("conffiles of the deb: %q", b)
	}
}
