// Package freebsd writes packages for FreeBSD's pkg(8): a zstd-compressed tar
// that begins with two manifests.
package freebsd

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"netifyd/cross/tree"
)

// Package is a package to write.
type Package struct {
	Name, Version, Origin, Comment, Description string
	Maintainer, WWW, License                    string
	Arch                                        string // of the processor, as in an ABI: amd64, aarch64; empty: any
	Categories                                  []string
	Groups                                      []string
	Tree                                        *tree.Tree
	Scripts                                     map[string]string // post-install, pre-deinstall, ...
	Message                                     string            // shown after installation
}

// File is the name that pkg gives.
func (p *Package) File() string { return p.Name + "-" + p.Version + ".pkg" }

// message is an entry of a manifest's messages.
type message struct {
	Message string `json:"message"`
	Type    string `json:"type"`
}

// manifest is +COMPACT_MANIFEST; with the last fields +MANIFEST.
type manifest struct {
	Name         string            `json:"name"`
	Origin       string            `json:"origin"`
	Version      string            `json:"version"`
	Comment      string            `json:"comment"`
	Maintainer   string            `json:"maintainer"`
	WWW          string            `json:"www"`
	ABI          string            `json:"abi"`
	Arch         string            `json:"arch"`
	Prefix       string            `json:"prefix"`
	Flatsize     int64             `json:"flatsize"`
	LicenseLogic string            `json:"licenselogic"`
	Licenses     []string          `json:"licenses"`
	Desc         string            `json:"desc"`
	Categories   []string          `json:"categories"`
	Groups       []string          `json:"groups,omitempty"`
	Messages     []message         `json:"messages,omitempty"`
	Files        map[string]string `json:"files,omitempty"`
	Config       []string          `json:"config,omitempty"`
	Scripts      map[string]string `json:"scripts,omitempty"`
}

// archName is the processor in the older "arch" field.
var archName = map[string]string{"amd64": "x86:64", "aarch64": "aarch64:64", "*": "*"}

func (p *Package) manifests() (compact, full []byte, err error) {
	arch := cmp.Or(p.Arch, "*")
	old, known := archName[arch]
	if !known {
		return nil, nil, fmt.Errorf("%q: FreeBSD packages are made for amd64 and aarch64", p.Arch)
	}
	// The binary makes system calls by itself, and any release from 12.3 on runs it: "*".
	m := manifest{
		Name: p.Name, Origin: p.Origin, Version: p.Version, Comment: p.Comment, Maintainer: p.Maintainer, WWW: p.WWW,
		ABI: "FreeBSD:*:" + arch, Arch: "freebsd:*:" + old, Prefix: "/usr/local", Flatsize: p.Tree.Size(),
		LicenseLogic: "single", Licenses: []string{p.License}, Desc: p.Description, Categories: p.Categories, Groups: p.Groups,
	}
	if p.Message != "" {
		m.Messages = []message{{p.Message, "install"}}
	}
	if compact, err = json.Marshal(m); err != nil {
		return nil, nil, err
	}
	m.Files = map[string]string{}
	for _, f := range p.Tree.Files {
		if !f.Dir() {
			m.Files[f.Path] = fmt.Sprintf("1$%x", sha256.Sum256(f.Data))
		}
	}
	m.Config, m.Scripts = p.Tree.Conf(), p.Scripts
	full, err = json.Marshal(m)
	return compact, full, err
}

// Write writes the package. The same package gives the same bytes.
func (p *Package) Write(w io.Writer) error {
	if err := p.Tree.Check(); err != nil {
		return err
	}
	compact, full, err := p.manifests()
	if err != nil {
		return err
	}
	members := []tree.File{{Path: "+COMPACT_MANIFEST", Mode: 0o644, Data: compact}, {Path: "+MANIFEST", Mode: 0o644, Data: full}}
	for _, f := range p.Tree.Sorted() {
		if !f.Dir() {
			members = append(members, f)
		}
	}
	var b bytes.Buffer
	if err := tree.Tar(&b, members, p.Tree.Time, func(path string) string { return path }); err != nil {
		return err
	}
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	_, err = w.Write(z.EncodeAll(b.Bytes(), nil))
	return err
}
