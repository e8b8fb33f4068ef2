package detect

import "testing"

func TestCRCCCITT(t *testing.T) {
	check := []byte("123456789")
	if got := crcCCITT(0xffff, check); got != 0x29b1 {
		t.Errorf("from 0xffff: %#x, want 0x29b1", got)
	}
	if got := crcCCITT(0, check); got != 0x31c3 {
		t.Errorf("from 0: %#x, want 0x31c3", got)
	}
	if got := crcX25(check); got != 0x906e {
		t.Errorf("X.25: %#x, want 0x906e", got)
	}
}
