// Package ipk writes packages for OpenWrt up to 24.10: a gzip of a GNU tar of
// three members, as scripts/ipkg-build of OpenWrt makes them.
package ipk

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"netifyd/cross/tree"
)

// Field is a line of the control file.
type Field struct{ Name, Value string }

// Package is an ipk to write.
type Package struct {
	Name, Version, Arch string
	Fields              []Field // beside Package, Version, Architecture, Installed-Size and Description, in this order
	Description         string  // its first line is the short one
	Tree                *tree.Tree
	Scripts             map[string]string // member of control.tar.gz → text
}

// File is the name that OpenWrt gives to the file.
func (p *Package) File() string { return p.Name + "_" + p.Version + "_" + p.Arch + ".ipk" }

// Control is the text of the control file; size is the bytes of the
// uncompressed data archive, which is what opkg compares with free space.
func (p *Package) Control(size int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Package: %s\nVersion: %s\n", p.Name, p.Version)
	for _, f := range p.Fields {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
	}
	fmt.Fprintf(&b, "Architecture: %s\nInstalled-Size: %d\nDescription: ", p.Arch, size)
	for line := range strings.Lines(p.Description) {
		b.WriteString(" " + strings.TrimRight(line, "\n") + "\n")
	}
	return b.String()
}

// Text is the control file as Write writes it.
func (p *Package) Text() (string, error) {
	data, err := archive(p.Tree.Sorted(), p.Tree.Time)
	return p.Control(len(data)), err
}

// Write writes the package. The same package gives the same bytes.
func (p *Package) Write(w io.Writer) error {
	if err := p.Tree.Check(); err != nil {
		return err
	}
	at := p.Tree.Time
	data, err := archive(p.Tree.Sorted(), at)
	if err != nil {
		return err
	}
	control := &tree.Tree{}
	control.Add("/control", 0o644, []byte(p.Control(len(data))))
	if conf := p.Tree.Conf(); len(conf) > 0 {
		control.Add("/conffiles", 0o644, []byte(strings.Join(conf, "\n")+"\n"))
	}
	for name, text := range p.Scripts {
		control.Add("/"+name, 0o755, []byte(text))
	}
	meta, err := archive(control.Sorted(), at)
	if err != nil {
		return err
	}
	members := []tree.File{{Path: "/debian-binary", Mode: 0o644, Data: []byte("2.0\n")}}
	for _, m := range []struct {
		name string
		data []byte
	}{{"/data.tar.gz", data}, {"/control.tar.gz", meta}} {
		z, err := tree.Gzip(m.data)
		if err != nil {
			return err
		}
		members = append(members, tree.File{Path: m.name, Mode: 0o644, Data: z})
	}
	var outer bytes.Buffer
	if err := tree.Tar(&outer, members, at, dotted); err != nil {
		return err
	}
	z, err := tree.Gzip(outer.Bytes())
	if err != nil {
		return err
	}
	_, err = w.Write(z)
	return err
}

// archive is a tar of files, which begins with the root.
func archive(files []tree.File, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	err := tree.Tar(&b, append([]tree.File{{Path: "/", Mode: 0o755}}, files...), at, dotted)
	return b.Bytes(), err
}

// dotted is how OpenWrt names members: ./usr/sbin/netifyd.
func dotted(path string) string { return "." + path }
