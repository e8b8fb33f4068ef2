package packet

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"netifyd/core"
)

// long is a UDP datagram of n bytes of payload.
func long(n int) []byte {
	return udpOf(5000, 53, bytes.Repeat([]byte("0123456789abcdef"), n/16+1)[:n])
}

// fragmented cuts a datagram into IPv4 fragments of at most size bytes.
func fragmented(count, size int) [][]byte { return fragments4(7, long(count*size-8), size) }

func fragments4(id int, b []byte, size int) (list [][]byte) {
	for at := 0; at < len(b); at += size {
		end, part := at+size, at/8|moreFragments
		if end >= len(b) {
			end, part = len(b), at/8
		}
		list = append(list, ip4from(v4C, v4D, 17, id, part, b[at:end]))
	}
	return list
}

func fragments6(b []byte, size int) (list [][]byte) {
	for at := 0; at < len(b); at += size {
		end, part := at+size, at|1
		if end >= len(b) {
			end, part = len(b), at
		}
		list = append(list, ip6(nextOptions, cat([]byte{nextFragment, 0, 0, 0, 0, 0, 0, 0, 17, 0}, u16(part), u32(77), b[at:end])))
	}
	return list
}

// feed decodes raw packets a millisecond apart and gives the last view.
func feed(t *testing.T, d *Decoder, packets [][]byte) (verdicts []Verdict, v View) {
	t.Helper()
	for i, p := range packets {
		var w View
		verdict := d.Decode(&core.Frame{Data: p, Length: len(p), Time: int64(i) * 1e6, Link: core.LinkRaw}, &w)
		if verdict == OK {
			check(t, p[:0], &w)
			v = w
			v.Payload = bytes.Clone(w.Payload)
		}
		verdicts = append(verdicts, verdict)
	}
	return verdicts, v
}

func count(verdicts []Verdict, want Verdict) (n int) {
	for _, v := range verdicts {
		if v == want {
			n++
		}
	}
	return n
}

// TestJoin sends the fragments in every kind of order.
func TestJoin(t *testing.T) {
	body := long(1000)
	random := rand.New(rand.NewPCG(1, 2))
	for name, pieces := range map[string][][]byte{
		"ipv4": fragments4(7, body, 104), "ipv6": fragments6(body, 104), "two": fragments4(7, body, 1000), "large": fragments4(7, long(1000), 512),
	} {
		total, wire := 0, 0
		for _, p := range pieces {
			total += len(p)
			wire += len(p)
		}
		for round := range 50 {
			order := append([][]byte(nil), pieces...)
			if round > 0 {
				random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			}
			d := New(2)
			verdicts, v := feed(t, d, order)
			if count(verdicts, Held) != len(order)-1 || verdicts[len(order)-1] != OK {
				t.Fatalf("%s: %v", name, verdicts)
			}
			if !bytes.Equal(v.Payload, body[8:]) || v.PayLen != 1000 || v.Protocol != 17 || v.SrcPort != 5000 || v.DstPort != 53 {
				t.Fatalf("%s: %s", name, text(OK, &v))
			}
			if v.IPLen != total || v.WireLen != wire || v.Seen&SeenFragment == 0 {
				t.Errorf("%s: %d IP bytes, %d on the wire, want %d, %d", name, v.IPLen, v.WireLen, total, wire)
			}
			if c := d.Fragments(); c.Joined != 1 || c.Held != uint64(len(order)) || c.Dropped+c.Expired+c.Overflow != 0 {
				t.Errorf("%s: %+v", name, c)
			}
		}
	}
}

// TestOverlap sends pieces that disagree: the first bytes win.
func TestOverlap(t *testing.T) {
	piece := func(offset int, more bool, fill byte, n int) []byte {
		part := offset / 8
		if more {
			part |= moreFragments
		}
		return ip4from(v4C, v4D, 17, 9, part, bytes.Repeat([]byte{fill}, n))
	}
	first := ip4from(v4C, v4D, 17, 9, moreFragments, udpOf(5000, 53, nil))
	first[20+5] = 48
	_, v := feed(t, New(1), [][]byte{
		piece(16, true, 'b', 8), piece(32, true, 'd', 8), piece(8, true, 'x', 40), piece(16, true, 'y', 32), piece(40, false, 'z', 8), first,
	})
	if want := strings.Repeat("x", 8) + strings.Repeat("b", 8) + strings.Repeat("x", 8) + strings.Repeat("d", 8) + strings.Repeat("x", 8); string(v.Payload) != want {
		t.Errorf("%q, want %q", v.Payload, want)
	}
}

// TestContradiction sends ends that cannot both be; they are dropped, and the datagram is still joined.
func TestContradiction(t *testing.T) {
	body := long(40)
	pieces := fragments4(7, body, 16)
	longer := ip4from(v4C, v4D, 17, 7, 8, make([]byte, 8))
	shorter := ip4from(v4C, v4D, 17, 7, 1, make([]byte, 8))
	beyond := ip4from(v4C, v4D, 17, 7, 8|moreFragments, make([]byte, 8))
	d := New(1)
	verdicts, v := feed(t, d, [][]byte{pieces[2], longer, shorter, beyond, pieces[0], pieces[1]})
	if verdicts[5] != OK || !bytes.Equal(v.Payload, body[8:]) || d.Fragments().Dropped != 3 {
		t.Errorf("%v, %q, %+v", verdicts, v.Payload, d.Fragments())
	}
}

// TestAbsurdLength holds that a damaged file cannot overflow what is counted.
func TestAbsurdLength(t *testing.T) {
	d := New(1)
	piece := fragments4(7, long(100), 48)
	var v View
	for range 5000 {
		d.Decode(&core.Frame{Data: piece[0], Length: math.MaxInt32, Link: core.LinkRaw}, &v)
	}
	d.Decode(&core.Frame{Data: piece[1], Length: math.MaxInt32, Link: core.LinkRaw}, &v)
	verdict := d.Decode(&core.Frame{Data: piece[2], Length: math.MaxInt32, Link: core.LinkRaw}, &v)
	if verdict != OK || v.WireLen != maxSum || v.PayLen != 100 {
		t.Errorf("%v, %d on the wire, %s", verdict, v.WireLen, text(verdict, &v))
	}
}

func TestImpossible(t *testing.T) {
	d := New(1)
	for name, p := range map[string][]byte{
		"odd length": ip4from(v4C, v4D, 17, 7, moreFragments, make([]byte, 9)),
		"empty":      ip4from(v4C, v4D, 17, 7, 5, nil),
		"too large":  ip4from(v4C, v4D, 17, 7, 0x1fff, make([]byte, 16)),
	} {
		if verdicts, _ := feed(t, d, [][]byte{p}); verdicts[0] != Malformed {
			t.Errorf("%s: %v", name, verdicts[0])
		}
	}
	if c := d.Fragments(); c.Dropped != 3 || c.Held != 0 {
		t.Errorf("%+v", c)
	}
}

// TestScattered sends more separate pieces than an entry remembers.
func TestScattered(t *testing.T) {
	pieces := fragmented(2*maxSpans+4, 16)
	var odd, even [][]byte
	for i, p := range pieces {
		if i%2 == 0 {
			even = append(even, p)
		} else {
			odd = append(odd, p)
		}
	}
	d := New(1)
	verdicts, _ := feed(t, d, append(even, odd...))
	if count(verdicts, Held) != len(pieces) || d.Fragments().Dropped == 0 {
		t.Errorf("%v, %+v", verdicts, d.Fragments())
	}
	if verdicts, v := feed(t, d, even); verdicts[len(even)-1] != Held && v.PayLen == 0 {
		t.Errorf("%v", verdicts)
	}
}

// TestLarge joins a datagram of 64 KiB, of which the beginning is kept.
func TestLarge(t *testing.T) {
	body := long(65000)
	verdicts, v := feed(t, New(1), fragments4(7, body, 1480))
	if verdicts[len(verdicts)-1] != OK || v.PayLen != 65000 || !bytes.Equal(v.Payload, body[8:BufferSize]) {
		t.Errorf("%v, %d of %d bytes", verdicts, len(v.Payload), v.PayLen)
	}
}

// TestOverflow fills the pool: first fragments are then viewed alone.
func TestOverflow(t *testing.T) {
	d := New(2)
	a, b, c := fragments4(1, long(100), 48), fragments4(2, long(100), 48), fragments4(3, long(100), 48)
	verdicts, v := feed(t, d, [][]byte{a[0], b[0], c[1], c[0], a[1], a[2], b[2], b[1]})
	want := []Verdict{Held, Held, Held, OK, Held, OK, Held, OK}
	if !bytes.Equal(verdictBytes(verdicts), verdictBytes(want)) || v.PayLen != 100 || d.Fragments().Overflow != 2 {
		t.Errorf("%v, %d, %+v", verdicts, v.PayLen, d.Fragments())
	}
	verdicts, v = feed(t, New(0), a)
	if verdicts[0] != OK || v.PayLen != 40 || count(verdicts, Held) != 2 {
		t.Errorf("without pool: %v, %s", verdicts, text(OK, &v))
	}
}

func verdictBytes(list []Verdict) (b []byte) {
	for _, v := range list {
		b = append(b, byte(v))
	}
	return b
}

// TestStray holds that later fragments alone cannot keep the pool from others.
func TestStray(t *testing.T) {
	d := New(2)
	var packets [][]byte
	for id := range 20 {
		packets = append(packets, fragments4(100+id, long(100), 48)[1])
	}
	verdicts, v := feed(t, d, append(packets, fragments4(1, long(100), 48)...))
	if verdicts[len(verdicts)-1] != OK || v.PayLen != 100 {
		t.Errorf("%v", verdicts)
	}
}

// TestExpire gives up on datagrams that stay without their rest.
func TestExpire(t *testing.T) {
	d := New(3)
	a, b := fragments4(1, long(100), 48), fragments4(2, long(100), 48)
	feed(t, d, [][]byte{a[0], a[2], b[1]})
	var v View
	if d.Expire(FragmentTimeout-1, &v) {
		t.Error("expired too early")
	}
	if !d.Expire(math.MaxInt64, &v) || v.SrcPort != 5000 || v.PayLen != 40 || v.IPLen != len(a[0])+len(a[2]) || v.Time != 0 {
		t.Errorf("%s, %+v", text(OK, &v), v)
	}
	if d.Expire(math.MaxInt64, &v) {
		t.Errorf("again: %+v", v)
	}
	if c := d.Fragments(); c.Expired != 2 {
		t.Errorf("%+v", c)
	}
	if verdicts, _ := feed(t, d, append(a, b...)); count(verdicts, OK) != 2 {
		t.Errorf("afterwards: %v", verdicts)
	}
}

// TestLate holds that an identifier used again later is another datagram.
func TestLate(t *testing.T) {
	d := New(1)
	a := fragments4(1, long(100), 48)
	for i, p := range [][]byte{a[0], a[1], a[2]} {
		var v View
		f := core.Frame{Data: p, Length: len(p), Time: int64(i) * (FragmentTimeout - 1), Link: core.LinkRaw}
		if verdict := d.Decode(&f, &v); verdict != Held {
			t.Errorf("fragment %d: %v", i, verdict)
		}
	}
}

// TestFragmentedTunnel joins inside and outside of a tunnel at once.
func TestFragmentedTunnel(t *testing.T) {
	body := long(600)
	var outer [][]byte
	for i, p := range fragments4(7, body, 304) {
		carrier := cat(u16(0x0000), u16(typeIPv4), p)
		for at := 0; at < len(carrier); at += 160 {
			part := at / 8
			if at+160 < len(carrier) {
				part |= moreFragments
			}
			outer = append(outer, ip4from(v4A, v4B, 47, 50+i, part, carrier[at:min(len(carrier), at+160)]))
		}
	}
	verdicts, v := feed(t, New(3), outer)
	if verdicts[len(verdicts)-1] != OK || !bytes.Equal(v.Payload, body[8:]) || v.Tunnel.Type != TunnelGRE {
		t.Errorf("%v, %s", verdicts, text(OK, &v))
	}
}

// TestCutFragments holds that fragments which the snap length cut are not waited for.
func TestCutFragments(t *testing.T) {
	d := New(1)
	for i, p := range fragments4(7, long(100), 48) {
		var v View
		verdict := d.Decode(&core.Frame{Data: p[:30], Length: len(p), Link: core.LinkRaw}, &v)
		if want := []Verdict{OK, Held, Held}[i]; verdict != want {
			t.Errorf("fragment %d: %v", i, verdict)
		}
		if i == 0 && (v.PayLen != 40 || len(v.Payload) != 2) {
			t.Errorf("%d of %d", len(v.Payload), v.PayLen)
		}
	}
}

func TestJoinNoAllocation(t *testing.T) {
	d, pieces := New(4), fragmented(8, 64)
	var v View
	if n := testing.AllocsPerRun(100, func() {
		for _, p := range pieces {
			d.Decode(&core.Frame{Data: p, Length: len(p), Link: core.LinkRaw}, &v)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
