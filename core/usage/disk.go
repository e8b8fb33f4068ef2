package usage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"netifyd/core/file"
)

// System is what a journal asks of the system, one call each, so that a test
// can stop between any two of them.
type System interface {
	Read(name string) ([]byte, error) // fs.ErrNotExist where there is no file
	Create(name string) (File, error) // empty, in place of an earlier one
	Extend(name string) (File, error) // to write at its end; made where there is none
	Rename(from, to string) error
	Remove(name string) error
	SyncDir() error // makes what the directory says last
}

// File is an open file.
type File interface {
	io.Writer
	Sync() error
	Close() error
}

// Directory is the System of a directory.
type Directory string

func (d Directory) path(name string) string { return filepath.Join(string(d), name) }

// fileMost is more than any file of a history has, in bytes: the size that it
// may have, and what comes in one commit.
const fileMost = 64 << 20

// Read is System's.
func (d Directory) Read(name string) ([]byte, error) {
	b, err := file.Read(d.path(name), fileMost)
	if p := (*fs.PathError)(nil); err != nil && !errors.As(err, &p) {
		err = fmt.Errorf("%s: %w", d.path(name), err)
	}
	return b, err
}

// Create is System's.
func (d Directory) Create(name string) (File, error) {
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return file.Append(d.path(name), 0o640)
}

// Extend is System's.
func (d Directory) Extend(name string) (File, error) { return file.Append(d.path(name), 0o640) }

// Rename is System's.
func (d Directory) Rename(from, to string) error { return os.Rename(d.path(from), d.path(to)) }

// Remove is System's.
func (d Directory) Remove(name string) error { return os.Remove(d.path(name)) }

// SyncDir is System's.
func (d Directory) SyncDir() error {
	f, err := os.Open(string(d))
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Memory is the System of an agent that may not write to a disk. The zero value is empty.
type Memory struct{ files map[string][]byte }

type memoryFile struct {
	m    *Memory
	name string
}

func (f memoryFile) Write(b []byte) (int, error) {
	f.m.files[f.name] = append(f.m.files[f.name], b...)
	return len(b), nil
}
func (memoryFile) Sync() error  { return nil }
func (memoryFile) Close() error { return nil }

// Read is System's.
func (m *Memory) Read(name string) ([]byte, error) {
	b, ok := m.files[name]
	if !ok {
		return nil, os.ErrNotExist
	}
	return b, nil
}

// Create is System's.
func (m *Memory) Create(name string) (File, error) {
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[name] = nil
	return memoryFile{m, name}, nil
}

// Extend is System's.
func (m *Memory) Extend(name string) (File, error) {
	if _, ok := m.files[name]; !ok {
		return m.Create(name)
	}
	return memoryFile{m, name}, nil
}

// Rename is System's.
func (m *Memory) Rename(from, to string) error {
	m.files[to] = m.files[from]
	delete(m.files, from)
	return nil
}

// Remove is System's.
func (m *Memory) Remove(name string) error { delete(m.files, name); return nil }

// SyncDir is System's.
func (m *Memory) SyncDir() error { return nil }

// Head of a file: magic, version, kind, nothing yet, when it was made.
const (
	magic       = "NFYUSE"
	fileVersion = 1
	headSize    = 16
)

func appendFileHead(dst []byte, kind byte, created uint32) []byte {
	dst = append(append(dst, magic...), fileVersion, kind, 0, 0, 0, 0)
	return binary.LittleEndian.AppendUint32(dst, created)
}

// errForeign is about a file that this version did not write.
var errForeign = errors.New("is no file of this version")

// framesOf calls fn for the sound records of a file, in their order. good says
// that there was nothing else in it: a broken record is passed over, and so is
// everything up to the next sound one.
func framesOf(b []byte, kind byte, fn func(record []byte)) (good bool, err error) {
	if len(b) < headSize {
		return len(b) == 0, nil // cut short when it was made
	}
	if string(b[:len(magic)]) != magic || b[6] != fileVersion || b[7] != kind {
		return false, errForeign
	}
	good = true
	work := searchWork + 8*len(b) // bytes that may be looked at in vain
	for b = b[headSize:]; len(b) > 0 && work > 0; {
		record, rest, ok := frame(b)
		if !ok {
			if n := claimed(b); n <= len(b) {
				work -= n
			}
			good, b = false, b[1:]
			continue
		}
		fn(record)
		b = rest
	}
	return good, nil
}

// searchWork bounds how long a sound record is looked for behind a broken one,
// in a file made so that it would take for ever.
const searchWork = 1 << 20

// claimed is how long the record at the beginning of b says that it is.
func claimed(b []byte) int {
	if len(b) < 8 {
		return 0
	}
	return int(min(binary.LittleEndian.Uint32(b), recordLimit+1)) + 8
}

// replace writes a file as a whole, so that after a crash there is the old one or the new one.
func replace(s System, name string, b []byte) error {
	tmp := name + ".new"
	err := write(s.Create, tmp, b)
	if err == nil {
		err = s.Rename(tmp, name)
	}
	if err == nil {
		err = s.SyncDir()
	}
	if err != nil {
		s.Remove(tmp)
		return fmt.Errorf("%s was not written: %w", name, err)
	}
	return nil
}

func write(open func(string) (File, error), name string, b []byte) error {
	f, err := open(name)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
