package http

import (
	"bytes"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// packer makes bodies smaller, with one writer for life.
type packer struct {
	gzip *gzip.Writer
	zstd *zstd.Encoder
	out  bytes.Buffer
	dst  []byte
}

func newPacker(how string) (p packer, err error) {
	switch how {
	case "none":
	case "", "gzip":
		p.gzip, err = gzip.NewWriterLevel(nil, gzip.DefaultCompression)
	case "zstd":
		p.zstd, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(256<<10))
	default:
		err = fmt.Errorf("%q: want gzip, zstd or none", how)
	}
	return p, err
}

// pack gives the body, valid until the next call, and its Content-Encoding.
func (p *packer) pack(body []byte) ([]byte, string) {
	switch {
	case p.zstd != nil:
		p.dst = p.zstd.EncodeAll(body, p.dst[:0])
		return p.dst, "zstd"
	case p.gzip != nil:
		p.out.Reset()
		p.gzip.Reset(&p.out)
		_, _ = p.gzip.Write(body)
		_ = p.gzip.Close()
		return p.out.Bytes(), "gzip"
	}
	return body, ""
}
