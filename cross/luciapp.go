package main

import (
	"fmt"
	"os"
	"path/filepath"

	"netifyd/cross/adb"
	"netifyd/cross/feed"
	"netifyd/cross/ipk"
	"netifyd/cross/luci"
	"netifyd/cross/tree"
)

// luciMax is the budget of the pages' ipk in bytes; 23 KB on 2026-11-30.
const luciMax = 32 << 10

// luciRefresh makes LuCI look for pages and rights anew, as luci.mk does.
const luciRefresh = `#!/bin/sh
[ -n "${IPKG_INSTROOT}" ] || {
	rm -f /tmp/luci-indexcache.*
	rm -rf /tmp/luci-modulecache/
	/etc/init.d/rpcd reload
	exit 0
}
`

// part is a package of files that every architecture reads.
type part struct {
	name, text string
	depends    []string
	files      *tree.Tree
}

// pages are LuCI's pages and their translations.
func (j *job) pages() ([]part, error) {
	dir := filepath.Join(j.root, "openwrt", "luci-app-netifyd")
	files, err := luci.Files(dir, j.time)
	if err != nil {
		return nil, err
	}
	all := []part{{"luci-app-netifyd", "LuCI: who uses what, and the settings of netifyd", []string{"luci-base", agent}, files}}
	for _, lang := range []string{"de", "fr"} {
		data, err := os.ReadFile(filepath.Join(dir, "po", lang, "netifyd.po"))
		if err != nil {
			return nil, err
		}
		messages, err := luci.ReadPO(data)
		if err != nil {
			return nil, fmt.Errorf("po/%s/netifyd.po: %w", lang, err)
		}
		t := &tree.Tree{Time: j.time}
		t.Add("/usr/lib/lua/luci/i18n/netifyd."+lang+".lmo", 0o644, luci.LMO(messages))
		all = append(all, part{"luci-i18n-netifyd-" + lang, "Translation of luci-app-netifyd: " + lang, []string{"luci-app-netifyd"}, t})
	}
	return all, nil
}

// anywhere adds such a package to the feed of an architecture.
func (j *job) anywhere(arch string, o *offer, x *part) error {
	version := j.version + "-r" + j.release
	list := "libc"
	for _, d := range x.depends {
		list += ", " + d
	}
	p := &ipk.Package{Name: x.name, Version: version, Arch: "all", Description: x.text, Tree: x.files, Scripts: map[string]string{"postinst": luciRefresh}, Fields: []ipk.Field{
		{Name: "Depends", Value: list}, {Name: "License", Value: license}, {Name: "Section", Value: "luci"},
		{Name: "SourceDateEpoch", Value: fmt.Sprint(j.time.Unix())}, {Name: "URL", Value: homepage}, {Name: "Maintainer", Value: maintainer}}}
	b, err := j.write(j.feed(arch), p)
	if err != nil {
		return err
	}
	if x.name == "luci-app-netifyd" && len(b) > luciMax {
		return fmt.Errorf("%s has %d bytes, its budget is %d: make the pages smaller", p.File(), len(b), luciMax)
	}
	control, err := p.Text()
	if err != nil {
		return err
	}
	o.ipk = append(o.ipk, feed.Entry{File: p.File(), Control: control, Data: b})
	a := &adb.Package{Name: x.name, Version: version, Arch: "noarch", Description: x.text, License: license, Origin: origin, Maintainer: maintainer, URL: homepage,
		Depends: append([]string{"libc"}, x.depends...), Tree: x.files, Scripts: map[string]string{"post-install": luciRefresh, "post-upgrade": luciRefresh}}
	if b, err = j.write(j.feed(arch), a); err != nil {
		return err
	}
	o.apk.Packages, o.apk.Sizes = append(o.apk.Packages, a), append(o.apk.Sizes, int64(len(b)))
	return nil
}
