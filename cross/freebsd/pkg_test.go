package freebsd

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"netifyd/cross/internal/sample"
	"netifyd/cross/internal/untar"
)

func pack() *Package {
	return &Package{
		Name: "agent", Version: "1.2.3", Origin: "net/agent", Comment: "short", Description: "long\ntext", Maintainer: "a@example.org", WWW: "https://example.org/",
		License: "APACHE20", Arch: "aarch64", Categories: []string{"net"}, Tree: sample.Tree(), Message: "hello\n",
		Scripts: map[string]string{"post-install": "true\n"},
	}
}

func written(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pack().Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWrite(t *testing.T) {
	d, err := zstd.NewReader(bytes.NewReader(written(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, err := io.ReadAll(d)
	if err != nil {
		t.Fatal(err)
	}
	all, err := untar.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	files := map[string]any{}
	for _, m := range all {
		names = append(names, fmt.Sprintf("%s %o", m.Name, m.Mode))
		if m.UID != 0 || m.GID != 0 || m.Time != sample.Time.Unix() || m.Type != '0' {
			t.Errorf("%s: %d:%d, time %d, type %c", m.Name, m.UID, m.GID, m.Time, m.Type)
		}
		if m.Name[0] == '/' {
			files[m.Name] = fmt.Sprintf("1$%x", sha256.Sum256(m.Data))
		}
	}
	want := "+COMPACT_MANIFEST 644,+MANIFEST 644,/etc/agent.conf 644,/etc/agent/empty 644,/etc/config/agent 600,/etc/init.d/agent 755,/usr/sbin/agent 755"
	if got := strings.Join(names, ","); got != want {
		t.Errorf("members %s, want %s", got, want)
	}
	var compact, full map[string]any
	if err := json.Unmarshal(all[0].Data, &compact); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all[1].Data, &full); err != nil {
		t.Fatal(err)
	}
	common := map[string]any{
		"name": "agent", "origin": "net/agent", "version": "1.2.3", "comment": "short", "maintainer": "a@example.org", "www": "https://example.org/",
		"abi": "FreeBSD:*:aarch64", "arch": "freebsd:*:aarch64:64", "prefix": "/usr/local", "flatsize": float64(sample.Tree().Size()), "licenselogic": "single",
		"licenses": []any{"APACHE20"}, "desc": "long\ntext", "categories": []any{"net"}, "messages": []any{map[string]any{"message": "hello\n", "type": "install"}},
	}
	if !reflect.DeepEqual(compact, common) {
		t.Errorf("compact manifest %v, want %v", compact, common)
	}
	common["files"], common["scripts"] = files, map[string]any{"post-install": "true\n"}
	common["config"] = []any{"/etc/agent.conf", "/etc/config/agent"}
	if !reflect.DeepEqual(full, common) {
		t.Errorf("manifest %v, want %v", full, common)
	}
	if got := pack().File(); got != "agent-1.2.3.pkg" {
		t.Errorf("file name %q", got)
	}
}

func TestSameBytes(t *testing.T) {
	if !bytes.Equal(written(t), written(t)) {
		t.Error("two writings differ")
	}
}

func TestUnknownArch(t *testing.T) {
	p := pack()
	p.Arch = "mips"
	if p.Write(io.Discard) == nil {
		t.Error("a package for mips was written")
	}
}

// A package without an architecture is for every one.
func TestAnyArch(t *testing.T) {
	p := pack()
	p.Arch = ""
	compact, _, err := p.manifests()
	if err != nil || !bytes.Contains(compact, []byte(`"abi":"FreeBSD:*:*","arch":"freebsd:*:*"`)) {
		t.Errorf("%s %v", compact, err)
	}
}

// The system's own zstd and tar read it.
func TestZstd(t *testing.T) {
	if _, err := exec.LookPath("zstd"); err != nil {
		t.Skip("zstd is not here")
	}
	c := exec.Command("sh", "-c", "zstd -dc | tar xO +MANIFEST")
	c.Stdin = bytes.NewReader(written(t))
	out, err := c.Output()
	if err != nil || !json.Valid(out) {
		t.Errorf("%v: %q", err, out)
	}
}
