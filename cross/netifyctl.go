package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"netifyd/cross/adb"
	"netifyd/cross/deb"
	"netifyd/cross/freebsd"
	"netifyd/cross/ipk"
	"netifyd/cross/rpm"
	"netifyd/cross/target"
	"netifyd/cross/tree"
)

// What the packages of the companion say of themselves.
const (
	ctlSummary     = "what netifyd sees, told to others"
	ctlDescription = `Netifyctl reads what the agent netifyd sees, as any client does: a web page
with metrics, and a relay to brokers, web servers, logs and syslog.
Nothing is started before the administrator says so.`
	ctlPath = "/usr/bin/netifyctl"
)

// companion is where netifyctl of a target is written. Servers get one with
// Kafka; routers do without.
func (j *job) companion(t *target.Target, server bool) string {
	name := "netifyctl-" + t.Name
	if server {
		name += "-server"
	}
	return filepath.Join(j.out, name)
}

// isRouter and isServer tell who gets the companion of a target.
func isRouter(t *target.Target) bool { return t.MaxCompanion > 0 && len(t.OpenWrt) > 0 }
func isServer(t *target.Target) bool {
	return t.MaxCompanion > 0 && (t.Debian != "" || t.OS == "freebsd")
}

// buildCompanion compiles netifyctl as it is packed.
func (j *job) buildCompanion(t *target.Target) error {
	for server, wanted := range map[bool]bool{false: isRouter(t), true: isServer(t)} {
		if !wanted {
			continue
		}
		out, err := filepath.Abs(j.companion(t, server))
		if err != nil {
			return err
		}
		tags := map[bool]string{true: "kafka"}[server]
		err = j.gotool(t, "build", "-trimpath", "-buildvcs=false", "-tags", tags, "-ldflags", "-s -w -buildid= -X netifyd/core/version.Number="+j.version, "-o", out, "./cmd/netifyctl").Run()
		if err != nil {
			return fmt.Errorf("netifyctl for %s: %w", t.Name, err)
		}
	}
	return nil
}

// packCompanion writes the packages of netifyctl for a target, into the feeds too.
func (j *job) packCompanion(t *target.Target, feeds map[string]*offer) error {
	if isRouter(t) {
		for _, arch := range t.OpenWrt {
			if err := j.ctlOpenwrt(t, arch, feeds[arch]); err != nil {
				return err
			}
		}
	}
	if !isServer(t) {
		return nil
	}
	if t.OS == "freebsd" {
		return j.ctlFreebsd(t)
	}
	if err := j.ctlDebian(t); err != nil || redhatArch(t) == "" {
		return err
	}
	return j.ctlRedhat(t)
}

var ctlOpenwrtFiles = []source{
	{"init.d/netifyctl.init", "/etc/init.d/netifyctl", 0o755, false},
	{"uci/netifyctl.config", "/etc/config/netifyctl", 0o600, true},
}

func (j *job) ctlOpenwrt(t *target.Target, arch string, o *offer) error {
	files, err := j.treeOf(j.companion(t, false), ctlPath, ctlOpenwrtFiles)
	if err != nil {
		return err
	}
	const name, users = "netifyctl", "netifyctl:netifyd"
	depends := []string{"libc", "ca-bundle"}
	p := &ipk.Package{Name: name, Version: j.version + "-r" + j.release, Arch: arch, Description: ctlSummary + "\n" + ctlDescription, Tree: files,
		Scripts: map[string]string{"postinst": postinst, "prerm": prerm}, Fields: []ipk.Field{
			{Name: "Depends", Value: strings.Join(depends, ", ")}, {Name: "Source", Value: origin}, {Name: "SourceName", Value: name}, {Name: "License", Value: license},
			{Name: "Section", Value: "net"}, {Name: "Require-User", Value: users}, {Name: "SourceDateEpoch", Value: fmt.Sprint(j.time.Unix())},
			{Name: "URL", Value: homepage}, {Name: "Maintainer", Value: maintainer}}}
	a := &adb.Package{Name: name, Version: p.Version, Arch: arch, Description: ctlSummary, License: license, Origin: origin, Maintainer: maintainer, URL: homepage,
		Depends: depends, Tree: apkTree(files, name, users), Scripts: apkScripts(name)}
	return o.add(j, arch, p, a)
}

var ctlLinuxFiles = []source{
	{"init.d/netifyd-web.service", "/usr/lib/systemd/system/netifyd-web.service", 0o644, false},
	{"init.d/netifyd-relay.service", "/usr/lib/systemd/system/netifyd-relay.service", 0o644, false},
	{"init.d/netifyctl.toml", "/etc/netifyd/netifyctl.toml", 0o640, true},
	{"init.d/netifyd-web.default", "/etc/default/netifyd-web", 0o644, true},
}

// ctlDocuments are installed where people look for them.
var ctlDocuments = []string{"docs/relay.md", "docs/web.md", "docs/home-assistant.md", "docs/grafana.md"}

// ctlManuals adds the manual page and the documents.
func (j *job) ctlManuals(files *tree.Tree) error {
	z, err := zipped(filepath.Join(j.root, "docs/man/netifyctl.1"))
	if err != nil {
		return err
	}
	files.Add("/usr/share/man/man1/netifyctl.1.gz", 0o644, z)
	for _, d := range ctlDocuments {
		b, err := os.ReadFile(filepath.Join(j.root, d))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		files.Add("/usr/share/doc/netifyctl/"+filepath.Base(d), 0o644, b)
	}
	return nil
}

func (j *job) ctlDebian(t *target.Target) error {
	files, err := j.treeOf(j.companion(t, true), ctlPath, append([]source{
		{"cross/debian/copyright", "/usr/share/doc/netifyctl/copyright", 0o644, false},
		{"cross/debian/netifyctl/overrides", "/usr/share/lintian/overrides/netifyctl", 0o644, false},
	}, ctlLinuxFiles...))
	if err != nil {
		return err
	}
	if err := j.ctlManuals(files); err != nil {
		return err
	}
	z, err := tree.Gzip([]byte(j.debianChangelog("netifyctl", j.version)))
	if err != nil {
		return err
	}
	files.Add("/usr/share/doc/netifyctl/changelog.Debian.gz", 0o644, z)
	p := &deb.Package{Name: "netifyctl", Version: j.version, Release: j.release, Arch: t.Debian, Maintainer: maintainer, Homepage: homepage,
		Description: ctlSummary + "\n" + ctlDescription, Recommends: []string{"netifyd", "ca-certificates"}, Tree: files}
	if p.Scripts, err = j.scripts("cross/debian/netifyctl", "postinst", "prerm", "postrm"); err != nil {
		return err
	}
	_, err = j.write(filepath.Join(j.out, "packages", "debian"), p)
	return err
}

func (j *job) ctlRedhat(t *target.Target) error {
	files, err := j.treeOf(j.companion(t, true), ctlPath, append([]source{{"LICENSE", "/usr/share/licenses/netifyctl/LICENSE", 0o644, false}}, ctlLinuxFiles...))
	if err != nil {
		return err
	}
	if err := j.ctlManuals(files); err != nil {
		return err
	}
	p := &rpm.Package{Name: "netifyctl", Version: j.version, Release: j.release, Arch: redhatArch(t), Maintainer: maintainer, Homepage: homepage, License: license,
		Summary: "What netifyd sees, told to others", Description: ctlDescription, Changelog: j.redhatChangelog(), Tree: files,
		Depends: []string{"/usr/sbin/useradd", "/usr/sbin/groupadd", "systemd"}}
	if p.Scripts, err = j.scripts("cross/redhat/netifyctl", "pre", "post", "preun", "postun"); err != nil {
		return err
	}
	_, err = j.write(filepath.Join(j.out, "packages", "rpm"), p)
	return err
}

// scripts reads what a package runs.
func (j *job) scripts(dir string, names ...string) (map[string]string, error) {
	out := map[string]string{}
	moving, err := os.ReadFile(filepath.Join(j.root, "cross/moving.sh"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(j.root, dir, name))
		if err != nil {
			return nil, err
		}
		out[name] = strings.Replace(string(text), "# moving.sh\n", string(moving), 1)
	}
	return out, nil
}

var ctlFreebsdFiles = []source{
	{"init.d/netifyd_web.rc", "/usr/local/etc/rc.d/netifyd_web", 0o755, false},
	{"init.d/netifyd_relay.rc", "/usr/local/etc/rc.d/netifyd_relay", 0o755, false},
	{"init.d/netifyctl.toml", "/usr/local/etc/netifyd/netifyctl.toml.sample", 0o644, false},
	{"docs/man/netifyctl.1", "/usr/local/share/man/man1/netifyctl.1", 0o644, false},
	{"LICENSE", "/usr/local/share/licenses/netifyctl/LICENSE", 0o644, false},
}

// The configuration is copied from its sample as that of the agent is. It may
// hold passwords.
const (
	ctlFreebsdInstall = `root=${PKG_ROOTDIR%/}
pw -R "$root/" groupshow netifyd >/dev/null 2>&1 || pw -R "$root/" groupadd netifyd
pw -R "$root/" usershow netifyctl >/dev/null 2>&1 || pw -R "$root/" useradd netifyctl -G netifyd -c "netifyctl" -d /nonexistent -s /usr/sbin/nologin
cd "$root/usr/local/etc/netifyd" || exit 0
if [ ! -e netifyctl.toml ]; then
	cp -p netifyctl.toml.sample netifyctl.toml
	chgrp "$(pw -R "$root/" groupshow netifyctl | cut -d: -f3)" netifyctl.toml
	chmod 640 netifyctl.toml
fi
`
	ctlFreebsdRemove = `cd "${PKG_ROOTDIR%/}/usr/local/etc/netifyd" || exit 0
[ "${PKG_UPGRADE}" ] && exit 0
cmp -s netifyctl.toml netifyctl.toml.sample && rm -f netifyctl.toml
exit 0
`
	ctlFreebsdMessage = `The web page: sysrc netifyd_web_enable=YES && service netifyd_web start
The relay: edit /usr/local/etc/netifyd/netifyctl.toml, then
sysrc netifyd_relay_enable=YES && service netifyd_relay start
`
)

func (j *job) ctlFreebsd(t *target.Target) error {
	files, err := j.treeOf(j.companion(t, true), "/usr/local/bin/netifyctl", ctlFreebsdFiles)
	if err != nil {
		return err
	}
	arch := freebsdArch(t)
	_, err = j.write(filepath.Join(j.out, "packages", "freebsd", arch), &freebsd.Package{
		Name: "netifyctl", Version: j.version, Origin: "net/netifyctl", Comment: ctlSummary, Description: ctlDescription, Maintainer: address(), WWW: homepage, License: "APACHE20",
		Arch: arch, Categories: []string{"net"}, Tree: files, Message: ctlFreebsdMessage,
		Scripts: map[string]string{"post-install": ctlFreebsdInstall, "pre-deinstall": ctlFreebsdRemove},
	})
	return err
}
