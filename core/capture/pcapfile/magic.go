package pcapfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

const magicLen = 4

// First four bytes of a capture file, in the byte order of who wrote it.
const (
	magicMicro    = 0xa1b2c3d4
	magicNano     = 0xa1b23c4d
	magicModified = 0xa1b2cd34 // Alexey Kuznetzov's: longer packet headers
	magicSection  = 0x0a0d0d0a // pcapng, the same in both orders
)

// detect reads the file header. A nil format and no error mean that b is too
// short; size is the number of bytes that the records do not begin with.
func detect(b []byte) (f format, size int, err error) {
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 0xa1 {
		order = binary.BigEndian
	}
	switch magic := order.Uint32(b); magic {
	case magicSection:
		return &ng{}, 0, nil
	case magicMicro, magicNano, magicModified:
		if len(b) < headerLen {
			return nil, 0, nil
		}
		return newClassic(b, magic, order), headerLen, nil
	}
	return nil, 0, unknown(b)
}

// plausible says whether b may be the beginning of a capture file's header.
func plausible(b []byte) bool {
	if len(b) < magicLen {
		return false
	}
	_, _, err := detect(b)
	return err == nil
}

// unknown is the error for a file that begins with b.
func unknown(b []byte) error {
	if len(b) == 0 {
		return fmt.Errorf("file is empty: %w", ErrNotCapture)
	}
	for _, c := range foreign {
		if bytes.HasPrefix(b, []byte(c.magic)) {
			return fmt.Errorf("file is of %s: editcap -F pcap FILE NEW writes one that is read: %w", c.name, ErrNotCapture)
		}
	}
	b = b[:min(len(b), magicLen)]
	for _, c := range packers {
		if bytes.HasPrefix(b, c.magic) {
			return fmt.Errorf("file is compressed by %s: %s FILE | netifyd replay - reads it: %w", c.name, c.cat, ErrNotCapture)
		}
	}
	return fmt.Errorf("file begins with % x (%q), neither pcap nor pcapng: %w", b, b, ErrNotCapture)
}

// packers are the programs by which captures are kept small, what their files
// begin with, and how one is read.
var packers = []struct {
	magic     []byte
	name, cat string
}{
	{[]byte{0x1f, 0x8b}, "gzip", "zcat"},
	{[]byte("BZh"), "bzip2", "bzcat"},
	{[]byte{0xfd, '7', 'z', 'X'}, "xz", "xzcat"},
	{[]byte{0x28, 0xb5, 0x2f, 0xfd}, "zstd", "zstdcat"},
	{[]byte{0x04, 0x22, 0x4d, 0x18}, "lz4", "lz4cat"},
	{[]byte("PK\x03\x04"), "zip", "unzip -p"},
}

// foreign are programs whose captures have a form of their own, and what their
// files begin with.
var foreign = []struct{ magic, name string }{
	{"snoop\x00\x00\x00", "snoop of Solaris"},
	{"GMBU", "Network Monitor of Windows"},
	{"RTSS", "Network Monitor of Windows"},
	{"TRSNIFF", "Sniffer"},
}
