package pcapfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"netifyd/core"
)

var orders = map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian}

func TestClassic(t *testing.T) {
	records := []record{
		{1700000000, 123456, 5, 5, []byte("hello")},
		{1700000001, 999999, 3, 1500, []byte("cut")},
		{1700000000, 0, 0, 60, nil},
		{4294967295, 1, 1, 0, []byte("x")}, // the length is never less than what is there
	}
	for name, order := range orders {
		for magic, unit := range map[uint32]int64{magicMicro: 1000, magicNano: 1, magicModified: 1000} {
			file := classicFile(order, magic, 4, 0xf0000000|101, records...)
			got, err := readAll(t, bytes.NewReader(file))
			want := []packet{
				{"hello", 1700000000e9 + 123456*unit, 5, 101},
				{"cut", 1700000001e9 + 999999*unit, 1500, 101},
				{"", 1700000000e9, 60, 101},
				{"x", 4294967295e9 + unit, 1, 101},
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s %x: %v, %v", name, magic, got, err)
			}
		}
	}
}

func TestClassicOldLengths(t *testing.T) {
	for minor, r := range map[uint16]record{2: {1, 0, 9, 3, []byte("old")}, 3: {1, 0, 9, 3, []byte("old")}} {
		got, err := readAll(t, bytes.NewReader(classicFile(binary.BigEndian, magicMicro, minor, 1, r)))
		if want := []packet{{"old", 1e9, 9, 1}}; err != nil || !slices.Equal(got, want) {
			t.Errorf("2.%d: %v, %v", minor, got, err)
		}
	}
}

// ngFile has two sections, the second in the other byte order.
func ngFile(order, other binary.AppendByteOrder) []byte {
	return slices.Concat(
		ngSection(order),
		ngInterface(order, 1, 4),
		ngInterface(order, 113, 0, ngOption(order, 2, []byte("eth0")), ngOption(order, optionTSResol, []byte{9}),
			ngOption(order, optionTSOff, order.AppendUint64(nil, 1000)), ngOption(order, optionEnd, nil)),
		ngInterface(order, 101, 0, ngOption(order, optionTSResol, []byte{binaryResol | 10})),
		ngBlock(order, 5, bytes.Repeat([]byte{1}, 40)), // statistics
		ngEnhanced(order, 0, 1700000000_000001, 5, []byte("first")),
		ngEnhanced(order, 1, 1700000000_000000001, 99, []byte("nano")),
		ngEnhanced(order, 2, 5<<10|512, 3, []byte("bin")),
		ngSimple(order, 9, []byte("simp")),
		ngOld(order, 0, 1700000001_000000, 3, []byte("old")),
		ngBlock(order, 0x80000bad, make([]byte, bufSize+4096)), // larger than the window
		ngSection(other),
		ngInterface(other, 228, 0),
		ngEnhanced(other, 0, 2_000000, 1, []byte("z")),
	)
}

func TestNG(t *testing.T) {
	want := []packet{
		{"first", 1700000000_000001000, 5, 1},
		{"nano", 1700001000_000000001, 99, 113},
		{"bin", 5_500000000, 3, 101},
		{"simp", 1700001000_000000001, 9, 1},
		{"old", 1700000001_000000000, 3, 1},
		{"z", 2_000000000, 1, 228},
	}
	for name, file := range map[string][]byte{
		"little": ngFile(binary.LittleEndian, binary.BigEndian),
		"big":    ngFile(binary.BigEndian, binary.LittleEndian),
	} {
		got, err := readAll(t, bytes.NewReader(file))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		got, err = readAll(t, iotest.OneByteReader(bytes.NewReader(file)))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s, byte by byte: %v, %v", name, got, err)
		}
	}
}

func TestTimes(t *testing.T) {
	for _, c := range []struct {
		resol  uint8
		offset int64
		stamp  uint64
		want   int64
	}{
		{6, 0, 1_500000, 1_500000000},
		{0, 0, 7, 7e9},
		{3, -1, 2500, 1_500000000},
		{12, 0, 1_000000000999, 1_000000000},
		{19, 0, 1e18, 100000000},
		{20, 0, 1e18, 0},
		{6, -100, 5, 0},
		{6, 1 << 62, 5, 9223372035_000005000},
		{6, -1 << 63, 5, 0},
		{6, 9223372035, 1_000000, 1<<63 - 1},
		{0, 0, 1<<64 - 1, 9223372035e9},
		{binaryResol, 0, 3, 3e9},
		{binaryResol | 1, 0, 3, 1_500000000},
		{binaryResol | 63, 0, 1 << 62, 500000000},
		{binaryResol | 64, 0, 1 << 62, 0},
	} {
		i := iface{resol: c.resol, offset: c.offset}
		if got := i.time(c.stamp); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// TestEveryPrefix cuts files everywhere: what came before the cut is read, and
// the error says so unless the cut is between two packets.
func TestEveryPrefix(t *testing.T) {
	small := slices.Concat(ngSection(binary.LittleEndian), ngInterface(binary.LittleEndian, 1, 0),
		ngEnhanced(binary.LittleEndian, 0, 1, 2, []byte("ab")), ngBlock(binary.LittleEndian, 5, make([]byte, 8)),
		ngEnhanced(binary.LittleEndian, 0, 2, 3, []byte("cde")))
	for name, file := range map[string][]byte{
		"classic": classicFile(binary.LittleEndian, magicMicro, 4, 1, record{1, 0, 2, 2, []byte("ab")}, record{1, 1, 3, 3, []byte("cde")}),
		"ng":      small,
	} {
		whole, err := readAll(t, bytes.NewReader(file))
		if err != nil || len(whole) != 2 {
			t.Fatalf("%s: %v, %v", name, whole, err)
		}
		clean := 0
		for n := range file {
			got, err := readAll(t, bytes.NewReader(file[:n]))
			if !slices.Equal(got, whole[:len(got)]) {
				t.Errorf("%s cut at %d: %v", name, n, got)
			}
			switch {
			case n < magicLen:
				if !errors.Is(err, ErrNotCapture) {
					t.Errorf("%s cut at %d: %v", name, n, err)
				}
			case err == nil:
				clean++
			case !errors.Is(err, ErrTruncated):
				t.Errorf("%s cut at %d: %v", name, n, err)
			}
		}
		if want := map[string]int{"classic": 2, "ng": 4}[name]; clean != want {
			t.Errorf("%s: %d clean ends, want %d", name, clean, want)
		}
	}
}

func TestRefused(t *testing.T) {
	little := binary.LittleEndian
	section := ngSection(little)
	with := func(blocks ...[]byte) []byte { return slices.Concat(append([][]byte{section}, blocks...)...) }
	for name, c := range map[string]struct {
		file []byte
		want error
		says string
	}{
		"empty":     {nil, ErrNotCapture, "file is empty"},
		"text":      {[]byte("GET / HTTP/1.1"), ErrNotCapture, `47 45 54 20 ("GET ")`},
		"gzip":      {[]byte{0x1f, 0x8b, 8, 0, 0}, ErrNotCapture, "compressed by gzip: zcat FILE | netifyd replay -"},
		"xz":        {[]byte("\xfd7zXZ\x00"), ErrNotCapture, "compressed by xz: xzcat FILE"},
		"zstd":      {[]byte("\x28\xb5\x2f\xfd\x00"), ErrNotCapture, "compressed by zstd: zstdcat FILE"},
		"snoop":     {[]byte("snoop\x00\x00\x00\x00\x00\x00\x02"), ErrNotCapture, "of snoop of Solaris: editcap -F pcap"},
		"netmon":    {[]byte("GMBU\x00\x02"), ErrNotCapture, "Network Monitor of Windows: editcap"},
		"huge":      {classicFile(little, magicMicro, 4, 1, record{1, 0, MaxPacket + 1, MaxPacket + 1, nil}), ErrFormat, "offset 24"},
		"order":     {ngBlock(little, blockSection, make([]byte, 16)), ErrFormat, "magic 00 00 00 00"},
		"interface": {with(ngEnhanced(little, 0, 1, 1, []byte("a"))), ErrFormat, "interface 0"},
		"length":    {with([]byte{6, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0}), ErrFormat, "offset 28"},
		"longblock": {with([]byte{6, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}), ErrFormat, "16777216"},
		"captured":  {with(ngInterface(little, 1, 0), ngBlock(little, blockEnhanced, append(make([]byte, 12), 9, 0, 0, 0, 9, 0, 0, 0))), ErrFormat, "9 captured"},
		"shortEPB":  {with(ngInterface(little, 1, 0), ngBlock(little, blockEnhanced, make([]byte, 16))), ErrFormat, "offset 48"},
		"shortOPB":  {with(ngInterface(little, 1, 0), ngBlock(little, blockOld, make([]byte, 16))), ErrFormat, "offset 48"},
		"shortIDB":  {with(ngBlock(little, blockInterface, make([]byte, 4))), ErrFormat, "offset 28"},
		"shortSPB":  {with(ngSimple(little, 1, nil)), ErrFormat, "simple"},
	} {
		_, err := readAll(t, bytes.NewReader(c.file))
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Packets of a link that nobody reads here are lent, and named at the end.
func TestUnknownLink(t *testing.T) {
	order := binary.BigEndian
	file := slices.Concat(ngSection(order), ngInterface(order, uint16(core.LinkEthernet), 0), ngInterface(order, 253, 0),
		ngEnhanced(order, 0, 1, 3, []byte("abc")), ngEnhanced(order, 1, 2, 3, []byte("def")), ngEnhanced(order, 1, 3, 3, []byte("ghi")))
	got, err := readAll(t, bytes.NewReader(file))
	if len(got) != 3 || !errors.Is(err, ErrLink) || !strings.Contains(err.Error(), "link type Netlink (253) is not understood: 2 of 3 packets are not read") {
		t.Errorf("%d packets, %v", len(got), err)
	}
	if got, err = readAll(t, bytes.NewReader(file[:len(file)-4])); !errors.Is(err, ErrTruncated) {
		t.Errorf("cut short: %d packets, %v", len(got), err)
	}
}

// TestBatches reads more packets than a batch and the window hold.
func TestBatches(t *testing.T) {
	const count, size = 300, 60000
	var records []record
	for i := range count {
		n := size
		if i%3 == 0 {
			n = 10
		}
		records = append(records, record{uint32(i), 0, uint32(n), uint32(n), bytes.Repeat([]byte{byte(i)}, n)})
	}
	got, err := readAll(t, bytes.NewReader(classicFile(binary.LittleEndian, magicMicro, 4, 1, records...)))
	if err != nil || len(got) != count {
		t.Fatalf("%d packets, %v", len(got), err)
	}
	for i, p := range got {
		if p.data != string(records[i].data) || p.time != int64(i)*1e9 {
			t.Fatalf("packet %d differs", i)
		}
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	file := classicFile(binary.LittleEndian, magicMicro, 4, 1, record{1, 0, 1, 1, []byte("a")})
	got, err := readAll(t, io.MultiReader(bytes.NewReader(file), iotest.ErrReader(broken)))
	if len(got) != 1 || !errors.Is(err, broken) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestOpen(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("absent file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "a.pcap")
	file := classicFile(binary.LittleEndian, magicMicro, 4, 1, record{1, 0, 1, 1, []byte("a")})
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	var b core.Batch
	if err := s.Next(&b); err != nil || len(b.Frames) != 1 {
		t.Errorf("%v, %v", b, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestPipe holds that packets are lent as they come, not when the window is full.
func TestPipe(t *testing.T) {
	r, w := io.Pipe()
	file := classicFile(binary.LittleEndian, magicMicro, 4, 1, record{1, 0, 1, 1, []byte("a")})
	go w.Write(file)
	s := New(r, "pipe")
	var b core.Batch
	if err := s.Next(&b); err != nil || len(b.Frames) != 1 {
		t.Errorf("%v, %v", b, err)
	}
	w.Close()
	if err := s.Next(&b); err != io.EOF {
		t.Error(err)
	}
}

// endless gives the records of a file again and again.
type endless struct {
	head, body []byte
	at         int
}

func (e *endless) Read(p []byte) (int, error) {
	if n := copy(p, e.head); n > 0 {
		e.head = e.head[n:]
		return n, nil
	}
	n := copy(p, e.body[e.at:])
	e.at = (e.at + n) % len(e.body)
	return n, nil
}

func endlessFile() *endless {
	file := classicFile(binary.LittleEndian, magicMicro, 4, 1, record{1, 0, 600, 600, make([]byte, 600)})
	return &endless{head: file[:headerLen], body: file[headerLen:]}
}

func TestNoAllocation(t *testing.T) {
	s := New(endlessFile(), "endless")
	var b core.Batch
	if n := testing.AllocsPerRun(1000, func() {
		if err := s.Next(&b); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

func BenchmarkNext(b *testing.B) {
	s := New(endlessFile(), "endless")
	var batch core.Batch
	b.ReportAllocs()
	for i := 0; i < b.N; i += len(batch.Frames) {
		if err := s.Next(&batch); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(classicFile(binary.BigEndian, magicModified, 4, 1, record{1, 2, 3, 4, []byte("abc")}))
	f.Add(slices.Concat(ngSection(binary.BigEndian), ngInterface(binary.BigEndian, 1, 0, ngOption(binary.BigEndian, optionTSResol, []byte{9})),
		ngEnhanced(binary.BigEndian, 0, 2, 3, []byte("cde")), ngSimple(binary.BigEndian, 2, []byte("xy")), ngOld(binary.BigEndian, 0, 1, 2, []byte("q"))))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := readAll(t, bytes.NewReader(file))
		again, err2 := readAll(t, iotest.OneByteReader(bytes.NewReader(file)))
		if !slices.Equal(got, again) || (err == nil) != (err2 == nil) {
			t.Errorf("%d packets, %v; byte by byte %d, %v", len(got), err, len(again), err2)
		}
		if err != nil && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrFormat) && !errors.Is(err, ErrNotCapture) && !errors.Is(err, ErrLink) {
			t.Error(err)
		}
	})
}
