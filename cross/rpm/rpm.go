// Package rpm writes packages for RHEL, CentOS, Fedora and openSUSE.
package rpm

import (
	"io"
	"os"
	"path"
	"strings"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"

	"netifyd/cross/stage"
	"netifyd/cross/tree"
)

// Package is an rpm to write.
type Package struct {
	Name, Version, Release, Arch  string // Arch as rpm names it
	Maintainer, Homepage, License string
	Summary, Description          string
	Changelog                     string // in the form of chglog; empty: none
	Depends                       []string
	Tree                          *tree.Tree
	Day                           bool              // Version is a day such as 2026.12.01, whose zeros stay
	Scripts                       map[string]string // pre, post, preun, postun → text
}

// File is the name that rpm gives.
func (p *Package) File() string {
	return p.Name + "-" + p.Version + "-" + p.Release + "." + p.Arch + ".rpm"
}

// Write writes the package. The same package gives the same bytes.
func (p *Package) Write(w io.Writer) error {
	if err := p.Tree.Check(); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "netifyd-rpm")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	contents, err := stage.Files(p.Tree, dir, p.kind)
	if err != nil {
		return err
	}
	scripts, err := stage.Scripts(p.Scripts, dir)
	if err != nil {
		return err
	}
	changelog := ""
	if p.Changelog != "" {
		changelog = dir + "/changelog.yaml"
		if err := os.WriteFile(changelog, []byte(p.Changelog), 0o600); err != nil {
			return err
		}
	}
	schema := "semver"
	if p.Day {
		schema = "none" // a semantic one would lose the zeros
	}
	info := nfpm.WithDefaults(&nfpm.Info{
		Name: p.Name, Version: p.Version, VersionSchema: schema, Release: p.Release, Arch: p.Arch, Platform: "linux", Changelog: changelog,
		Maintainer: p.Maintainer, Vendor: p.Maintainer, Homepage: p.Homepage, License: p.License, Description: p.Description, MTime: p.Tree.Time, DisableGlobbing: true,
		Overridables: nfpm.Overridables{
			Depends: p.Depends, Contents: contents, Umask: 0o022,
			Scripts: nfpm.Scripts{PreInstall: scripts["pre"], PostInstall: scripts["post"], PreRemove: scripts["preun"], PostRemove: scripts["postun"]},
			RPM:     nfpm.RPM{Arch: p.Arch, BuildHost: "localhost", Summary: p.Summary, Group: "Productivity/Networking/Diagnostic", Packager: p.Maintainer, Compression: "xz"}, // which rpm 4.14 of RHEL 8 reads
		},
	})
	return rpm.DefaultRPM.Package(info, w)
}

// kind: of the directories the package has its own alone. Others belong to the
// system, and some are links there: /usr/sbin of Fedora.
func (p *Package) kind(f *tree.File) string {
	switch {
	case f.Dir() && strings.Contains(f.Path, "/"+p.Name):
		return files.TypeDir
	case f.Dir():
		return ""
	case f.Conf:
		return files.TypeConfigNoReplace
	case path.Dir(path.Dir(f.Path)) == "/usr/share/licenses":
		return files.TypeRPMLicense
	case path.Dir(path.Dir(f.Path)) == "/usr/share/doc", path.Dir(path.Dir(f.Path)) == "/usr/share/man":
		return files.TypeRPMDoc
	}
	return files.TypeFile
}
