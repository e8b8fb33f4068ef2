package conntrack

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"testing"

	"netifyd/core"
)

func tupleOf(src, dst string, protocol uint8) *core.Tuple {
	s, d := netip.MustParseAddrPort(src), netip.MustParseAddrPort(dst)
	t := &core.Tuple{SrcPort: s.Port(), DstPort: d.Port(), Protocol: protocol, Version: 4}
	if s.Addr().Is6() {
		t.Version = 6
	}
	copy(t.Src[:], s.Addr().AsSlice())
	copy(t.Dst[:], d.Addr().AsSlice())
	return t
}

// appendAnswer writes what the kernel answers about a connection.
func appendAnswer(b []byte, e *Entry, number uint32) []byte {
	start := len(b)
	b = native.AppendUint16(native.AppendUint32(b, 0), typeNew)
	b = native.AppendUint32(native.AppendUint16(b, 0), number)
	b = native.AppendUint32(b, 0)
	family := byte(familyIPv4)
	if e.Original.Version == 6 {
		family = familyIPv6
	}
	b = append(b, family, 0, 0, 0)
	for kind, t := range map[uint16]*core.Tuple{tupleOriginal: &e.Original, tupleReply: &e.Reply} {
		q := appendRequest(nil, t, 0)
		q = q[headLen+genLen:]
		native.PutUint16(q[2:], kind|nested)
		b = append(b, q...)
	}
	b = attribute(b, 3, []byte{0, 0, 1, 0x8e}) // CTA_STATUS
	b = attribute(b, ctMark, []byte{0, 0, 0, 7})
	b = attribute(b, ctID, []byte{0xd6, 0xca, 0x32, 0xaf})
	native.PutUint32(b[start:], uint32(len(b)-start))
	return b
}

func sample(v6 bool) *Entry {
	e := &Entry{ID: 0xd6ca32af, Mark: 7}
	e.Original = *tupleOf("192.168.1.7:53141", "104.86.97.179:443", 6)
	e.Reply = *tupleOf("104.86.97.179:443", "198.51.100.1:40001", 6)
	if v6 {
		e.Original = *tupleOf("[2001:db8::7]:53141", "[2001:db8:1::1]:443", 17)
		e.Reply = *tupleOf("[2001:db8:1::1]:443", "[2001:db8::7]:53141", 17)
	}
	return e
}

func TestParse(t *testing.T) {
	for _, v6 := range []bool{false, true} {
		want := sample(v6)
		b := appendAnswer(nil, want, 9)
		var got Entry
		if _, err := got.parse(b, 9); err != nil || got != *want {
			t.Errorf("%v, %+v, want %+v", err, got, want)
		}
		if got.Translated() == v6 {
			t.Errorf("translated: %v", got.Translated())
		}
		for n := range len(b) { // cut short, whether the length says so or not
			if _, err := got.parse(b[:n], 9); err == nil {
				t.Fatalf("%d bytes of %d were taken", n, len(b))
			}
		}
		if _, err := got.parse(b, 8); err == nil {
			t.Error("the answer to another question was taken")
		}
	}
}

func TestParseError(t *testing.T) {
	b := native.AppendUint16(native.AppendUint32(nil, 20), typeError)
	b = native.AppendUint32(native.AppendUint16(b, 0), 5)
	b = native.AppendUint32(b, 0)
	b = native.AppendUint32(b, 0xfffffffe) // -ENOENT
	var e Entry
	if errno, err := e.parse(b, 5); errno != 2 || !errors.Is(err, errNone) {
		t.Errorf("%d, %v", errno, err)
	}
}

// The question, byte for byte. TestLookup holds that a kernel understands it.
func TestRequest(t *testing.T) {
	if native.Uint16([]byte{1, 0}) != 1 {
		t.Skip("the bytes are those of a little-endian machine")
	}
	const want = "4800000001010100030000000000000002000000" + "34000180" + "14000180" + "08000100c0a80107" + "080002006856" + "61b3" +
		"1c000280" + "0500010006000000" + "06000200cf950000" + "0600030001bb0000"
	if got := hex.EncodeToString(appendRequest(nil, tupleOf("192.168.1.7:53141", "104.86.97.179:443", 6), 3)); got != want {
		t.Errorf("\n%s\n%s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(appendAnswer(nil, sample(false), 1))
	f.Add(appendAnswer(nil, sample(true), 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Entry
		_, _ = e.parse(b, 1)
	})
}
