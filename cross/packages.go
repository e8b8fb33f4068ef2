package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

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
	out, err := j.treeOf(j.binary(t), path, sources)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	return out, nil
}

// treeOf does the same with any program.
func (j *job) treeOf(program, path string, sources []source) (*tree.Tree, error) {
	b, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	out := &tree.Tree{Time: j.time}
	out.Add(path, 0o755, b)
	for _, s := range sources {
		b, err := os.ReadFile(filepath.Join(j.root, s.from))
		if err != nil {
			return nil, err
		}
		out.Files = append(out.Files, tree.File{Path: s.to, Mode: s.mode, Data: b, Conf: s.conf})
	}
	return out, nil
}

// write writes a package into dir and returns its bytes.
func (j *job) write(dir string, p writer) ([]byte, error) {
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		return nil, fmt.Errorf("%s: %w", p.File(), err)
	}
	return b.Bytes(), j.save(dir, p.File(), b.Bytes())
}

func (j *job) save(dir, name string, b []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, name)
	j.written = append(j.written, path)
	return os.WriteFile(path, b, 0o644)
}

// packages compiles the agent, writes its packages and feeds, and lists them.
func (j *job) packages(key string) error {
	if err := j.withNeighbours(); err != nil {
		return err
	}
	if err := j.buildAll(); err != nil {
		return err
	}
	if err := j.pack(key); err != nil {
		return err
	}
	for _, path := range j.written {
		fmt.Println(path)
	}
	return nil
}

// withNeighbours adds the targets whose packages are in the same feeds as
// those that were asked for: a feed is written whole, or its index would lie.
func (j *job) withNeighbours() error {
	all, err := target.Read(filepath.Join(j.root, "cross", "targets.tsv"))
	if err != nil {
		return err
	}
	feeds := map[string]bool{}
	chosen := map[string]bool{}
	for _, t := range j.targets {
		chosen[t.Name] = true
		for _, arch := range t.OpenWrt {
			feeds[arch] = true
		}
	}
	j.targets = nil
	for _, t := range all {
		if chosen[t.Name] || slices.ContainsFunc(t.OpenWrt, func(arch string) bool { return feeds[arch] }) {
			j.targets = append(j.targets, t)
		}
	}
	return nil
}

// pack writes every package and feed from the binaries that are there. What an
// earlier run wrote for these targets goes; the packages of others stay.
func (j *job) pack(key string) error {
	keys, err := j.keys(key)
	if err != nil {
		return err
	}
	if err := j.clear(); err != nil {
		return err
	}
	feeds := map[string]*offer{}
	var parts []anywhere // made with the first feed
	for i := range j.targets {
		t := &j.targets[i]
		for _, arch := range t.OpenWrt {
			if feeds[arch] == nil {
				feeds[arch] = &offer{}
				if parts == nil {
					if parts, err = j.parts(); err != nil {
						return err
					}
				}
				for k := range parts {
					if err := j.offer(arch, feeds[arch], &parts[k]); err != nil {
						return err
					}
				}
			}
			if err := j.openwrt(t, arch, feeds[arch]); err != nil {
				return err
			}
		}
		if err := j.packCompanion(t, feeds); err != nil {
			return err
		}
		if t.Debian != "" {
			if err := j.debian(t); err != nil {
				return err
			}
		}
		if redhatArch(t) != "" {
			if err := j.redhat(t); err != nil {
				return err
			}
		}
		if t.OS == "freebsd" {
			if err := j.freebsd(t); err != nil {
				return err
			}
		}
	}
	if slices.ContainsFunc(j.targets, func(t target.Target) bool { return t.Debian != "" }) {
		if err := j.catalogueDebian(filepath.Join(j.out, "packages", "debian")); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(j.targets, func(t target.Target) bool { return redhatArch(&t) != "" }) {
		if err := j.catalogueRedhat(filepath.Join(j.out, "packages", "rpm")); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(j.targets, func(t target.Target) bool { return t.OS == "freebsd" }) {
		if err := j.catalogueFreeBSD(filepath.Join(j.out, "packages", "freebsd")); err != nil {
			return err
		}
	}
	return j.offers(feeds, keys)
}

// clear removes what an earlier run wrote for the targets, of any version.
func (j *job) clear() error {
	for i := range j.targets {
		t := &j.targets[i]
		var old []string
		for _, arch := range t.OpenWrt {
			old = append(old, j.feed(arch))
		}
		if t.Debian != "" {
			debs, _ := filepath.Glob(filepath.Join(j.out, "packages", "debian", "*_"+t.Debian+".deb"))
			old = append(old, debs...)
			same, _ := filepath.Glob(filepath.Join(j.out, "packages", "debian", "*_all.deb"))
			old = append(old, same...)
		}
		if arch := redhatArch(t); arch != "" {
			rpms, _ := filepath.Glob(filepath.Join(j.out, "packages", "rpm", "*."+arch+".rpm"))
			same, _ := filepath.Glob(filepath.Join(j.out, "packages", "rpm", "*.noarch.rpm"))
			rpms = append(rpms, same...)
			old = append(old, rpms...)
		}
		if t.OS == "freebsd" {
			same, _ := filepath.Glob(filepath.Join(j.out, "packages", "freebsd", "*.pkg"))
			old = append(append(old, filepath.Join(j.out, "packages", "freebsd", freebsdArch(t))), same...)
		}
		for _, path := range old {
			if err := os.RemoveAll(path); err != nil {
				return err
			}
		}
	}
	return nil
}
