// Package tree is the files of a package: what is written where, with which
// permissions, and the same archive of them each time.
package tree

import (
	"archive/tar"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"
)

// File is a regular file, or a directory when its path ends with a slash.
type File struct {
	Path string // absolute, as on the installed system
	Mode uint32 // permissions
	Data []byte
	Conf bool // belongs to the user once installed
}

// Dir tells a directory.
func (f *File) Dir() bool { return strings.HasSuffix(f.Path, "/") }

// Tree is the files of a package, and the time that all of them carry.
type Tree struct {
	Files []File
	Time  time.Time
}

// Add adds a file.
func (t *Tree) Add(name string, mode uint32, data []byte) {
	t.Files = append(t.Files, File{Path: name, Mode: mode, Data: data})
}

// AddConf adds a file that belongs to the user once installed.
func (t *Tree) AddConf(name string, mode uint32, data []byte) {
	t.Files = append(t.Files, File{Path: name, Mode: mode, Data: data, Conf: true})
}

// Sorted returns the files, and every directory above them but the root, each
// directory before what is in it.
func (t *Tree) Sorted() []File {
	all := map[string]File{}
	for _, f := range t.Files {
		all[f.Path] = f
		for dir := path.Dir(strings.TrimSuffix(f.Path, "/")); dir != "/"; dir = path.Dir(dir) {
			if _, known := all[dir+"/"]; !known {
				all[dir+"/"] = File{Path: dir + "/", Mode: 0o755}
			}
		}
	}
	out := make([]File, 0, len(all))
	for _, f := range all {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return out
}

// Conf lists the paths that belong to the user, sorted.
func (t *Tree) Conf() []string {
	var out []string
	for _, f := range t.Files {
		if f.Conf {
			out = append(out, f.Path)
		}
	}
	slices.Sort(out)
	return out
}

// Regular lists the paths of the regular files, sorted.
func (t *Tree) Regular() []string {
	var out []string
	for _, f := range t.Files {
		if !f.Dir() {
			out = append(out, f.Path)
		}
	}
	slices.Sort(out)
	return out
}

// Size is the bytes of the regular files.
func (t *Tree) Size() int64 {
	n := int64(0)
	for _, f := range t.Files {
		n += int64(len(f.Data))
	}
	return n
}

// Check refuses what no package may hold.
func (t *Tree) Check() error {
	seen := map[string]bool{}
	for _, f := range t.Files {
		clean := path.Clean(f.Path)
		if f.Dir() {
			clean += "/"
		}
		switch {
		case !strings.HasPrefix(f.Path, "/"), clean != f.Path:
			return fmt.Errorf("%q: want an absolute path without . or .. parts", f.Path)
		case seen[f.Path]:
			return fmt.Errorf("%q is there twice", f.Path)
		case f.Mode&^0o7777 != 0:
			return fmt.Errorf("%q: mode %o", f.Path, f.Mode)
		}
		seen[f.Path] = true
	}
	return nil
}

// Tar writes files as a GNU tar archive of root's, in the given order; name
// makes the name of a member from a path.
func Tar(w io.Writer, files []File, at time.Time, name func(string) string) error {
	out := tar.NewWriter(w)
	for _, f := range files {
		h := &tar.Header{Format: tar.FormatGNU, Typeflag: tar.TypeReg, Name: name(f.Path), Mode: int64(f.Mode), Size: int64(len(f.Data)), ModTime: at}
		if f.Dir() {
			h.Typeflag = tar.TypeDir
		}
		if err := out.WriteHeader(h); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
		if _, err := out.Write(f.Data); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return out.Close()
}
