package afpacket

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

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

func shunting(t testing.TB, here string) *Source {
	s := mustOpen(t, Config{Interface: here, Method: Ring, Shunt: 64})
	if s.sock.shunt.err != nil {
		t.Skip(s.sock.shunt.err)
	}
	return s
}

// TestShuntCountsExactly: what the kernel counted and what was lent are together what was sent.
func TestShuntCountsExactly(t *testing.T) {
	here, there := pair(t)
	source := shunting(t, here)
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
	s := shunting(t, here)
	defer s.Close()
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
