package device

import "testing"

func TestPairsAreToldOnce(t *testing.T) {
	d := NewPairs(64)
	mac := [6]byte{2, 0, 0, 0, 0, 1}
	a, b := [16]byte{192, 0, 2, 1}, [16]byte{0x20, 1, 0xd, 0xb8}
	for range 3 {
		d.Saw(mac, 4, &a)
		d.Saw(mac, 6, &b)
		d.Saw([6]byte{1, 0, 0x5e}, 4, &a) // group address
		d.Saw([6]byte{}, 4, &a)
		d.Saw(mac, 4, &[16]byte{})
	}
	n := 0
	d.Drain(func(m [6]byte, version uint8, addr [16]byte) {
		n++
		if m != mac || version == 4 && addr != a || version == 6 && addr != b {
			t.Errorf("%x %d %x", m, version, addr)
		}
	})
	if n != 2 {
		t.Errorf("%d pairs, want 2", n)
	}
	d.Drain(func([6]byte, uint8, [16]byte) { t.Error("told twice") })
}

func TestFullTableRefuses(t *testing.T) {
	d := NewPairs(8)
	for i := range 100 {
		d.Saw([6]byte{2, 0, 0, 0, 0, byte(i)}, 4, &[16]byte{10, 0, 0, byte(i)})
	}
	if d.Refused != 92 {
		t.Errorf("refused %d of 100, want 92", d.Refused)
	}
}
