package adb

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// A reader of the format, which shares nothing with the writer. Values become
// uint64, []byte or []any; slot 0 of a list or an object is left nil.

type container struct {
	schema uint32
	adb    []byte
	sig    []byte
	data   [][]byte
}

func readContainer(file []byte) (*container, error) {
	if len(file) < 4 || string(file[:4]) != "ADBd" {
		return nil, errors.New("no ADBd at the start")
	}
	b, err := io.ReadAll(flate.NewReader(bytes.NewReader(file[4:])))
	if err != nil {
		return nil, err
	}
	if len(b) < 8 || string(b[:4]) != "ADB." {
		return nil, errors.New("no ADB. in the stream")
	}
	c := &container{schema: binary.LittleEndian.Uint32(b[4:])}
	for at := 8; at < len(b); {
		if len(b)-at < 4 {
			return nil, errors.New("half a block head")
		}
		head := binary.LittleEndian.Uint32(b[at:])
		kind, size := head>>30, int(head&(1<<30-1))
		if size < 4 || at+size > len(b) {
			return nil, fmt.Errorf("block of %d bytes at %d", size, at)
		}
		payload := b[at+4 : at+size]
		switch {
		case kind == 0 && c.adb == nil:
			c.adb = payload
		case kind == 1 && c.adb != nil && c.data == nil:
			c.sig = payload
		case kind == 2 && c.adb != nil:
			c.data = append(c.data, payload)
		default:
			return nil, fmt.Errorf("block of type %d is out of place", kind)
		}
		end := (at + size + 7) / 8 * 8
		if end > len(b) {
			return nil, errors.New("the last block is not filled up")
		}
		for _, z := range b[at+size : end] {
			if z != 0 {
				return nil, errors.New("filled with other than zeros")
			}
		}
		at = end
	}
	return c, nil
}

// root reads the root value.
func (c *container) root() (any, error) {
	if len(c.adb) < 8 || !bytes.Equal(c.adb[:4], []byte{0, 0, 0, 0}) {
		return nil, errors.New("payload without its head")
	}
	return value(c.adb, binary.LittleEndian.Uint32(c.adb[4:]), 0)
}

func value(b []byte, word uint32, depth int) (any, error) {
	if depth > 8 {
		return nil, errors.New("nested too deep")
	}
	at := int(word & 0x0fffffff)
	span := func(at, n int) ([]byte, error) {
		if at < 8 || n < 0 || at+n > len(b) {
			return nil, fmt.Errorf("%d bytes at %d of %d", n, at, len(b))
		}
		return b[at : at+n], nil
	}
	number := func(width int) (int, error) {
		if at%width != 0 {
			return 0, fmt.Errorf("value at %d is not aligned to %d", at, width)
		}
		s, err := span(at, width)
		if err != nil {
			return 0, err
		}
		return int(binary.LittleEndian.Uint64(append(append([]byte{}, s...), make([]byte, 8)...))), nil
	}
	switch kind := word >> 28; kind {
	case 0:
		if word != 0 {
			return nil, fmt.Errorf("special value %#x", word)
		}
		return nil, nil
	case 1:
		return uint64(at), nil
	case 2, 3:
		n, err := number(4 * int(kind-1))
		return uint64(n), err
	case 8, 9, 10:
		width := 1 << (kind - 8)
		n, err := number(width)
		if err != nil {
			return nil, err
		}
		return span(at+width, n)
	case 13, 14:
		n, err := number(4)
		if err != nil {
			return nil, err
		}
		s, err := span(at, 4*n)
		if err != nil || n < 2 {
			return nil, fmt.Errorf("list of %d slots: %w", n, err)
		}
		out := make([]any, n)
		for i := 1; i < n; i++ {
			if out[i], err = value(b, binary.LittleEndian.Uint32(s[4*i:]), depth+1); err != nil {
				return nil, err
			}
		}
		return out, nil
	default:
		return nil, fmt.Errorf("value of type %d", kind)
	}
}

// slot of an object; nil where it has none.
func slot(v any, n int) any {
	list, _ := v.([]any)
	if n >= len(list) {
		return nil
	}
	return list[n]
}

func text(v any, n int) string {
	b, _ := slot(v, n).([]byte)
	return string(b)
}

func integer(v any, n int) uint64 {
	i, _ := slot(v, n).(uint64)
	return i
}

// What apk-tools 3 takes as a name, as a name that a dependency has, and as a version.
var (
	packageName    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.+-]*$`)
	dependencyName = regexp.MustCompile(`^[A-Za-z0-9_.+,:/@\[\]-]+$`)
	versionForm    = regexp.MustCompile(`^[0-9]+(\.[0-9]+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]*)*(~[0-9a-f]+)?(-r[0-9]+)?$`)
)

// refused says why apk would not install a package, or not take an index: nil
// if it would.
func refused(schema uint32, root any) error {
	if schema == schemaPackage {
		return refusedInfo(slot(root, 1))
	}
	packages := slot(root, 2)
	for i := 1; slot(packages, i) != nil; i++ {
		if err := refusedInfo(slot(packages, i)); err != nil {
			return err
		}
	}
	return nil
}

func refusedInfo(info any) error {
	if name := text(info, 1); !packageName.MatchString(name) {
		return fmt.Errorf("%q is no name of a package", name)
	}
	if version := text(info, 2); !versionForm.MatchString(version) {
		return fmt.Errorf("%q is no version", version)
	}
	for number, kind := range map[int]string{0xf: "depends", 0x10: "provides", 0x11: "replaces"} {
		before := ""
		list := slot(info, number)
		for i := 1; slot(list, i) != nil; i++ {
			name, err := refusedDependency(slot(list, i), number == 0xf)
			if err == nil && strings.Compare(before, name) >= 0 {
				err = fmt.Errorf("%q stands behind %q: want them sorted, each once", name, before)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			before = name
		}
	}
	return nil
}

// refusedDependency looks at one; only what is needed can be a conflict.
func refusedDependency(d any, needed bool) (string, error) {
	name, version, match := text(d, 1), text(d, 2), integer(d, 3)
	switch {
	case !dependencyName.MatchString(name):
		return name, fmt.Errorf("%q is no name: a conflict is told by the match", name)
	case version != "" && !versionForm.MatchString(version):
		return name, fmt.Errorf("%q is no version", version)
	case match > 31 || match&16 != 0 && !needed:
		return name, fmt.Errorf("%q has the match %d", name, match)
	}
	return name, nil
}
