// Package deb writes packages for Debian and Raspberry Pi OS.
package deb

import (
	"io"
	"os"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"

	"netifyd/cross/stage"
	"netifyd/cross/tree"
)

// Package is a deb to write.
type Package struct {
	Name, Version, Release, Arch string // Arch as Debian names it
	Maintainer, Homepage         string
	Description                  string // its first line is the short one
	Depends, Recommends          []string
	Tree                         *tree.Tree
	Scripts                      map[string]string // postinst, prerm, postrm, preinst → text
	Day                          bool              // Version is a day such as 2026.12.01, whose zeros stay
}

// schema is how nfpm is to take Version: a semantic one would lose the zeros of a day.
func (p *Package) schema() string {
	if p.Day {
		return "none"
	}
	return "semver"
}

// File is the name that Debian gives.
func (p *Package) File() string {
	return p.Name + "_" + p.Version + "-" + p.Release + "_" + p.Arch + ".deb"
}

// Write writes the package. The same package gives the same bytes.
func (p *Package) Write(w io.Writer) error {
	if err := p.Tree.Check(); err != nil {
		return err
	}
	// The library reads files from disk.
	dir, err := os.MkdirTemp("", "netifyd-deb")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	contents, err := stage.Files(p.Tree, dir, kind)
	if err != nil {
		return err
	}
	scripts, err := stage.Scripts(p.Scripts, dir)
	if err != nil {
		return err
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: p.Name, Version: p.Version, VersionSchema: p.schema(), Release: p.Release, Arch: p.Arch, Platform: "linux", Section: "net", Priority: "optional",
		Maintainer: p.Maintainer, Homepage: p.Homepage, Description: p.Description, MTime: p.Tree.Time, DisableGlobbing: true,
		Overridables: nfpm.Overridables{
			Depends: p.Depends, Recommends: p.Recommends, Contents: contents, Umask: 0o022,
			Scripts: nfpm.Scripts{PreInstall: scripts["preinst"], PostInstall: scripts["postinst"], PreRemove: scripts["prerm"], PostRemove: scripts["postrm"]},
			Deb:     nfpm.Deb{Arch: p.Arch, Compression: "xz"},
		},
	})
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return err
	}
	return deb.Default.Package(info, w)
}

func kind(f *tree.File) string {
	switch {
	case f.Dir():
		return files.TypeDir
	case f.Conf:
		return files.TypeConfigNoReplace
	}
	return files.TypeFile
}
