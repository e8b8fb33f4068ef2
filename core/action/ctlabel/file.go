package ctlabel

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"netifyd/core/file"
)

var native = binary.NativeEndian

// files are where nft and iptables read the names of labels.
var files = []string{"/etc/connlabel.conf", "/etc/nftables/connlabel.conf", "/etc/xtables/connlabel.conf"}

// read gives the names in a file, or in the first of files that is there.
func read(path string) (names map[string]int, where string, err error) {
	try := files
	if path != "" {
		try = []string{path}
	}
	for _, where = range try {
		f, err := file.Open(where)
		if errors.Is(err, fs.ErrNotExist) && path == "" {
			continue
		}
		if err != nil {
			return nil, where, fmt.Errorf("names of labels: %w: name a readable file as actions.connlabel_conf", named(where, err))
		}
		defer f.Close()
		names, err = parse(f)
		if err != nil {
			return nil, where, fmt.Errorf("%s: %w", where, err)
		}
		return names, where, nil
	}
	return nil, files[0], nil
}

// named is an error with the path that it is about.
func named(path string, err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// parse reads lines "BIT NAME"; what follows # is a comment.
func parse(r io.Reader) (map[string]int, error) {
	names := make(map[string]int)
	lines := bufio.NewScanner(io.LimitReader(r, 1<<16))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		w := strings.Fields(line)
		if len(w) == 0 {
			continue
		}
		bit, err := strconv.Atoi(w[0])
		if len(w) != 2 || err != nil || bit < 0 || bit > bitMost {
			return nil, fmt.Errorf("line %d: want a bit from 0 to %d and a name", n, bitMost)
		}
		names[w[1]] = bit
	}
	return names, lines.Err()
}
