// Package untar reads GNU tar archives byte by byte, apart from archive/tar,
// so that what the writers make is looked at by other eyes.
package untar

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// Member is a file or a directory of an archive.
type Member struct {
	Name         string
	Mode         int64
	UID, GID     int64
	Time         int64 // seconds
	Type         byte  // '0' file, '5' directory
	Owner, Group string
	Data         []byte
}

const block = 512

// Offsets and lengths in a header, of GNU tar's manual, "Basic Tar Format".
func field(h []byte, at, n int) string {
	text, _, _ := strings.Cut(string(h[at:at+n]), "\x00")
	return text
}

func octal(h []byte, at, n int) (int64, error) {
	return strconv.ParseInt(strings.Trim(field(h, at, n), " "), 8, 64)
}

// Read returns the members in their order. It refuses what GNU's own tar would not have written.
func Read(b []byte) ([]Member, error) {
	var out []Member
	for {
		if len(b) < 2*block {
			return nil, fmt.Errorf("member %d: the archive ends without two blocks of zeros", len(out))
		}
		h := b[:block]
		if bytes.Equal(b[:2*block], make([]byte, 2*block)) {
			return out, nil
		}
		m, size, err := header(h)
		if err != nil {
			return nil, fmt.Errorf("member %d: %w", len(out), err)
		}
		padded := (int(size) + block - 1) / block * block
		if len(b) < block+padded {
			return nil, fmt.Errorf("%s: cut short", m.Name)
		}
		m.Data = b[block : block+int(size)]
		out = append(out, m)
		b = b[block+padded:]
	}
}

func header(h []byte) (m Member, size int64, err error) {
	if string(h[257:265]) != "ustar  \x00" {
		return m, 0, fmt.Errorf("magic %q is not GNU's", h[257:265])
	}
	sum := int64(0)
	for i, c := range h {
		if i >= 148 && i < 156 {
			c = ' '
		}
		sum += int64(c)
	}
	if said, err := octal(h, 148, 8); err != nil || said != sum {
		return m, 0, fmt.Errorf("checksum %d, want %d", said, sum)
	}
	m = Member{Name: field(h, 0, 100), Type: h[156], Owner: field(h, 265, 32), Group: field(h, 297, 32)}
	for _, f := range []struct {
		to    *int64
		at, n int
	}{{&m.Mode, 100, 8}, {&m.UID, 108, 8}, {&m.GID, 116, 8}, {&size, 124, 12}, {&m.Time, 136, 12}} {
		if *f.to, err = octal(h, f.at, f.n); err != nil {
			return m, 0, err
		}
	}
	return m, size, nil
}
