package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"netifyd/cross/adb"
	"netifyd/cross/feed"
	"netifyd/cross/ipk"
	"netifyd/cross/tree"
)

// tablesPackage has the files by which other programs join numbers with names.
// It is a package of its own, for every architecture: docs/decisions/111-tables.md.
const (
	tablesPackage = "netifyd-go-tables"
	tablesDir     = "/usr/share/netifyd/"
	tablesSummary = "names of netifyd's applications and protocols, for other programs"
)

// Programs look for the files in /etc/netifyd, which sysupgrade keeps. There they
// are links: what is kept must not be older than the firmware.
const (
	tablesIn = `#!/bin/sh
mkdir -p "${IPKG_INSTROOT}/etc/netifyd"
for name in %[1]s; do
	link=${IPKG_INSTROOT}/etc/netifyd/$name
	[ -e "$link" ] || ln -sf "/usr/share/netifyd/$name" "$link"
done
exit 0
`
	tablesOut = `#!/bin/sh
for name in %[1]s; do
	link=${IPKG_INSTROOT}/etc/netifyd/$name
	[ "$(readlink "$link")" != "/usr/share/netifyd/$name" ] || rm "$link"
done
exit 0
`
)

// tablesTree has the files, made once.
func (j *job) tablesTree() (*tree.Tree, error) {
	if j.tabled == nil {
		files := &tree.Tree{Time: j.time}
		if err := j.tables(files, tablesDir); err != nil {
			return nil, err
		}
		j.tabled = files
	}
	return j.tabled, nil
}

// tablesFiles are the two packages, which are the same in every feed.
type tablesFiles struct {
	ipk   feed.Entry
	apk   *adb.Package
	bytes []byte // of the apk
}

// openwrtTables writes the ipk and the apk into the feed of an architecture.
func (j *job) openwrtTables(arch string, o *offer) error {
	if j.named == nil {
		made, err := j.makeTables()
		if err != nil {
			return err
		}
		j.named = made
	}
	n := j.named
	if err := j.save(j.feed(arch), n.ipk.File, n.ipk.Data); err != nil {
		return err
	}
	o.ipk = append(o.ipk, n.ipk)
	o.apk.Packages, o.apk.Sizes = append(o.apk.Packages, n.apk), append(o.apk.Sizes, int64(len(n.bytes)))
	return j.save(j.feed(arch), n.apk.File(), n.bytes)
}

func (j *job) makeTables() (*tablesFiles, error) {
	files, err := j.tablesTree()
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, f := range files.Files {
		names = append(names, strings.TrimPrefix(f.Path, tablesDir))
	}
	in, out := fmt.Sprintf(tablesIn, strings.Join(names, " ")), fmt.Sprintf(tablesOut, strings.Join(names, " "))
	p := &ipk.Package{Name: tablesPackage, Version: j.version + "-r" + j.release, Arch: "all", Description: tablesSummary, Tree: files,
		Fields: []ipk.Field{{Name: "Source", Value: origin}, {Name: "SourceName", Value: tablesPackage}, {Name: "License", Value: license}, {Name: "Section", Value: "net"},
			{Name: "SourceDateEpoch", Value: fmt.Sprint(j.time.Unix())}, {Name: "URL", Value: homepage}, {Name: "Maintainer", Value: maintainer}},
		Scripts: map[string]string{"postinst": in, "prerm": out}}
	all := &tree.Tree{Time: files.Time, Files: append([]tree.File{}, files.Files...)}
	all.Add("/lib/apk/packages/"+tablesPackage+".list", 0o644, []byte(strings.Join(files.Regular(), "\n")+"\n"))
	a := &adb.Package{Name: tablesPackage, Version: p.Version, Arch: "noarch", Description: tablesSummary, License: license, Origin: origin, Maintainer: maintainer, URL: homepage,
		Tree: all, Scripts: map[string]string{"post-install": in, "post-upgrade": in, "pre-deinstall": out}}
	text, err := p.Text()
	if err != nil {
		return nil, err
	}
	var b, c bytes.Buffer
	if err := errors.Join(p.Write(&b), a.Write(&c)); err != nil {
		return nil, err
	}
	return &tablesFiles{feed.Entry{File: p.File(), Control: text, Data: b.Bytes()}, a, c.Bytes()}, nil
}
