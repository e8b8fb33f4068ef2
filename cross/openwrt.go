package main

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"netifyd/cross/adb"
	"netifyd/cross/feed"
	"netifyd/cross/ipk"
	"netifyd/cross/target"
	"netifyd/cross/tree"
)

// openwrtFiles are installed on a router beside the agent. The configuration
// is readable by root alone, as OpenWrt installs every one.
var openwrtFiles = []source{
	{"init.d/netifyd.init", "/etc/init.d/netifyd", 0o755, false},
	{"uci/netifyd.config", "/etc/config/netifyd", 0o600, true},
	{"init.d/netifyd.defaults", "/etc/uci-defaults/50_netifyd", 0o755, false},
	{"init.d/netifyd.capabilities", "/etc/capabilities/netifyd.json", 0o644, false},
	{"init.d/netifyd.capabilities-bpf", "/etc/capabilities/netifyd-bpf.json", 0o644, false},
	{"init.d/netifyd.acl", "/usr/share/acl.d/netifyd.json", 0o644, false},
	{"openwrt/netifyd/netifyd.keep", "/lib/upgrade/keep.d/netifyd", 0o644, false},
}

// feed is the folder of an architecture's feed.
func (j *job) feed(arch string) string { return filepath.Join(j.out, "packages", "openwrt", arch) }

// offer is what the feed of an architecture offers, in both formats.
type offer struct {
	ipk []feed.Entry
	apk adb.Index
}

// default_postinst and default_prerm make users, enable, start and stop.
const (
	postinst = `#!/bin/sh
[ "${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
default_postinst $0 $@
`
	prerm = `#!/bin/sh
[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
default_prerm $0 $@
`
	// Where a package replaces another that has files of the same paths, opkg
	// deletes the other's and forgets them: they are not in the list of ours, by
	// which the service is started, stopped and removed. takeBack puts them there;
	// its arguments are the package and its files. What opkg itself has not noted
	// it does not delete either, so the script that runs before a removal does.
	takeBack = `list=${IPKG_INSTROOT}/usr/lib/opkg/info/%s.list forgotten=
[ ! -s "$list" ] || for file in %s; do
	grep -qxF $file "$list" || { echo $file >>"$list"; forgotten="$forgotten $file"; }
done
`
	deleteForgotten = `code=$?
[ "$PKG_UPGRADE" = 1 ] || for file in $forgotten; do rm -f "${IPKG_INSTROOT}$file"; done
exit $code
`
	// apkScript takes the name of the package, what is done before, and the function.
	apkScript = `#!/bin/sh
[ "${IPKG_NO_SCRIPT}" = "1" ] && exit 0
[ -s ${IPKG_INSTROOT}/lib/functions.sh ] || exit 0
. ${IPKG_INSTROOT}/lib/functions.sh
export root="${IPKG_INSTROOT}"
export pkgname="%s"
%s
`
)

// openwrt writes the ipk and the apk of one architecture.
func (j *job) openwrt(t *target.Target, arch string, o *offer) error {
	files, err := j.tree(t, "/usr/sbin/netifyd", openwrtFiles)
	if err != nil {
		return err
	}
	return o.add(j, arch, j.ipk(t, arch, files), j.apk(t, arch, files))
}

func (j *job) ipk(t *target.Target, arch string, files *tree.Tree) *ipk.Package {
	control := []ipk.Field{{Name: "Depends", Value: "libc"}, {Name: "Conflicts", Value: feeds + ", " + sibling(t)}, {Name: "Provides", Value: feeds + ", " + agent}, {Name: "Replaces", Value: feeds}}
	control = append(control,
		ipk.Field{Name: "Source", Value: origin}, ipk.Field{Name: "SourceName", Value: t.Package()}, ipk.Field{Name: "License", Value: license},
		ipk.Field{Name: "Section", Value: "net"}, ipk.Field{Name: "Require-User", Value: "netifyd:netifyd"}, ipk.Field{Name: "SourceDateEpoch", Value: fmt.Sprint(j.time.Unix())},
		ipk.Field{Name: "URL", Value: homepage}, ipk.Field{Name: "Maintainer", Value: maintainer})
	back := fmt.Sprintf(takeBack, t.Package(), strings.Join(notConf(files), " "))
	return &ipk.Package{Name: t.Package(), Version: j.version + "-r" + j.release, Arch: arch, Fields: control, Description: short(t) + "\n" + description, Tree: files,
		Scripts: map[string]string{"postinst": afterFirstLine(postinst, back), "prerm": afterFirstLine(prerm, back) + deleteForgotten}}
}

// afterFirstLine puts text below the line that names the shell.
func afterFirstLine(script, text string) string {
	first, rest, _ := strings.Cut(script, "\n")
	return first + "\n" + text + rest
}

// notConf are the files that are not the user's.
func notConf(files *tree.Tree) []string {
	conf := files.Conf()
	return slices.DeleteFunc(files.Regular(), func(name string) bool { return slices.Contains(conf, name) })
}

// origin is the folder of a feed in which the packages are described.
const origin = "feeds/packages/net/netifyd-go"

// feeds is the package of OpenWrt's feed, which has files of the same names. It
// gives way to ours, and what needs it is content with ours. opkg does not only
// remove what a package replaces, it also takes the one for a newer version of
// the other: so ours do not replace each other, and must stay below feedVersion
// as long as they replace this one.
const (
	feeds       = "netifyd"
	feedVersion = "4.4.7"
)

// agent is what both of our packages are to those that need one of them.
const agent = "netifyd-agent"

// sibling is our other package, whose files are the same: the two cannot be
// installed together.
func sibling(t *target.Target) string {
	other := target.Target{Tags: "tiny"}
	if t.Tiny() {
		other.Tags = ""
	}
	return other.Package()
}

func short(t *target.Target) string {
	if t.Tiny() {
		return summary + ", for 8 MB of flash"
	}
	return summary
}

// apk is the same package for apk: what opkg reads from the control archive
// is installed as files of /lib/apk/packages.
func (j *job) apk(t *target.Target, arch string, files *tree.Tree) *adb.Package {
	name := t.Package()
	p := &adb.Package{Name: name, Version: j.version + "-r" + j.release, Arch: arch, Description: short(t), License: license, Origin: origin,
		Maintainer: maintainer, URL: homepage, Depends: []string{"libc"}, Tree: apkTree(files, name, "netifyd:netifyd"), Scripts: apkScripts(name)}
	p.Provides, p.Replaces = []string{feeds + "=" + p.Version, agent + "=" + p.Version}, []string{feeds}
	p.Depends = append(p.Depends, "!"+feeds, "!"+sibling(t))
	return p
}

// apkTree adds the files in which OpenWrt keeps what apk has no place for.
func apkTree(files *tree.Tree, name, users string) *tree.Tree {
	all := &tree.Tree{Time: files.Time, Files: append([]tree.File{}, files.Files...)}
	var static strings.Builder
	for _, f := range files.Files {
		if f.Conf {
			fmt.Fprintf(&static, "%s %x\n", f.Path, sha256.Sum256(f.Data))
		}
	}
	const dir = "/lib/apk/packages/"
	all.Add(dir+name+".conffiles", 0o644, []byte(strings.Join(files.Conf(), "\n")+"\n"))
	all.Add(dir+name+".conffiles_static", 0o644, []byte(static.String()))
	all.Add(dir+name+".rusers", 0o644, []byte(users+"\n"))
	all.Add(dir+name+".list", 0o644, []byte(strings.Join(files.Regular(), "\n")+"\n"))
	return all
}

// apkScripts are run by apk as the others are by opkg.
func apkScripts(name string) map[string]string {
	return map[string]string{
		"post-install":  fmt.Sprintf(apkScript, name, "add_group_and_user\ndefault_postinst"),
		"post-upgrade":  fmt.Sprintf(apkScript, name, "export PKG_UPGRADE=1\nadd_group_and_user\ndefault_postinst"),
		"pre-deinstall": fmt.Sprintf(apkScript, name, "default_prerm"),
	}
}
