package afpacket

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"netifyd/core"
)

// tcp6 is an Ethernet, IPv6, TCP frame.
func tcp6(port uint16, flags byte, payload int) []byte {
	f := []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd}
	ip := make([]byte, 60+payload)
	ip[0], ip[6], ip[7] = 0x60, 6, 64
	binary.BigEndian.PutUint16(ip[4:], uint16(20+payload))
	ip[8], ip[23], ip[24], ip[39] = 0x20, 1, 0x20, 2
	binary.BigEndian.PutUint16(ip[40:], port)
	binary.BigEndian.PutUint16(ip[42:], 443)
	ip[52], ip[53] = 0x50, flags
	return append(f, ip...)
}

func shunting(t testing.TB, here string, timeout time.Duration) *Source {
	t.Helper()
	s := mustOpen(t, Config{Interface: here, Method: Ring, Shunt: 64, Timeout: timeout, Wait: timeout})
	if err := s.shunt.err; err != nil {
		finish(s)
		without(t, err)
	}
	return s
}

// without skips where the kernel has no shunt; a program that it finds wrong is a failure.
func without(t testing.TB, err error) {
	t.Helper()
	if strings.Contains(err.Error(), "bpf program") && os.Getuid() == 0 {
		t.Fatal(err)
	}
	t.Skip(err)
}

// TestShuntCountsExactly: what the kernel counted and what was lent are together what was sent.
func TestShuntCountsExactly(t *testing.T) {
	here, there := pair(t)
	source := shunting(t, here, 0)
	r := read(t, source)
	out := newSender(t, there)
	v4 := &core.Tuple{Src: [16]byte{10, 0, 0, 1}, Dst: [16]byte{10, 0, 0, 2}, SrcPort: 1024 + 7, DstPort: 4000, Protocol: 17, Version: 4}
	v6 := &core.Tuple{Src: [16]byte{0: 0x20, 15: 1}, Dst: [16]byte{0: 0x20, 15: 2}, SrcPort: 5000, DstPort: 443, Protocol: 6, Version: 6}
	out.send(frame(7, 4000, 0, 100)) // before: lent
	r.want(1)
	for _, tuple := range []*core.Tuple{v4, v6} {
		if err := source.Shunt(tuple); err != nil {
			t.Fatal(err)
		}
	}
	const n = 1000
	for i := range n {
		tag := uint16(0)
		if i%2 == 1 {
			tag = 5 // the kernel takes the tag out: the flow is the same
		}
		out.send(frame(7, 4000, tag, 100))
		out.send(tcp6(5000, 0x10, 200))
		out.send(frame(8, 4000, 0, 100)) // another flow
	}
	out.send(tcp6(5000, 0x11, 0)) // FIN
	out.send(tcp6(5000, 0x14, 0)) // RST
	out.send(frame(9, 4000, 0, 100))
	var lent4, lent6, other int
	for {
		f := r.want(1)[0]
		b := f.bytes
		switch {
		case b[12] == 0x86:
			lent6++
		case binary.BigEndian.Uint16(b[34:]) == 1024+7:
			lent4++
		case binary.BigEndian.Uint16(b[34:]) == 1024+8:
			other++
		default:
			goto last
		}
	}
last:
	c4, ok4 := source.Shunted(v4)
	c6, ok6 := source.Shunted(v6)
	if !ok4 || !ok6 {
		t.Fatal("the tuples are not in the map")
	}
	if other != n {
		t.Errorf("%d packets of another flow, want %d", other, n)
	}
	if int(c4.Packets)+lent4 != n || c4.Bytes != c4.Packets*128 {
		t.Errorf("IPv4: %d counted (%d bytes) and %d lent of %d", c4.Packets, c4.Bytes, lent4, n)
	}
	if int(c6.Packets)+lent6 != n+2 || c6.Bytes != c6.Packets*260 {
		t.Errorf("IPv6: %d counted (%d bytes) and %d lent of %d", c6.Packets, c6.Bytes, lent6, n+2)
	}
	if want := n / everyNth; lent4 != want || lent6 != want+2 {
		t.Errorf("%d and %d lent, want every %dth: %d, and two with FIN or RST", lent4, lent6, everyNth, want)
	}
	source.Unshunt(v4)
	out.send(frame(7, 4000, 0, 100))
	if f := r.want(1)[0]; binary.BigEndian.Uint16(f.bytes[34:]) != 1024+7 {
		t.Error("after Unshunt the flow's packets are lent again")
	}
	if _, ok := source.Shunted(v4); ok {
		t.Error("still in the map after Unshunt")
	}
	r.none()
}

func TestShuntIsRefusedWithAReason(t *testing.T) {
	here, _ := pair(t)
	tuple := &core.Tuple{Protocol: 17, Version: 4}
	for name, c := range map[string]struct {
		config Config
		says   string
	}{
		"off":      {Config{Interface: here, Method: Ring}, "switched off"},
		"filter":   {Config{Interface: here, Method: Ring, Shunt: 64, Filter: "udp"}, "one only"},
		"loopback": {Config{Interface: "lo", Method: Ring, Shunt: 64}, "Ethernet"},
		"socket":   {Config{Interface: here, Method: Socket, Shunt: 64}, "without a ring"},
	} {
		s := mustOpen(t, c.config)
		err := s.Shunt(tuple)
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		_ = s.Close()
	}
}

func TestFullShuntMap(t *testing.T) {
	here, _ := pair(t)
	s := shunting(t, here, 0)
	defer finish(s)
	var refused error
	for n := range 100 {
		if err := s.Shunt(&core.Tuple{SrcPort: uint16(n), Protocol: 17, Version: 4}); err != nil {
			refused = err
			if n != 64 {
				t.Errorf("refused after %d, want 64", n)
			}
			break
		}
	}
	if refused == nil || errors.Is(refused, errors.ErrUnsupported) {
		t.Errorf("a full map is no reason to give up: %v", refused)
	}
}

func TestEmptyShuntPassesEverything(t *testing.T) {
	s := empty(t)
	for _, p := range passed {
		n := 14 + 20 // the kernel wants the header of the packets that it tries
		if p.frame[12] == 0x86 {
			n = 14 + 40
		}
		for ; n <= len(p.frame); n++ {
			if _, answer := testRun(t, s.prog, p.frame[:n], 1); answer != 1<<18 {
				t.Fatalf("%s, cut to %d bytes: %d, want all of it passed", p.name, n, answer)
			}
		}
	}
}

// from is a frame of the direction, with flags if it is of TCP.
func from(t *core.Tuple, flags byte, payload int) []byte {
	var f []byte
	at := 14
	if t.Version == 4 {
		f = tcp4(0, flags, payload)
		copy(f[at+12:], t.Src[:4])
		copy(f[at+16:], t.Dst[:4])
		f[at+9] = t.Protocol
		at += 20
	} else {
		f = tcp6(0, flags, payload)
		copy(f[at+8:], t.Src[:])
		copy(f[at+24:], t.Dst[:])
		f[at+6] = t.Protocol
		at += 40
	}
	binary.BigEndian.PutUint16(f[at:], t.SrcPort)
	binary.BigEndian.PutUint16(f[at+2:], t.DstPort)
	return f
}

// TestShuntProgram: of many directions, among which some share a hash, those
// and only those in the map are dropped, each until it is taken out.
func TestShuntProgram(t *testing.T) {
	s := empty(t)
	r := rand.New(rand.NewPCG(1, 2))
	address := func(b []byte) {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
	}
	tuples := make([]core.Tuple, 1000)
	for i := range tuples {
		p := &tuples[i]
		if i%2 == 1 { // the other direction: it has the same hash
			o := &tuples[i-1]
			*p = core.Tuple{Src: o.Dst, Dst: o.Src, SrcPort: o.DstPort, DstPort: o.SrcPort, Protocol: o.Protocol, Version: o.Version}
			continue
		}
		p.SrcPort, p.DstPort = uint16(r.Uint32()), uint16(r.Uint32())
		p.Protocol, p.Version = []uint8{6, 17}[r.IntN(2)], []uint8{4, 6}[r.IntN(2)]
		if p.Version == 4 {
			address(p.Src[:4])
			address(p.Dst[:4])
		} else {
			address(p.Src[:])
			address(p.Dst[:])
		}
	}
	in := make([]bool, len(tuples))
	check := func(when string) {
		t.Helper()
		for i := range tuples {
			if _, answer := testRun(t, s.prog, from(&tuples[i], 0x10, 50), 1); (answer == 0) != in[i] {
				t.Fatalf("%s: %+v: in the map %v, the program answers %d", when, tuples[i], in[i], answer)
			}
		}
	}
	check("empty")
	for i := range tuples {
		if i%5 != 0 {
			in[i] = true
			if err := s.add(&tuples[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	check("filled")
	for i := range tuples {
		if i%3 == 0 {
			in[i] = false
			s.remove(&tuples[i]) // of some it is not there
		}
	}
	check("partly taken out")
	for i := range tuples {
		in[i] = false
		s.remove(&tuples[i])
	}
	check("taken out")
	if s.marked != [1 << markBits]uint8{} {
		t.Error("hashes are left marked")
	}
}

// TestShuntPasses: what tells of an end, and what is too short to read at one go, is lent.
func TestShuntPasses(t *testing.T) {
	s := empty(t)
	for _, tuple := range []core.Tuple{
		{Src: [16]byte{10, 1}, Dst: [16]byte{10, 2}, SrcPort: 1, DstPort: 2, Protocol: 6, Version: 4},
		{Src: [16]byte{0x20}, Dst: [16]byte{0x20, 1}, SrcPort: 1, DstPort: 2, Protocol: 6, Version: 6},
	} {
		if err := s.add(&tuple); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			name   string
			frame  []byte
			passed bool
		}{
			{"data", from(&tuple, 0x18, 50), false},
			{"no data", from(&tuple, 0x10, 4), false},
			{"SYN", from(&tuple, 0x12, 4), true},
			{"FIN", from(&tuple, 0x11, 4), true},
			{"RST", from(&tuple, 0x04, 4), true},
			{"cut within the ports", from(&tuple, 0x10, 4)[:14+40+2], tuple.Version == 6},
		} {
			if _, answer := testRun(t, s.prog, c.frame, 1); (answer != 0) != c.passed {
				t.Errorf("IPv%d, %s: the program answers %d", tuple.Version, c.name, answer)
			}
		}
	}
	tuple := core.Tuple{Src: [16]byte{10, 1}, Dst: [16]byte{10, 2}, SrcPort: 1, DstPort: 2, Protocol: 17, Version: 4}
	if err := s.add(&tuple); err != nil {
		t.Fatal(err)
	}
	f := from(&tuple, 0, 50)
	if _, answer := testRun(t, s.prog, f[:14+reach4], 1); answer != 0 {
		t.Errorf("a datagram with %d bytes of data: %d", reach4-28, answer)
	}
	if _, answer := testRun(t, s.prog, f[:14+reach4-1], 1); answer == 0 {
		t.Errorf("a datagram with %d bytes of data was not passed", reach4-29)
	}
	f[14+6] = 0x20 // more fragments
	if _, answer := testRun(t, s.prog, f, 1); answer == 0 {
		t.Error("a fragment was not passed")
	}
}
