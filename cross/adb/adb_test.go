package adb

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"

	"netifyd/cross/internal/sample"
)

func pack() *Package {
	return &Package{
		Name: "agent", Version: "1.2.3-r4", Arch: "mips_24kc", Description: strings.Repeat("long ", 60), License: "Apache-2.0", Origin: "feeds/agent",
		Maintainer: "A <a@example.org>", URL: "https://example.org/", Depends: []string{"libc", "!other", "ca-bundle=1.0"}, Provides: []string{"thing=1.2.3-r4"}, Replaces: []string{"other"},
		Tree: sample.Tree(), Scripts: map[string]string{"post-install": "#!/bin/sh\n", "pre-deinstall": "#!/bin/sh\nexit 1\n", "post-upgrade": "#!/bin/sh\nexit 0\n"},
	}
}

func written(t *testing.T, write func(io.Writer) error) ([]byte, *container, any) {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	c, err := readContainer(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	root, err := c.root()
	if err != nil {
		t.Fatal(err)
	}
	if err := refused(c.schema, root); err != nil {
		t.Fatalf("apk would refuse this: %v", err)
	}
	return b.Bytes(), c, root
}

// checkInfo checks all slots but the identifier and the size of the file.
func checkInfo(t *testing.T, info any) {
	t.Helper()
	p := pack()
	for n, want := range map[int]string{1: "agent", 2: "1.2.3-r4", 4: p.Description, 5: "mips_24kc", 6: "Apache-2.0", 7: "feeds/agent", 8: "A <a@example.org>", 9: "https://example.org/"} {
		if got := text(info, n); got != want {
			t.Errorf("slot %d is %q, want %q", n, got, want)
		}
	}
	if got := integer(info, 0xc); got != uint64(p.Tree.Size()) {
		t.Errorf("installed size %d, want %d", got, p.Tree.Size())
	}
	list := func(v any) (out string) {
		for i := 1; slot(v, i) != nil; i++ {
			out += fmt.Sprintf("%s/%s/%d ", text(slot(v, i), 1), text(slot(v, i), 2), integer(slot(v, i), 3))
		}
		return out
	}
	if got := list(slot(info, 0xf)); got != "ca-bundle/1.0/0 libc//0 other//23 " {
		t.Errorf("depends %q", got)
	}
	if got := list(slot(info, 0x10)); got != "thing/1.2.3-r4/0 " {
		t.Errorf("provides %q", got)
	}
	if got := list(slot(info, 0x11)); got != "other//0 " {
		t.Errorf("replaces %q", got)
	}
}

func TestPackage(t *testing.T) {
	_, c, root := written(t, pack().Write)
	if c.schema != 0x676b6370 || c.sig != nil {
		t.Errorf("schema %#x, signature of %d bytes", c.schema, len(c.sig))
	}
	info := slot(root, 1)
	checkInfo(t, info)
	id := slot(info, 3).([]byte)
	if len(id) != 20 {
		t.Fatalf("identifier of %d bytes", len(id))
	}
	zeroed := bytes.Replace(c.adb, id, make([]byte, 20), 1)
	if sum := sha256.Sum256(zeroed); !bytes.Equal(sum[:20], id) {
		t.Errorf("identifier %x, want %x", id, sum[:20])
	}
	scripts := slot(root, 3)
	for n, want := range map[int]string{2: "", 3: "#!/bin/sh\n", 4: "#!/bin/sh\nexit 1\n", 5: "", 6: "", 7: "#!/bin/sh\nexit 0\n"} {
		if got := text(scripts, n); got != want {
			t.Errorf("script %d is %q, want %q", n, got, want)
		}
	}
}

func TestFiles(t *testing.T) {
	_, c, root := written(t, pack().Write)
	contents := map[[2]uint32][]byte{}
	for _, d := range c.data {
		contents[[2]uint32{binary.LittleEndian.Uint32(d), binary.LittleEndian.Uint32(d[4:])}] = d[8:]
	}
	var got strings.Builder
	paths := slot(root, 2)
	for i := 1; slot(paths, i) != nil; i++ {
		dir := slot(paths, i)
		fmt.Fprintf(&got, "%s %o\n", text(dir, 1), integer(slot(dir, 2), 1))
		files := slot(dir, 3)
		for k := 1; slot(files, k) != nil; k++ {
			f := slot(files, k)
			owner := slot(f, 2)
			data := contents[[2]uint32{uint32(i), uint32(k)}]
			fmt.Fprintf(&got, "  %s %o %d\n", text(f, 1), integer(owner, 1), integer(f, 3))
			sum := sha256.Sum256(data)
			if integer(f, 3) != uint64(len(data)) || text(f, 5) != string(sum[:]) || integer(f, 4) != uint64(sample.Time.Unix()) {
				t.Errorf("%s: %d bytes in its block; size, sum or time differ", text(f, 1), len(data))
			}
			if text(owner, 2) != "root" || text(owner, 3) != "root" {
				t.Errorf("%s belongs to %s:%s", text(f, 1), text(owner, 2), text(owner, 3))
			}
		}
	}
	want := `etc 755
  agent.conf 644 6
etc/agent 755
  empty 644 0
etc/agent/apps.d 750
etc/config 755
  agent 600 33
etc/init.d 755
  agent 755 10
usr/sbin 755
  agent 755 70000
`
	if got.String() != want {
		t.Errorf("got:\n%swant:\n%s", got.String(), want)
	}
	if len(c.data) != 4 {
		t.Errorf("%d blocks of data, want one for each file that is not empty", len(c.data))
	}
}

func TestIndex(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	file, pkg, _ := written(t, pack().Write)
	x := Index{Description: "feed", Packages: []*Package{pack()}, Sizes: []int64{int64(len(file))}}
	first, c, root := written(t, func(w io.Writer) error { return x.Write(w, key) })
	second, _, _ := written(t, func(w io.Writer) error { return x.Write(w, key) })
	if !bytes.Equal(first, second) {
		t.Error("two writings with one key differ")
	}
	if c.schema != 0x78646e69 || text(root, 1) != "feed" {
		t.Errorf("schema %#x, description %q", c.schema, text(root, 1))
	}
	info := slot(slot(root, 2), 1)
	checkInfo(t, info)
	if sum := sha256.Sum256(pkg.adb); text(info, 3) != string(sum[:]) || integer(info, 0xd) != uint64(len(file)) {
		t.Error("the sum or the size of the package is another")
	}
	// The signature: version, hash, 16 bytes that name the key, DER.
	if len(c.sig) < 60 || c.sig[0] != 0 || c.sig[1] != 4 {
		t.Fatalf("signature % x", c.sig)
	}
	x509point := elliptic.Marshal(elliptic.P256(), key.X, key.Y) //nolint:staticcheck // another way than the writer's
	if name := sha512.Sum512(x509point); !bytes.Equal(c.sig[2:18], name[:16]) {
		t.Error("the signature names another key")
	}
	inner := sha512.Sum512(c.adb)
	message := append(append([]byte("indx"), c.sig[:18]...), inner[:]...)
	if len(message) != 86 {
		t.Fatalf("message of %d bytes", len(message))
	}
	digest := sha512.Sum512(message)
	if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], c.sig[18:]) {
		t.Error("the signature is wrong")
	}
	message[30] ^= 1
	digest = sha512.Sum512(message)
	if ecdsa.VerifyASN1(&key.PublicKey, digest[:], c.sig[18:]) {
		t.Error("the signature covers not everything")
	}
}

func TestSameBytes(t *testing.T) {
	a, _, _ := written(t, pack().Write)
	b, _, _ := written(t, pack().Write)
	if !bytes.Equal(a, b) {
		t.Error("two writings differ")
	}
}

// What apk refuses, the reader here refuses: otherwise a test of ours would
// pass what no router takes.
func TestReaderRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Package){
		"a blank in a dependency":   func(p *Package) { p.Depends = []string{"libc other"} },
		"two marks of a conflict":   func(p *Package) { p.Depends = []string{"!!other"} },
		"a dependency twice":        func(p *Package) { p.Depends = []string{"libc", "libc"} },
		"a version apk cannot read": func(p *Package) { p.Version = "1.2-beta" },
		"a provide without version": func(p *Package) { p.Provides = []string{"thing=new"} },
		"a slash in the name":       func(p *Package) { p.Name = "a/b" },
		"a conflict as a provide":   func(p *Package) { p.Provides = []string{"!thing"} },
		"no name":                   func(p *Package) { p.Name = "" },
	} {
		p := pack()
		spoil(p)
		var b bytes.Buffer
		if err := p.Write(&b); err != nil {
			continue // the writer refuses it already
		}
		c, err := readContainer(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		root, err := c.root()
		if err != nil {
			t.Fatal(err)
		}
		if refused(c.schema, root) == nil {
			t.Errorf("%s: taken", name)
		}
	}
	// As our packages once had it: the mark in the name.
	w := newWriter()
	info := w.object(map[int]uint32{1: w.text("agent"), 2: w.text("1.0-r1"), 5: w.text("noarch"), 0xf: w.array([]uint32{w.object(map[int]uint32{1: w.text("!other")})})})
	root, err := (&container{adb: w.finish(w.object(map[int]uint32{1: info}))}).root()
	if err != nil {
		t.Fatal(err)
	}
	if refused(schemaPackage, root) == nil {
		t.Error("a name that begins with an exclamation mark is taken")
	}
}

func TestRefusals(t *testing.T) {
	p := pack()
	p.Scripts["postinst"] = "x"
	if err := p.Write(io.Discard); err == nil || !strings.Contains(err.Error(), "postinst") {
		t.Errorf("a script that apk does not know: %v", err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&Index{}).Write(io.Discard, other); err == nil {
		t.Error("a key on another curve was accepted")
	}
}

// Numbers of every size, and texts of every length class.
func TestValues(t *testing.T) {
	for _, n := range []uint64{0, 1, 1<<28 - 1, 1 << 28, 1<<32 - 1, 1 << 32, 1 << 62} {
		w := newWriter()
		b := w.finish(w.object(map[int]uint32{1: w.integer(n), 2: w.text("x")}))
		root, err := (&container{adb: b}).root()
		if err != nil || integer(root, 1) != n {
			t.Errorf("%d came back as %v, %v", n, root, err)
		}
	}
	for _, n := range []int{0, 1, 255, 256, 65535, 65536} {
		w := newWriter()
		s := strings.Repeat("x", n)
		b := w.finish(w.object(map[int]uint32{1: w.text("odd"), 2: w.text(s), 3: w.text("end")}))
		root, err := (&container{adb: b}).root()
		if err != nil || text(root, 2) != s {
			t.Errorf("a text of %d bytes: %v", n, err)
		}
	}
}
