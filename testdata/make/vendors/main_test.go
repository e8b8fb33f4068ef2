package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/core/device"
)

func TestTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "oui.csv")
	text := "Registry,Assignment,Organization Name,Organization Address\r\nMA-L,001122,\"Some, Inc.\",Road 1\r\nMA-M,0055DA0,Other,Road 2\r\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{path}, &out); err != nil {
		t.Fatal(err)
	}
	if name, err := device.FindVendor(bytes.NewReader(out.Bytes()), [6]byte{0, 0x11, 0x22}); name != "Some, Inc." || err != nil {
		t.Errorf("%q %v", name, err)
	}
	for _, text := range []string{"", "a,b,c\n", "MA-L,00112,x\n"} {
		if _, err := read(strings.NewReader(text)); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
