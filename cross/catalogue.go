package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"netifyd/cross/deb"
	"netifyd/cross/freebsd"
	"netifyd/cross/rpm"
	"netifyd/cross/tree"
)

// The catalogue of applications as a package of its own, by which agents that
// run get a newer one: docs/catalogue.md. Its version is the catalogue's day.
const (
	cataloguePackage     = "netifyd-catalogue"
	cataloguePath        = "/usr/share/netifyd/catalogue.bin"
	catalogueFreeBSDPath = "/usr/local/share/netifyd/catalogue.bin"
	catalogueSummary     = "catalogue of applications for netifyd, newer than the one built in"
)

// A running agent takes the new catalogue when it reads its files again.
const catalogueIn = `#!/bin/sh
[ -n "${IPKG_INSTROOT}" ] || /etc/init.d/netifyd reload >/dev/null 2>&1
exit 0
`

const catalogueInDebian = `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
	systemctl try-reload-or-restart netifyd.service >/dev/null 2>&1 || true
fi
`

// FreeBSD's pkg(8) sets PKG_ROOTDIR where it installs into another root.
const catalogueInFreeBSD = `[ "${PKG_ROOTDIR:-/}" = / ] || exit 0
service netifyd onestatus >/dev/null 2>&1 && service netifyd onereload >/dev/null 2>&1
exit 0
`

// cataloguePart is the package for OpenWrt.
func (j *job) cataloguePart() (part, error) {
	files, version, err := j.catalogueTree(cataloguePath)
	if err != nil {
		return part{}, err
	}
	return part{name: cataloguePackage, version: version, text: catalogueSummary, section: "net", files: files, in: catalogueIn}, nil
}

// catalogueTree has the file at path, and its day as a version: 2026.12.31.
func (j *job) catalogueTree(path string) (*tree.Tree, string, error) {
	dir := filepath.Join(j.root, "detect", "app")
	data, err := os.ReadFile(filepath.Join(dir, "catalogue.bin"))
	if err != nil {
		return nil, "", err
	}
	day, err := os.ReadFile(filepath.Join(dir, "catalogue", "date"))
	if err != nil {
		return nil, "", err
	}
	files := &tree.Tree{Time: j.time}
	files.Add(path, 0o644, data)
	return files, strings.ReplaceAll(strings.TrimSpace(string(day)), "-", "."), nil
}

// catalogueDebian writes the deb, which is the same for every architecture, into dir.
func (j *job) catalogueDebian(dir string) error {
	files, version, err := j.catalogueTree(cataloguePath)
	if err != nil {
		return err
	}
	copyright, err := os.ReadFile(filepath.Join(j.root, "cross", "debian", "copyright"))
	if err != nil {
		return err
	}
	files.Add("/usr/share/doc/"+cataloguePackage+"/copyright", 0o644, copyright)
	changes, err := tree.Gzip([]byte(j.debianChangelog(cataloguePackage, version)))
	if err != nil {
		return err
	}
	files.Add("/usr/share/doc/"+cataloguePackage+"/changelog.Debian.gz", 0o644, changes)
	p := &deb.Package{Name: cataloguePackage, Version: version, Day: true, Release: j.release, Arch: "all", Maintainer: maintainer, Homepage: homepage,
		Description: catalogueSummary + "\nAn agent that runs takes it at once where it is newer than its own.", Tree: files,
		Scripts: map[string]string{"postinst": catalogueInDebian, "postrm": catalogueInDebian}}
	_, err = j.write(dir, p)
	return err
}

// catalogueRedhat writes the rpm, which is the same for every architecture, into dir.
func (j *job) catalogueRedhat(dir string) error {
	files, version, err := j.catalogueTree(cataloguePath)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(j.root, "LICENSE"))
	if err != nil {
		return err
	}
	files.Add("/usr/share/licenses/"+cataloguePackage+"/LICENSE", 0o644, text)
	p := &rpm.Package{Name: cataloguePackage, Version: version, Day: true, Release: j.release, Arch: "noarch", Maintainer: maintainer, Homepage: homepage, License: license,
		Summary: catalogueSummary, Description: catalogueSummary + ".\nAn agent that runs takes it at once where it is newer than its own.", Tree: files,
		Scripts: map[string]string{"post": catalogueInDebian, "postun": catalogueInDebian}}
	_, err = j.write(dir, p)
	return err
}

// catalogueFreeBSD writes the pkg, which is the same for every architecture, into dir.
func (j *job) catalogueFreeBSD(dir string) error {
	files, version, err := j.catalogueTree(catalogueFreeBSDPath)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(j.root, "LICENSE"))
	if err != nil {
		return err
	}
	files.Add("/usr/local/share/licenses/"+cataloguePackage+"/LICENSE", 0o644, text)
	_, err = j.write(dir, &freebsd.Package{
		Name: cataloguePackage, Version: version, Origin: "net/" + cataloguePackage, Comment: catalogueSummary,
		Description: catalogueSummary + ".\nAn agent that runs takes it at once where it is newer than its own.",
		Maintainer:  address(), WWW: homepage, License: "APACHE20", Categories: []string{"net"}, Tree: files,
		Scripts: map[string]string{"post-install": catalogueInFreeBSD, "post-deinstall": catalogueInFreeBSD},
	})
	return err
}

// catalogue writes the packages of the catalogue alone, and lists them.
func (j *job) catalogue() error {
	dir := filepath.Join(j.out, "packages", "catalogue")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	x, err := j.cataloguePart()
	if err != nil {
		return err
	}
	made, err := j.same(&x)
	if err != nil {
		return err
	}
	if err := j.save(dir, made.ipk.File, made.ipk.Data); err != nil {
		return err
	}
	if err := j.save(dir, made.apk.File(), made.bytes); err != nil {
		return err
	}
	if err := j.catalogueDebian(dir); err != nil {
		return err
	}
	if err := j.catalogueRedhat(dir); err != nil {
		return err
	}
	if err := j.catalogueFreeBSD(dir); err != nil {
		return err
	}
	for _, path := range j.written {
		fmt.Println(path)
	}
	return nil
}
