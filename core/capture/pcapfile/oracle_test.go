package pcapfile

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"netifyd/core"
)

// oracle reads a file with pcapgo. ok is false for what pcapgo does not read.
func oracle(t testing.TB, file []byte) (all []packet, ok bool) {
	var source gopacket.PacketDataSource
	var link func(gopacket.CaptureInfo) core.LinkType
	if r, err := pcapgo.NewReader(bytes.NewReader(file)); err == nil {
		source = r
		link = func(gopacket.CaptureInfo) core.LinkType { return core.LinkType(r.LinkType()) }
	} else if r, err := pcapgo.NewNgReader(bytes.NewReader(file), pcapgo.NgReaderOptions{WantMixedLinkType: true}); err == nil {
		source = r
		link = func(info gopacket.CaptureInfo) core.LinkType {
			if len(info.AncillaryData) > 0 { // only there where interfaces differ
				return core.LinkType(info.AncillaryData[0].(layers.LinkType))
			}
			return core.LinkType(r.LinkType())
		}
	} else {
		return nil, false
	}
	for {
		data, info, err := source.ReadPacketData()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return all, true
		}
		if err != nil {
			t.Logf("pcapgo: %v", err)
			return all, false
		}
		all = append(all, packet{string(data), info.Timestamp.UnixNano(), info.Length, link(info)})
	}
}

// compare holds got against pcapgo's reading. pcapgo leaves the time of a
// simple packet block zero, and believes a length that is less than what was
// captured; link types above 255 do not fit its type; a fraction of more than
// 4.29 s, which only a damaged file has, wraps around in it; and it takes a
// length that is no int32.
func compare(t *testing.T, name string, file []byte) bool {
	want, ok := oracle(t, file)
	got, err := readAll(t, bytes.NewReader(file))
	if err != nil && !errors.Is(err, ErrTruncated) {
		t.Errorf("%s: %v", name, err)
	}
	if !ok && len(want) == 0 {
		return false
	}
	if len(got) < len(want) || ok && len(got) != len(want) {
		t.Errorf("%s: %d packets, pcapgo has %d", name, len(got), len(want))
		return true
	}
	for i, w := range want {
		g := got[i]
		if w.time <= 0 || w.time == (time.Time{}).UnixNano() {
			w.time = g.time
		}
		if (g.time-w.time)%(1<<32) == 0 {
			w.time = g.time
		}
		w.length = min(max(w.length, len(w.data)), 1<<31-1)
		g.link &= 0xff
		if g != w {
			t.Errorf("%s: packet %d: %d bytes, time %d, length %d, link %d; pcapgo has %d, %d, %d, %d", name, i,
				len(g.data), g.time, g.length, g.link, len(w.data), w.time, w.length, w.link)
			break
		}
	}
	return true
}

func TestOracleCaptures(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	var paths []string
	for _, pattern := range []string{"testdata/*.pcap*", "../shared/corpus/captures/*"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		t.Skip("no captures")
	}
	compared := 0
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if compare(t, filepath.Base(path), file) {
			compared++
		} else {
			t.Logf("%s: not read by pcapgo", path)
		}
	}
	t.Logf("%d of %d captures compared", compared, len(paths))
}

// TestOracleWriters reads what pcapgo writes.
func TestOracleWriters(t *testing.T) {
	at := time.Unix(1700000000, 123456789)
	packets := [][]byte{[]byte("one"), bytes.Repeat([]byte("two"), 500), []byte("three")}
	type writer interface {
		WritePacket(gopacket.CaptureInfo, []byte) error
	}
	for name, open := range map[string]func(io.Writer) (writer, func() error){
		"micro": func(w io.Writer) (writer, func() error) {
			p := pcapgo.NewWriter(w)
			return p, func() error { return p.WriteFileHeader(65535, layers.LinkTypeRaw) }
		},
		"nano": func(w io.Writer) (writer, func() error) {
			p := pcapgo.NewWriterNanos(w)
			return p, func() error { return p.WriteFileHeader(65535, layers.LinkTypeRaw) }
		},
		"ng": func(w io.Writer) (writer, func() error) {
			p, err := pcapgo.NewNgWriter(w, layers.LinkTypeEthernet)
			return p, func() error { return err }
		},
	} {
		var file bytes.Buffer
		w, begin := open(&file)
		if err := begin(); err != nil {
			t.Fatal(err)
		}
		for i, p := range packets {
			info := gopacket.CaptureInfo{Timestamp: at.Add(time.Duration(i) * time.Second), CaptureLength: len(p), Length: len(p) + 4}
			if err := w.WritePacket(info, p); err != nil {
				t.Fatal(err)
			}
		}
		if ng, ok := w.(*pcapgo.NgWriter); ok {
			if err := ng.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if !compare(t, name, file.Bytes()) {
			t.Errorf("%s: pcapgo does not read itself", name)
		}
		if got, err := readAll(t, &file); err != nil || len(got) != len(packets) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
