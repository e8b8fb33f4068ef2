// Package feed writes what opkg reads from a feed: the index of its packages,
// and the index's signature in the format of OpenBSD's signify.
package feed

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Entry is a package of the feed.
type Entry struct {
	File    string // name of the ipk
	Control string // text of its control file
	Data    []byte // the ipk
}

// Packages is the index: each control file with the place, the size and the
// sum of its ipk put before the description.
func Packages(entries []Entry) ([]byte, error) {
	var b bytes.Buffer
	for _, e := range entries {
		above, description, ok := strings.Cut(e.Control, "Description:")
		if !ok {
			return nil, fmt.Errorf("%s: the control file has no description", e.File)
		}
		fmt.Fprintf(&b, "%sFilename: %s\nSize: %d\nSHA256sum: %x\nDescription:%s\n", above, e.File, len(e.Data), sha256.Sum256(e.Data), description)
	}
	return b.Bytes(), nil
}
