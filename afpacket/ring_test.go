package afpacket

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"

	"netifyd/core"
)

// block lays packets out as the kernel does, the packet i at time i s 7 i ns.
func block(size int, packets ...[]byte) []byte {
	order := binary.NativeEndian
	b := aligned(size)
	order.PutUint32(b[blockStatus:], statusUser)
	order.PutUint32(b[blockPackets:], uint32(len(packets)))
	order.PutUint32(b[blockFirst:], blockHeader)
	at := blockHeader
	for i, p := range packets {
		const mac = 82 // header, address, and padding that aligns what follows Ethernet
		next := (mac + len(p) + 15) &^ 7
		h := b[at:]
		order.PutUint32(h[frameSec:], uint32(i))
		order.PutUint32(h[frameNsec:], uint32(7*i))
		order.PutUint32(h[frameSnapLen:], uint32(len(p)))
		order.PutUint32(h[frameLen:], uint32(1000+i))
		order.PutUint16(h[frameMAC:], mac)
		binary.BigEndian.PutUint16(h[frameProtocol:], 0x0800)
		copy(h[mac:], p)
		if i < len(packets)-1 {
			order.PutUint32(h[frameNext:], uint32(next))
		}
		at += next
	}
	return b
}

// aligned memory, as mapped memory is.
func aligned(size int) []byte {
	words := make([]uint64, size/8)
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), size)
}

// header i of a block.
func header(b []byte, i int) []byte {
	at := binary.NativeEndian.Uint32(b[blockFirst:])
	for range i {
		at += binary.NativeEndian.Uint32(b[at+frameNext:])
	}
	return b[at:]
}

func texts(n int) (packets [][]byte) {
	for i := range n {
		packets = append(packets, []byte(strings.Repeat(string(rune('a'+i)), 60+i)))
	}
	return packets
}

func TestRingWalk(t *testing.T) {
	b := block(4096, texts(5)...)
	binary.NativeEndian.PutUint32(header(b, 1)[frameStatus:], statusUser|statusVLANValid)
	binary.NativeEndian.PutUint32(header(b, 1)[frameTCI:], 0xa064)
	header(b, 2)[frameType] = packetOutgoing
	r := &ring{shape: shape{link: core.LinkEthernet}, mem: b, block: len(b)}
	if !r.ready() {
		t.Fatal("not ready")
	}
	frames := r.take(nil)
	if len(frames) != 5 || r.corrupt.Load() != 0 {
		t.Fatalf("%d frames, %d corrupt", len(frames), r.corrupt.Load())
	}
	for i, f := range frames {
		want := core.Frame{Data: texts(5)[i], Time: int64(i)*1e9 + int64(7*i), Length: 1000 + i, Link: core.LinkEthernet, Outgoing: i == 2}
		if i == 1 {
			want.VLAN, want.HasVLAN, want.Length = 0xa064, true, want.Length+4
		}
		if fmt.Sprint(f) != fmt.Sprint(want) {
			t.Errorf("frame %d: %+v, not %+v", i, f, want)
		}
		if cap(f.Data) != len(f.Data) {
			t.Errorf("frame %d reaches into the next", i)
		}
	}
}

// TestRingTurns walks three blocks around twice, as the kernel and we hand them to each other.
func TestRingTurns(t *testing.T) {
	const size = 4096
	mem := aligned(3 * size)
	r := &ring{shape: shape{link: core.LinkEthernet}, mem: mem, block: size}
	for i := range 6 {
		if r.ready() {
			t.Fatalf("turn %d: ready before the kernel gave a block", i)
		}
		at := i % 3 * size
		copy(mem[at:], block(size, []byte(fmt.Sprintf("packet %d", i))))
		if !r.ready() {
			t.Fatalf("turn %d: not ready", i)
		}
		if frames := r.take(nil); len(frames) != 1 || string(frames[0].Data) != fmt.Sprintf("packet %d", i) {
			t.Fatalf("turn %d: %v", i, frames)
		}
		if r.ready() {
			t.Fatalf("turn %d: ready while lent", i)
		}
		if binary.NativeEndian.Uint32(mem[at+blockStatus:]) != statusUser {
			t.Fatalf("turn %d: given back too early", i)
		}
		r.giveBack()
		r.giveBack() // does nothing
		if s := binary.NativeEndian.Uint32(mem[at+blockStatus:]); s != 0 {
			t.Fatalf("turn %d: status %d", i, s)
		}
	}
}

func TestRingShapes(t *testing.T) {
	b := block(4096, texts(4)...)
	header(b, 1)[frameType] = packetOutgoing
	binary.BigEndian.PutUint16(header(b, 2)[frameProtocol:], 0x86dd)
	binary.BigEndian.PutUint16(header(b, 3)[frameProtocol:], 0x0003)
	for _, c := range []struct {
		shape shape
		want  string
	}{
		{shape{link: core.LinkEthernet}, "abcd"},
		{shape{link: core.LinkEthernet, loopback: true}, "acd"},
		{shape{link: core.LinkRaw, cooked: true}, "abc"},
	} {
		r := &ring{shape: c.shape, mem: b, block: len(b)}
		got := ""
		for _, f := range r.take(nil) {
			got += string(f.Data[:1])
			if f.Link != c.shape.link {
				t.Errorf("link type %d", f.Link)
			}
		}
		if got != c.want {
			t.Errorf("%+v: packets %s, not %s", c.shape, got, c.want)
		}
	}
}

// TestRingCorrupt puts every wrong offset into the second of three packets.
func TestRingCorrupt(t *testing.T) {
	order := binary.NativeEndian
	for name, change := range map[string]func(b []byte){
		"next in its own header": func(b []byte) { order.PutUint32(header(b, 0)[frameNext:], 8) },
		"next is none":           func(b []byte) { order.PutUint32(header(b, 0)[frameNext:], 0) },
		"next is outside":        func(b []byte) { order.PutUint32(header(b, 0)[frameNext:], 4096) },
		"next wraps around":      func(b []byte) { order.PutUint32(header(b, 0)[frameNext:], 0xffffffff) },
		"header over the end":    func(b []byte) { order.PutUint32(header(b, 0)[frameNext:], 4096-blockHeader-frameHeader+1) },
		"bytes over the end":     func(b []byte) { order.PutUint32(header(b, 1)[frameSnapLen:], 4096) },
		"length wraps around":    func(b []byte) { order.PutUint32(header(b, 1)[frameSnapLen:], 0xffffffff) },
		"start over the end":     func(b []byte) { order.PutUint16(header(b, 1)[frameMAC:], 0xffff) },
	} {
		b := block(4096, texts(3)...)
		change(b)
		r := &ring{shape: shape{link: core.LinkEthernet}, mem: b, block: len(b)}
		if frames := r.take(nil); len(frames) != 1 || r.corrupt.Load() != 1 {
			t.Errorf("%s: %d frames, %d corrupt", name, len(frames), r.corrupt.Load())
		}
	}
	for name, change := range map[string]func(b []byte){
		"first before the header": func(b []byte) { order.PutUint32(b[blockFirst:], 8) },
		"first over the end":      func(b []byte) { order.PutUint32(b[blockFirst:], 4090) },
		"first wraps around":      func(b []byte) { order.PutUint32(b[blockFirst:], 0xfffffff0) },
	} {
		b := block(4096, texts(3)...)
		change(b)
		r := &ring{mem: b, block: len(b)}
		if frames := r.take(nil); len(frames) != 0 || r.corrupt.Load() != 1 {
			t.Errorf("%s: %d frames, %d corrupt", name, len(frames), r.corrupt.Load())
		}
	}
	// More packets than there are: the last one leads nowhere.
	b := block(4096, texts(3)...)
	order.PutUint32(b[blockPackets:], 0xffffffff)
	r := &ring{mem: b, block: len(b)}
	if frames := r.take(nil); len(frames) != 3 || r.corrupt.Load() != 1 {
		t.Errorf("too many counted: %d frames, %d corrupt", len(frames), r.corrupt.Load())
	}
}

func FuzzRing(f *testing.F) {
	f.Add(block(512, texts(3)...), uint16(70))
	f.Fuzz(func(t *testing.T, content []byte, noise uint16) {
		b := aligned((len(content) + blockHeader + 7) &^ 7)
		copy(b, content)
		r := &ring{shape: shape{cooked: noise&1 != 0, loopback: noise&2 != 0}, mem: b, block: len(b)}
		frames := r.take(nil)
		// Each packet's header is its own, so there cannot be more than fit.
		if len(frames) > len(b)/frameHeader {
			t.Errorf("%d frames in %d bytes", len(frames), len(b))
		}
		for _, f := range frames {
			if f.Length < 0 || len(f.Data) > len(b) {
				t.Errorf("%+v", f)
			}
		}
	})
}

func TestRingDoesNotAllocate(t *testing.T) {
	r, frames := fullBlock(), []core.Frame(nil)
	if n := testing.AllocsPerRun(100, func() {
		frames = r.take(frames[:0])
		refill(r)
	}); n != 0 {
		t.Errorf("%v allocations a block", n)
	}
}

// fullBlock is one block of packets of 512 bytes.
func fullBlock() *ring {
	var packets [][]byte
	for range DefaultBlockBytes/(512+96) - 1 {
		packets = append(packets, make([]byte, 512))
	}
	b := block(DefaultBlockBytes, packets...)
	return &ring{shape: shape{link: core.LinkEthernet}, mem: b, block: len(b)}
}

func refill(r *ring) {
	r.giveBack()
	binary.NativeEndian.PutUint32(r.mem[blockStatus:], statusUser)
}

// BenchmarkRingWalk gives the time of a packet, of a block in the cache.
func BenchmarkRingWalk(b *testing.B) {
	r, frames, n := fullBlock(), []core.Frame(nil), 0
	b.ReportAllocs()
	for b.Loop() {
		frames = r.take(frames[:0])
		n += len(frames)
		refill(r)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(n), "ns/packet")
}

func TestConfig(t *testing.T) {
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{}, "no interface"},
		{Config{Interface: "a-name-that-is-too-long"}, "longer than 15"},
		{Config{Interface: "eth0", Method: "pcap"}, `use "auto", "ring" or "socket"`},
		{Config{Interface: "eth0", BlockBytes: 5000}, "multiple of the page size"},
		{Config{Interface: "eth0", RingBytes: 1 << 17}, "at least two blocks, 262144"},
		{Config{Interface: "eth0", RingBytes: 1<<21 + 1}, "use 2097152"},
		{Config{Interface: "eth0", RingBytes: 1<<30 + 1<<17}, "at most"},
		{Config{Interface: "eth0", Timeout: time.Microsecond}, "block timeout"},
		{Config{Interface: "eth0", Wait: time.Microsecond}, "wait"},
		{Config{Interface: "eth0", SnapLength: 20}, "snap length of 20 bytes: use 64"},
	} {
		if err := c.config.complete(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.config, err)
		}
	}
	c := Config{Interface: "eth0"}
	if err := c.complete(); err != nil || c.RingBytes != 2<<20 || c.BlockBytes != 128<<10 || c.SnapLength != 65535 || c.Method != Auto {
		t.Errorf("%+v %v", c, err)
	}
	c = Config{Interface: "eth0", BlockBytes: 3 << 16}
	if err := c.complete(); err != nil || c.RingBytes%c.BlockBytes != 0 {
		t.Errorf("default ring for an odd block: %d, %v", c.RingBytes, err)
	}
}
