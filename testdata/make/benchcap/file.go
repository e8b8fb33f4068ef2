package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"netifyd/core"
	"netifyd/core/capture/pcapfile"
)

// packet is a frame and when it came, in nanoseconds after its capture began.
type packet struct {
	at   int64
	data []byte
}

type capture struct {
	name    string
	packets []packet
}

// readLibrary reads the Ethernet captures of a folder, in the order of their names.
func readLibrary(dir string) (list []capture, err error) {
	names, _ := filepath.Glob(filepath.Join(dir, "*.pcap"))
	for _, name := range names {
		src, err := pcapfile.Open(name)
		if err != nil {
			return nil, err
		}
		c := capture{name: strings.TrimSuffix(filepath.Base(name), ".pcap")}
		var b core.Batch
		var first int64
		for err = src.Next(&b); err == nil; err = src.Next(&b) {
			for _, f := range b.Frames {
				if f.Link != core.LinkEthernet {
					continue
				}
				if first == 0 {
					first = f.Time
				}
				c.packets = append(c.packets, packet{f.Time - first, bytes.Clone(f.Data)})
			}
		}
		src.Close()
		if !errors.Is(err, io.EOF) {
			return nil, err
		}
		if len(c.packets) > 0 {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no captures here", dir)
	}
	return list, nil
}

// start is the time of a written capture's first packet: 2023-11-14.
const start = 1_700_000_000e9

// writer writes a capture file of Ethernet frames, with times in microseconds.
type writer struct {
	file    *os.File
	buf     *bufio.Writer
	packets int
}

func create(path string) (*writer, error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := &writer{file: f, buf: bufio.NewWriterSize(f, 1<<20)}
	head := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	for _, n := range []uint32{2 | 4<<16, 0, 0, 262144, 1} {
		head = binary.LittleEndian.AppendUint32(head, n)
	}
	_, err = w.buf.Write(head)
	return w, err
}

// put writes a packet; an error is given by close.
func (w *writer) put(at int64, data []byte) {
	var head [16]byte
	t := start + at
	for i, n := range []uint32{uint32(t / 1e9), uint32(t % 1e9 / 1e3), uint32(len(data)), uint32(len(data))} {
		binary.LittleEndian.PutUint32(head[4*i:], n)
	}
	_, _ = w.buf.Write(head[:])
	_, _ = w.buf.Write(data)
	w.packets++
}

func (w *writer) close() error {
	return errors.Join(w.buf.Flush(), w.file.Close())
}

// copies is a packet of one of many copies of a capture.
type copied struct {
	at     int64
	packet *packet
	n      uint32 // which copy: it has addresses of its own
}

// putAll writes packets in the order of time.
func (w *writer) putAll(list []copied) {
	slices.SortStableFunc(list, func(a, b copied) int {
		if a.at < b.at {
			return -1
		} else if a.at > b.at {
			return 1
		}
		return 0
	})
	var buf []byte
	for _, c := range list {
		buf = append(buf[:0], c.packet.data...)
		renumber(buf, c.n)
		w.put(c.at, buf)
	}
}

// renumber gives the addresses of the outermost IP header to a copy: of
// 10.9.0.x becomes 1x.n, of fd00:9::x fd00:9:n::x. Checksums are left: no
// program that is measured looks at them.
func renumber(b []byte, n uint32) {
	if len(b) < 34 || n == 0 {
		return
	}
	switch binary.BigEndian.Uint16(b[12:]) {
	case 0x0800:
		for _, a := range [][]byte{b[26:30], b[30:34]} {
			if a[0] == 10 && a[1] == 9 && a[2] == 0 {
				a[0] = 10 + a[3]%8
				a[1], a[2], a[3] = byte(n>>16), byte(n>>8), byte(n)
			}
		}
	case 0x86dd:
		if len(b) < 54 {
			return
		}
		for _, a := range [][]byte{b[22:38], b[38:54]} {
			if a[0] == 0xfd && a[1] == 0 && a[3] == 9 {
				binary.BigEndian.PutUint32(a[4:], n)
			}
		}
	}
}
