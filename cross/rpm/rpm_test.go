package rpm

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/cross/internal/sample"
)

func pack() *Package {
	t := sample.Tree()
	t.Add("/usr/share/licenses/agent/LICENSE", 0o644, []byte("licence\n"))
	t.Add("/usr/share/doc/agent/notes", 0o644, []byte("notes\n"))
	return &Package{Name: "agent", Version: "1.2.3", Release: "4", Arch: "x86_64", Maintainer: "A <a@example.org>", Homepage: "https://example.org/", License: "Apache-2.0",
		Summary: "Watches", Description: "It watches.\nAnd tells.", Depends: []string{"/usr/sbin/useradd"}, Tree: t,
		Changelog: "- semver: 1.2.3-4\n  date: 2026-01-01T00:00:00Z\n  packager: A <a@example.org>\n  changes:\n    - note: First\n",
		Scripts:   map[string]string{"pre": "exit 0\n", "post": "echo post\n", "preun": "exit 0\n", "postun": "exit 0\n"}}
}

func TestSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	for _, w := range []io.Writer{&a, &b} {
		if err := pack().Write(w); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two writings differ")
	}
	if !bytes.HasPrefix(a.Bytes(), []byte{0xed, 0xab, 0xee, 0xdb}) {
		t.Errorf("begins with % x", a.Bytes()[:4])
	}
	if name := pack().File(); name != "agent-1.2.3-4.x86_64.rpm" {
		t.Error(name)
	}
}

// A day keeps its zeros in the version that rpm reads, as in the name of the file.
func TestDayAsRPMReadsIt(t *testing.T) {
	if _, err := exec.LookPath("rpm"); err != nil {
		t.Skip("rpm is not installed")
	}
	p := pack()
	p.Version, p.Day, p.Arch = "2026.02.01", true, "noarch"
	path := filepath.Join(t.TempDir(), p.File())
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("rpm", "-qp", path).CombinedOutput()
	if err != nil || string(bytes.TrimSpace(out))+".rpm" != p.File() {
		t.Errorf("%v: %s is not %s", err, out, p.File())
	}
}

// What rpm itself reads in it.
func TestAsRPMReadsIt(t *testing.T) {
	if _, err := exec.LookPath("rpm"); err != nil {
		t.Skip("rpm is not installed")
	}
	path := filepath.Join(t.TempDir(), pack().File())
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := pack().Write(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	query := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("rpm", append([]string{"--dbpath", t.TempDir(), "-qp", path}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
		return string(out)
	}
	if got := query("--qf", "%{NAME} %{VERSION} %{RELEASE} %{ARCH} %{LICENSE} %{URL} %{SUMMARY}"); got != "agent 1.2.3 4 x86_64 Apache-2.0 https://example.org/ Watches" {
		t.Error(got)
	}
	files := query("-l")
	for _, own := range []string{"/usr/sbin/agent\n", "/etc/agent\n", "/etc/agent/apps.d\n", "/usr/share/doc/agent/notes\n"} {
		if !strings.Contains(files, own) {
			t.Errorf("no %s in\n%s", own, files)
		}
	}
	for _, foreign := range []string{"\n/etc\n", "\n/usr\n", "\n/usr/sbin\n", "\n/usr/share/doc\n"} {
		if strings.Contains("\n"+files, foreign) {
			t.Errorf("the package owns %q", foreign)
		}
	}
	for flag, want := range map[string]string{"--configfiles": "/etc/agent.conf", "--docfiles": "/usr/share/doc/agent/notes", "--licensefiles": "/usr/share/licenses/agent/LICENSE"} {
		if got := query(flag); !strings.Contains(got, want) {
			t.Errorf("%s: %q", flag, got)
		}
	}
	if got := query("--requires"); !strings.Contains(got, "/usr/sbin/useradd\n") {
		t.Error(got)
	}
	if got := query("--scripts"); !strings.Contains(got, "echo post") {
		t.Error(got)
	}
}
