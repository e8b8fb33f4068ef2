// Package stage puts the files and scripts of a package on disk, where the
// library that writes deb and rpm reads them.
package stage

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/goreleaser/nfpm/v2/files"

	"netifyd/cross/tree"
)

// Files writes the files of a tree below dir and says where they belong. kind
// gives the type of a file; empty: the package does not have it as its own.
func Files(t *tree.Tree, dir string, kind func(f *tree.File) string) (files.Contents, error) {
	var out files.Contents
	for _, f := range t.Sorted() {
		info := &files.ContentFileInfo{Owner: "root", Group: "root", Mode: os.FileMode(f.Mode), MTime: t.Time}
		c := &files.Content{Type: kind(&f), Destination: strings.TrimSuffix(f.Path, "/"), FileInfo: info}
		switch {
		case c.Type == "":
			continue
		case f.Dir():
			out = append(out, c)
			continue
		}
		c.Source = filepath.Join(dir, "files", f.Path)
		if err := os.MkdirAll(filepath.Dir(c.Source), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(c.Source, f.Data, 0o600); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Scripts writes scripts below dir and gives their paths by their names.
func Scripts(scripts map[string]string, dir string) (map[string]string, error) {
	paths := map[string]string{}
	for name, text := range scripts {
		paths[name] = filepath.Join(dir, "script."+name)
		if err := os.WriteFile(paths[name], []byte(text), 0o755); err != nil {
			return nil, err
		}
	}
	return paths, nil
}
