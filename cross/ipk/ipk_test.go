package ipk

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"

	"netifyd/cross/internal/sample"
	"netifyd/cross/internal/untar"
)

func pack() *Package {
	return &Package{
		Name: "agent", Version: "1.2.3-r4", Arch: "mips_24kc", Description: "short\nlong, first line\nlong, second line",
		Fields: []Field{{"Depends", "libc, ca-bundle"}, {"Section", "net"}}, Tree: sample.Tree(),
		Scripts: map[string]string{"postinst": "#!/bin/sh\nexit 0\n", "prerm": "#!/bin/sh\nexit 1\n"},
	}
}

func written(t *testing.T, p *Package) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unzip checks that the gzip header names no file and no time.
func unzip(t *testing.T, b []byte) []byte {
	t.Helper()
	if len(b) < 10 || b[0] != 0x1f || b[1] != 0x8b || b[3] != 0 || !bytes.Equal(b[4:8], make([]byte, 4)) {
		t.Fatalf("gzip header % x", b[:min(10, len(b))])
	}
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// members reads an archive and checks what holds for all of them.
func members(t *testing.T, b []byte) []untar.Member {
	t.Helper()
	all, err := untar.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.UID != 0 || m.GID != 0 || m.Owner != "" || m.Group != "" || m.Time != sample.Time.Unix() {
			t.Errorf("%s: owner %d:%d %q:%q, time %d", m.Name, m.UID, m.GID, m.Owner, m.Group, m.Time)
		}
	}
	return all
}

func listing(all []untar.Member) string {
	var b strings.Builder
	for _, m := range all {
		fmt.Fprintf(&b, "%c %04o %d %s\n", m.Type, m.Mode, len(m.Data), m.Name)
	}
	return b.String()
}

func TestWrite(t *testing.T) {
	file := written(t, pack())
	outer := members(t, unzip(t, file))
	var names []string
	for _, m := range outer {
		names = append(names, m.Name)
	}
	if got := strings.Join(names, " "); got != "./debian-binary ./data.tar.gz ./control.tar.gz" {
		t.Fatalf("members %s", got)
	}
	if string(outer[0].Data) != "2.0\n" {
		t.Errorf("debian-binary %q", outer[0].Data)
	}
	data := unzip(t, outer[1].Data)
	want := `5 0755 0 ./
5 0755 0 ./etc/
0 0644 6 ./etc/agent.conf
5 0755 0 ./etc/agent/
5 0750 0 ./etc/agent/apps.d/
0 0644 0 ./etc/agent/empty
5 0755 0 ./etc/config/
0 0600 33 ./etc/config/agent
5 0755 0 ./etc/init.d/
0 0755 10 ./etc/init.d/agent
5 0755 0 ./usr/
5 0755 0 ./usr/sbin/
0 0755 70000 ./usr/sbin/agent
`
	files := members(t, data)
	if got := listing(files); got != want {
		t.Errorf("data:\n%swant:\n%s", got, want)
	}
	if last := files[len(files)-1]; !bytes.Equal(last.Data, sample.Program()) {
		t.Error("the program is another")
	}
	control := members(t, unzip(t, outer[2].Data))
	text := fmt.Sprintf("Package: agent\nVersion: 1.2.3-r4\nDepends: libc, ca-bundle\nSection: net\nArchitecture: mips_24kc\nInstalled-Size: %d\n"+
		"Description:  short\n long, first line\n long, second line\n", len(data))
	if got, want := listing(control), fmt.Sprintf("5 0755 0 ./\n0 0644 34 ./conffiles\n0 0644 %d ./control\n0 0755 17 ./postinst\n0 0755 17 ./prerm\n", len(text)); got != want {
		t.Errorf("control:\n%swant:\n%s", got, want)
	}
	if string(control[2].Data) != text {
		t.Errorf("control file:\n%swant:\n%s", control[2].Data, text)
	}
	if said, err := pack().Text(); err != nil || said != text {
		t.Errorf("Text differs from what is written: %q, %v", said, err)
	}
	if got := string(control[1].Data); got != "/etc/agent.conf\n/etc/config/agent\n" {
		t.Errorf("conffiles %q", got)
	}
	if got := pack().File(); got != "agent_1.2.3-r4_mips_24kc.ipk" {
		t.Errorf("file name %q", got)
	}
}

func TestSameBytes(t *testing.T) {
	if !bytes.Equal(written(t, pack()), written(t, pack())) {
		t.Error("two writings differ")
	}
}

func TestRefusals(t *testing.T) {
	p := pack()
	p.Tree.Add("relative", 0o644, nil)
	if err := p.Write(io.Discard); err == nil {
		t.Error("a relative path was accepted")
	}
}

// The system's own tar reads it.
func TestTar(t *testing.T) {
	dir := t.TempDir()
	c := exec.Command("sh", "-c", "tar xz && tar xzf data.tar.gz && cat control.tar.gz | tar xzO ./control && test -x usr/sbin/agent && stat -c %a etc/config/agent")
	c.Dir, c.Stdin = dir, bytes.NewReader(written(t, pack()))
	out, err := c.CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "Package: agent\n") || !strings.HasSuffix(string(out), "\n600\n") {
		t.Errorf("%v: %s", err, out)
	}
}
