package main

import (
	"os"
	"path/filepath"

	"netifyd/cross/freebsd"
	"netifyd/cross/target"
)

var freebsdFiles = []source{
	{"init.d/netifyd.rc", "/usr/local/etc/rc.d/netifyd", 0o755, false},
	{"init.d/netifyd.toml", "/usr/local/etc/netifyd.toml.sample", 0o644, false},
	{"docs/man/netifyd.8", "/usr/local/share/man/man8/netifyd.8", 0o644, false},
	{"LICENSE", "/usr/local/share/licenses/netifyd/LICENSE", 0o644, false},
}

// The configuration is copied from its sample, unless there is one, and goes
// again when it was never changed: what ports do by @sample. With pkg -r,
// PKG_ROOTDIR is the other root, with or without a slash at its end.
const (
	freebsdInstall = `root=${PKG_ROOTDIR%/}
cd "$root/usr/local/etc" || exit 0
[ -e netifyd.toml ] || cp -p netifyd.toml.sample netifyd.toml
pw -R "$root/" groupshow netifyd >/dev/null 2>&1 || pw -R "$root/" groupadd netifyd
`
	freebsdRemove = `cd "${PKG_ROOTDIR%/}/usr/local/etc" || exit 0
[ "${PKG_UPGRADE}" ] && exit 0
cmp -s netifyd.toml netifyd.toml.sample && rm -f netifyd.toml
exit 0
`
	freebsdMessage = `Start it with: sysrc netifyd_enable=YES && service netifyd start
The configuration is /usr/local/etc/netifyd.toml.
`
)

func (j *job) freebsd(t *target.Target) error {
	files, err := j.tree(t, "/usr/local/sbin/netifyd", freebsdFiles)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(j.root, "init.d/netifyd.toml"))
	if err != nil {
		return err
	}
	files.Add("/usr/local/share/man/man5/netifyd.toml.5", 0o644, []byte(manual(string(text))))
	if err := j.tables(files, "/usr/local/share/netifyd/"); err != nil {
		return err
	}
	arch := freebsdArch(t)
	_, err = j.write(filepath.Join(j.out, "packages", "freebsd", arch), &freebsd.Package{
		Name: "netifyd", Version: j.version, Origin: "net/netifyd", Comment: summary, Description: description, Maintainer: address(), WWW: homepage, License: "APACHE20",
		Arch: arch, Categories: []string{"net"}, Tree: files, Message: freebsdMessage,
		Scripts: map[string]string{"post-install": freebsdInstall, "pre-deinstall": freebsdRemove},
	})
	return err
}

// freebsdArch is how FreeBSD names the architecture.
func freebsdArch(t *target.Target) string {
	return map[string]string{"amd64": "amd64", "arm64": "aarch64"}[t.Arch]
}
