package engine

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const tracked = "ipv4     2 tcp      6 431999 ESTABLISHED src=192.168.1.7 dst=198.51.100.1 sport=40000 dport=443 packets=9 bytes=900 src=198.51.100.1 dst=203.0.113.9 sport=443 dport=40000 packets=8 bytes=800 [ASSURED] mark=0 zone=0 use=2\n"

func TestOffloadIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nf_conntrack")
	o := &offload{path: path}
	defer o.close()
	if got, err := o.look(func([]byte) {}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a connection table: %q %v", got, err)
	}
	software := strings.Replace(tracked, "ESTABLISHED ", "", 1)
	software = strings.Replace(software, "[ASSURED]", "[OFFLOAD]", 1)
	hardware := strings.Replace(software, "[OFFLOAD]", "[HW_OFFLOAD]", 1)
	for _, c := range []struct{ what, text, want string }{
		{"nothing", "", "none"},
		{"ordinary connections", strings.Repeat(tracked, 500), "none"},
		{"one in software", strings.Repeat(tracked, 300) + software, "software"},
		{"both", software + strings.Repeat(tracked, 100) + hardware, "hardware"},
		{"none any more", tracked, "none"},
		{"past what is read", strings.Repeat(tracked, offloadRead/len(tracked)+100) + software, "none"},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, _ := o.look(func([]byte) {}); got != c.want {
			t.Errorf("%s: %q, want %q", c.what, got, c.want)
		}
	}
	for shift := range 64 { // a mark across two reads
		text := strings.Repeat("x", 8<<10-shift) + hardware[strings.Index(hardware, "[HW"):]
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, _ := o.look(func([]byte) {}); got != "hardware" {
			t.Errorf("mark %d bytes before the end of a read: %q", shift, got)
		}
	}
}

func TestUnknownIsNotOffloaded(t *testing.T) {
	for found, want := range map[string]bool{"none": false, "unknown": false, "": false, "software": true, "hardware": true} {
		if got := isOffloaded(found); got != want {
			t.Errorf("%q: %v", found, got)
		}
	}
}
