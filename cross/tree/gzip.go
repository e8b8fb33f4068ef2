package tree

import (
	"bytes"
	"compress/gzip"
)

// Gzip packs bytes as gzip -9n does: the same bytes give the same, with no name
// and no time.
func Gzip(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(b); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
