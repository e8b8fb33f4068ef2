package bpf

import (
	"encoding/binary"
	"strings"
	"testing"
	"time"

	"netifyd/core"
)

// record is one packet with its header, as the kernel lays it.
func record(sec, nsec int64, length int, data []byte, align int) []byte {
	order := binary.NativeEndian
	// The kernel aligns the network header behind 14 bytes of Ethernet: 32 + 14 is no multiple of 4, so 2 more.
	const header = 34
	b := make([]byte, header, header+len(data)+align)
	order.PutUint64(b[headerSec:], uint64(sec))
	order.PutUint64(b[headerFrac:], uint64(nsec))
	order.PutUint32(b[headerCapLen:], uint32(len(data)))
	order.PutUint32(b[headerLen:], uint32(length))
	order.PutUint16(b[headerSize:], header)
	b = append(b, data...)
	for len(b)%align != 0 {
		b = append(b, 0xee)
	}
	return b
}

func TestWalk(t *testing.T) {
	for _, align := range []int{4, 8} {
		var buf []byte
		for i := range 5 {
			data := []byte(strings.Repeat(string(rune('a'+i)), 60+i))
			buf = append(buf, record(1700000000+int64(i), int64(i)*111, 1500+i, data, align)...)
		}
		frames, ok := walk(nil, buf, core.LinkEthernet, align)
		if !ok || len(frames) != 5 {
			t.Fatalf("align %d: %d frames, %v", align, len(frames), ok)
		}
		for i, f := range frames {
			if string(f.Data) != strings.Repeat(string(rune('a'+i)), 60+i) || f.Length != 1500+i || f.Link != core.LinkEthernet || f.Time != (1700000000+int64(i))*1e9+int64(i)*111 {
				t.Errorf("align %d, frame %d: %+v", align, i, f)
			}
			if cap(f.Data) != len(f.Data) {
				t.Errorf("frame %d reaches into the next", i)
			}
		}
		// Behind the last packet the kernel leaves the padding out.
		padding := (align - (34+64)%align) % align
		if frames, ok = walk(frames[:0], buf[:len(buf)-padding], core.LinkEthernet, align); len(frames) != 5 || !ok {
			t.Errorf("align %d, without the last padding: %d frames, %v", align, len(frames), ok)
		}
	}
}

func TestWalkCut(t *testing.T) {
	one := record(1, 2, 3, make([]byte, 62), 8)
	buf := append(append([]byte(nil), one...), one...)
	for n := range len(buf) {
		frames, ok := walk(nil, buf[:n], core.LinkEthernet, 8)
		want := n / len(one)
		if len(frames) != want || ok != (n%len(one) == 0) {
			t.Fatalf("%d bytes: %d frames, %v", n, len(frames), ok)
		}
	}
}

func TestWalkWrongLengths(t *testing.T) {
	for name, change := range map[string]func(b []byte){
		"captured": func(b []byte) { binary.NativeEndian.PutUint32(b[headerCapLen:], 0xffffffff) },
		"header":   func(b []byte) { binary.NativeEndian.PutUint16(b[headerSize:], 0xffff) },
		"none":     func(b []byte) { binary.NativeEndian.PutUint16(b[headerSize:], 0) },
	} {
		good, bad := record(1, 2, 60, make([]byte, 60), 8), record(1, 2, 60, make([]byte, 60), 8)
		change(bad)
		if frames, ok := walk(nil, append(good, bad...), core.LinkEthernet, 8); ok || len(frames) != 1 {
			t.Errorf("%s: %d frames, %v", name, len(frames), ok)
		}
	}
}

func TestWalkDoesNotAllocate(t *testing.T) {
	buf := record(1, 2, 60, make([]byte, 60), 8)
	frames := make([]core.Frame, 0, 4)
	if n := testing.AllocsPerRun(100, func() { frames, _ = walk(frames[:0], buf, core.LinkEthernet, 8) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzWalk(f *testing.F) {
	f.Add(record(1, 2, 60, make([]byte, 60), 8))
	f.Fuzz(func(t *testing.T, buf []byte) {
		frames, _ := walk(nil, buf, core.LinkRaw, 8)
		total := 0
		for _, f := range frames {
			total += len(f.Data)
		}
		if total > len(buf) {
			t.Errorf("%d bytes of frames in %d", total, len(buf))
		}
	})
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, "no interface"},
		{Config{Interface: "a-name-that-is-too-long"}, "longer than 15"},
		{Config{Interface: "em0", BufferBytes: 100}, "buffer of 100 bytes: use 4096"},
		{Config{Interface: "em0", Timeout: time.Hour}, "timeout"},
		{Config{Interface: "em0", SnapLength: 5}, "snap length"},
	} {
		if err := c.config.complete(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
	c := Config{Interface: "em0"}
	if err := c.complete(); err != nil || c.BufferBytes != DefaultBufferBytes || c.Timeout != DefaultTimeout || c.SnapLength != DefaultSnapLength {
		t.Errorf("%+v %v", c, err)
	}
}
