package main

import (
	"fmt"
	"strings"

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

// tablesPart is the package of these files.
func (j *job) tablesPart() (part, error) {
	files, err := j.tablesTree()
	if err != nil {
		return part{}, err
	}
	names := []string{}
	for _, f := range files.Files {
		names = append(names, strings.TrimPrefix(f.Path, tablesDir))
	}
	list := strings.Join(names, " ")
	return part{name: tablesPackage, text: tablesSummary, section: "net", files: files, in: fmt.Sprintf(tablesIn, list), out: fmt.Sprintf(tablesOut, list)}, nil
}
