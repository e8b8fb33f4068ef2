package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"netifyd/cross/target"
	"netifyd/cross/tree"
)

// What all packages say of themselves.
const (
	summary     = "passive deep packet inspection agent"
	description = `Netifyd watches the traffic of a router or a host, names the protocol and
the application of every flow, and tells other programs as JSON on a socket.
It changes no packet, stores no payload and calls nobody.`
	license    = "Apache-2.0"
	maintainer = "netifyd maintainers <maintainers@netifyd.example>"
	homepage   = "https://netifyd.example/"
)

// source is a file of the project and where a package installs it.
type source struct {
	from string // below the project's folder
	to   string
	mode uint32
	conf bool
}

// writer is a package of any kind.
type writer interface {
	File() string
	Write(w io.Writer) error
}

// tree puts the agent at path, and the sources where they belong.
func (j *job) tree(t *target.Target, path string, sources []source) (*tree.Tree, error) {
	b, err := os.ReadFile(j.binary(t))
	if err != nil {
		return nil, err
	}
	out := &tree.Tree{Time: j.time}
	out.Add(path, 0o755, b)
	for _, s := range sources {
		b, err := os.ReadFile(filepath.Join(j.root, s.from))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		out.Files = append(out.Files, tree.File{Path: s.to, Mode: s.mode, Data: b, Conf: s.conf})
	}
	return out, nil
}

// write writes a package into dir and returns its bytes.
func write(dir string, p writer) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		return nil, fmt.Errorf("%s: %w", p.File(), err)
	}
	return b.Bytes(), save(dir, p.File(), b.Bytes())
}

func save(dir, name string, b []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), b, 0o644)
}

// packages compiles the agent and writes every package and feed anew.
func (j *job) packages(key string) error {
	if err := j.buildAll(); err != nil {
		return err
	}
	return j.pack(key)
}

// pack writes every package and feed from the binaries that are there.
func (j *job) pack(key string) error {
	keys, err := j.keys(key)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(j.out, "packages")); err != nil {
		return err
	}
	feeds := map[string]*offer{}
	for i := range j.targets {
		t := &j.targets[i]
		for _, arch := range t.OpenWrt {
			if feeds[arch] == nil {
				feeds[arch] = &offer{}
			}
			if err := j.openwrt(t, arch, feeds[arch]); err != nil {
				return err
			}
		}
		if t.Debian != "" {
			if err := j.debian(t); err != nil {
				return err
			}
		}
		if t.OS == "freebsd" {
			if err := j.freebsd(t); err != nil {
				return err
			}
		}
	}
	return j.offers(feeds, keys)
}
