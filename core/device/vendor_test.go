package device

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

var makers = []Vendor{{[3]byte{0x00, 0x11, 0x22}, "CIMSYS Inc"}, {[3]byte{0xfc, 0xff, 0xff}, "Last, Ltd."}, {[3]byte{0, 0, 1}, "CIMSYS Inc"}, {[3]byte{0, 0, 2}, "evil\x1b[2J"}, {[3]byte{0, 0, 1}, "twice"}}

func TestVendors(t *testing.T) {
	b, err := AppendVendors(nil, makers)
	if err != nil {
		t.Fatal(err)
	}
	for mac, want := range map[[6]byte]string{{0, 0x11, 0x22, 9}: "CIMSYS Inc", {0, 0, 1}: "CIMSYS Inc", {0xfc, 0xff, 0xff, 1}: "Last, Ltd.", {0, 0, 2}: "evil[2J", {0, 0, 3}: "", {0xff}: "", {}: ""} {
		if got, err := FindVendor(bytes.NewReader(b), mac); got != want || err != nil {
			t.Errorf("%x: %q %v, want %q", mac, got, err, want)
		}
	}
	for n := range b { // cut anywhere: an error or an answer, never a panic
		FindVendor(bytes.NewReader(b[:n]), [6]byte{0, 0x11, 0x22})
	}
	if _, err := FindVendor(bytes.NewReader([]byte("something else entirely")), [6]byte{}); err == nil {
		t.Error("another file is taken")
	}
}

func TestVendorsOfDevices(t *testing.T) {
	d := New(Options{Devices: 4})
	a, _ := d.Of(&tablet, 4, v4("192.168.1.2"), true, 100)
	b, _ := d.Of(&laptop, 4, v4("192.168.1.3"), true, 100) // its address is made up
	paths := []string{filepath.Join(t.TempDir(), "none"), filepath.Join(t.TempDir(), "vendors")}
	if err := d.FindVendors(paths); err != nil || d.Vendor(d.At(a)) != "" {
		t.Error(err, d.Vendor(d.At(a)))
	}
	text, _ := AppendVendors(nil, append(makers, Vendor{[3]byte{2, 0, 0}, "nobody"}))
	if err := os.WriteFile(paths[1], text, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := d.FindVendors(paths); err != nil || d.Vendor(d.At(a)) != "CIMSYS Inc" || d.Vendor(d.At(b)) != "" {
		t.Error(err, d.Vendor(d.At(a)), d.Vendor(d.At(b)))
	}
	if err := os.WriteFile(paths[1], []byte("broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	d.Of(&[6]byte{0, 0x11, 0x22, 7}, 4, v4("192.168.1.4"), true, 101)
	if err := d.FindVendors(paths); err == nil {
		t.Error("a broken file is not told of")
	}
}

func FuzzFindVendor(f *testing.F) {
	b, _ := AppendVendors(nil, makers)
	f.Add(b, []byte{0, 0x11, 0x22, 1, 2, 3})
	f.Fuzz(func(t *testing.T, b, mac []byte) {
		if len(mac) >= 6 {
			FindVendor(bytes.NewReader(b), [6]byte(mac))
		}
	})
}
