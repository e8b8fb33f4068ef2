package adb

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"netifyd/cross/tree"
)

// What a file holds.
const (
	schemaPackage = 0x676b6370 // pckg
	schemaIndex   = 0x78646e69 // indx
)

// Blocks of a file.
const (
	blockADB       = 0
	blockSignature = 1
	blockData      = 2
)

// Slots of the information about a package.
const (
	infoName, infoVersion, infoID, infoDescription, infoArch = 1, 2, 3, 4, 5
	infoLicense, infoOrigin, infoMaintainer, infoURL         = 6, 7, 8, 9
	infoInstalled, infoFileSize, infoDepends, infoProvides   = 0xc, 0xd, 0xf, 0x10
	infoReplaces                                             = 0x11
)

// Package is an apk to write.
type Package struct {
	Name, Version, Arch, Description string
	License, Origin, Maintainer, URL string
	Depends, Provides, Replaces      []string // see writer.depends
	Tree                             *tree.Tree
	Scripts                          map[string]string // by the names in scriptSlots
}

// scriptSlots are the scripts of a package.
var scriptSlots = map[string]int{"pre-install": 2, "post-install": 3, "pre-deinstall": 4, "post-deinstall": 5, "pre-upgrade": 6, "post-upgrade": 7}

// File is the name that apk expects.
func (p *Package) File() string { return p.Name + "-" + p.Version + ".apk" }

func (p *Package) info(w *writer, id, hash []byte, size int64) uint32 {
	name := id
	if hash != nil {
		name = hash
	}
	return w.object(map[int]uint32{
		infoName: w.text(p.Name), infoVersion: w.text(p.Version), infoID: w.blob(name), infoDescription: w.text(p.Description), infoArch: w.text(p.Arch),
		infoLicense: w.text(p.License), infoOrigin: w.text(p.Origin), infoMaintainer: w.text(p.Maintainer), infoURL: w.text(p.URL),
		infoInstalled: w.integer(uint64(max(1, p.Tree.Size()))), infoFileSize: w.integer(uint64(size)), infoDepends: w.depends(p.Depends), infoProvides: w.depends(p.Provides), infoReplaces: w.depends(p.Replaces),
	})
}

// idBytes is the length of a package's identifier: the start of the SHA-256
// of the payload, in which the identifier itself is zero.
const idBytes = 20

// payload is the ADB block of the package, and the files in its order.
func (p *Package) payload() ([]byte, []datum, error) {
	// A pattern that nothing else contains finds the place of the identifier.
	mark := sha256.Sum256([]byte("identifier of " + p.Name))
	w := newWriter()
	info := p.info(w, mark[:idBytes], nil, 0)
	paths, data := p.paths(w)
	scripts := map[int]uint32{}
	for _, name := range slices.Sorted(maps.Keys(p.Scripts)) {
		slot, known := scriptSlots[name]
		if !known {
			return nil, nil, fmt.Errorf("script %q: apk has none of this name", name)
		}
		scripts[slot] = w.text(p.Scripts[name])
	}
	b := w.finish(w.object(map[int]uint32{1: info, 2: paths, 3: w.object(scripts)}))
	at := bytes.Index(b, mark[:idBytes])
	clear(b[at : at+idBytes])
	sum := sha256.Sum256(b)
	copy(b[at:], sum[:idBytes])
	return b, data, nil
}

// datum is a file's contents, with its place in the listing, from 1.
type datum struct {
	dir, file uint32
	bytes     []byte
}

// paths writes the directories and their files. The root comes first;
// directories are named without a slash at either end.
func (p *Package) paths(w *writer) (uint32, []datum) {
	dirs := []tree.File{{Path: "/", Mode: 0o755}}
	files := map[string][]tree.File{}
	for _, f := range p.Tree.Sorted() {
		if f.Dir() {
			dirs = append(dirs, f)
		} else {
			dir := path.Dir(f.Path)
			files[dir] = append(files[dir], f)
		}
	}
	name := func(d tree.File) string { return strings.Trim(d.Path, "/") }
	slices.SortFunc(dirs, func(a, b tree.File) int { return strings.Compare(name(a), name(b)) })
	mtime := uint64(p.Tree.Time.Unix())
	var all []uint32
	var data []datum
	for _, d := range dirs {
		var list []uint32
		for _, f := range files[path.Clean(d.Path)] {
			sum := sha256.Sum256(f.Data)
			list = append(list, w.object(map[int]uint32{1: w.text(path.Base(f.Path)), 2: acl(w, f.Mode), 3: w.integer(uint64(len(f.Data))), 4: w.integer(mtime), 5: w.blob(sum[:])}))
			if len(f.Data) > 0 {
				data = append(data, datum{uint32(len(all) + 1), uint32(len(list)), f.Data})
			}
		}
		if len(list) == 0 && d.Mode == 0o755 {
			continue // what is above the files is made by itself
		}
		all = append(all, w.object(map[int]uint32{1: w.text(name(d)), 2: acl(w, d.Mode), 3: w.array(list)}))
	}
	return w.array(all), data
}

func acl(w *writer, mode uint32) uint32 {
	return w.object(map[int]uint32{1: w.integer(uint64(mode)), 2: w.text("root"), 3: w.text("root")})
}

// Write writes the package. The same package gives the same bytes; like
// OpenWrt's own packages it is not signed, the index is.
func (p *Package) Write(out io.Writer) error {
	if err := p.Tree.Check(); err != nil {
		return err
	}
	b, data, err := p.payload()
	if err != nil {
		return err
	}
	file := block(head(schemaPackage), blockADB, b)
	for _, d := range data {
		head := binary.LittleEndian.AppendUint32(nil, d.dir)
		head = binary.LittleEndian.AppendUint32(head, d.file)
		file = block(file, blockData, append(head, d.bytes...))
	}
	return deflate(out, file)
}

// Index is what a feed offers.
type Index struct {
	Description string
	Packages    []*Package
	Sizes       []int64 // bytes of each package's file
}

// Write writes the index, signed when there is a key. The same index and key give the same bytes.
func (x *Index) Write(out io.Writer, key *ecdsa.PrivateKey) error {
	w := newWriter()
	var list []uint32
	for i, p := range x.Packages {
		b, _, err := p.payload()
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		list = append(list, p.info(w, nil, sum[:], x.Sizes[i]))
	}
	b := w.finish(w.object(map[int]uint32{1: w.text(x.Description), 2: w.array(list)}))
	file := block(head(schemaIndex), blockADB, b)
	if key != nil {
		s, err := sign(b, key)
		if err != nil {
			return err
		}
		file = block(file, blockSignature, s)
	}
	return deflate(out, file)
}

// KeyID names a public key: the start of the SHA-512 of its point.
func KeyID(key *ecdsa.PublicKey) ([]byte, error) {
	if key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("the key of packages.adb must be on P-256")
	}
	point, err := key.Bytes()
	if err != nil {
		return nil, err
	}
	sum := sha512.Sum512(point)
	return sum[:16], nil
}

// signed is what a signature covers: the schema, the signature's own head,
// and the SHA-512 of the payload.
func signed(schema uint32, head, payload []byte) [64]byte {
	sum := sha512.Sum512(payload)
	b := binary.LittleEndian.AppendUint32(nil, schema)
	return sha512.Sum512(append(append(b, head...), sum[:]...))
}

func sign(payload []byte, key *ecdsa.PrivateKey) ([]byte, error) {
	id, err := KeyID(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	head := append([]byte{0, 4}, id...) // version 0, hash 4: SHA-512
	digest := signed(schemaIndex, head, payload)
	// Without a source of random numbers the signature is that of RFC 6979: the same each time.
	s, err := key.Sign(nil, digest[:], crypto.SHA512)
	if err != nil {
		return nil, err
	}
	return append(head, s...), nil
}

// head begins the file.
func head(schema uint32) []byte {
	return binary.LittleEndian.AppendUint32([]byte("ADB."), schema)
}

// block appends a block, filled up to 8 bytes.
func block(file []byte, kind uint32, payload []byte) []byte {
	file = binary.LittleEndian.AppendUint32(file, kind<<30|uint32(len(payload)+4))
	file = append(file, payload...)
	for len(file)%8 != 0 {
		file = append(file, 0)
	}
	return file
}

// deflate writes "ADBd" and the compressed file.
func deflate(out io.Writer, file []byte) error {
	if _, err := io.WriteString(out, "ADBd"); err != nil {
		return err
	}
	z, err := flate.NewWriter(out, flate.BestCompression)
	if err != nil {
		return err
	}
	if _, err := z.Write(file); err != nil {
		return err
	}
	return z.Close()
}
