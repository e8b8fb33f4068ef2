package main

import (
	"path/filepath"

	"netifyd/cross/rpm"
	"netifyd/cross/target"
)

// redhatArch is how rpm names the architecture; empty: there is no rpm for it.
func redhatArch(t *target.Target) string {
	return map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[t.Debian]
}

// redhatFiles are installed beside the agent on RHEL, CentOS, Fedora and openSUSE.
var redhatFiles = []source{
	{"init.d/netifyd.service", "/usr/lib/systemd/system/netifyd.service", 0o644, false},
	{"LICENSE", "/usr/share/licenses/netifyd/LICENSE", 0o644, false},
}

// redhat writes the rpm of one architecture, with the same unit, configuration
// and manuals as the deb.
func (j *job) redhat(t *target.Target) error {
	files, err := j.tree(t, "/usr/sbin/netifyd", redhatFiles)
	if err != nil {
		return err
	}
	if err := j.manuals(files); err != nil {
		return err
	}
	files.Add("/etc/netifyd/apps.d/", 0o755, nil)
	if err := j.confinedConfig(files); err != nil {
		return err
	}
	p := &rpm.Package{Name: "netifyd", Version: j.version, Release: j.release, Arch: redhatArch(t), Maintainer: maintainer, Homepage: homepage, License: license,
		Summary: "Passive deep packet inspection agent", Description: description, Changelog: j.redhatChangelog(), Tree: files,
		// Programs by their paths: their packages have other names on openSUSE.
		Depends: []string{"/usr/sbin/useradd", "/usr/sbin/groupadd", "systemd"}}
	if p.Scripts, err = j.scripts("cross/redhat", "pre", "post", "preun", "postun"); err != nil {
		return err
	}
	_, err = j.write(filepath.Join(j.out, "packages", "rpm"), p)
	return err
}

func (j *job) redhatChangelog() string {
	return "- semver: " + j.version + "-" + j.release + "\n  date: " + j.time.Format("2006-01-02T15:04:05Z07:00") + "\n  packager: " + maintainer +
		"\n  changes:\n    - note: See CHANGELOG.md for what changed in netifyd\n"
}
