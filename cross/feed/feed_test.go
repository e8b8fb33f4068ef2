package feed

import (
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"netifyd/cross/tree"
)

func TestPackages(t *testing.T) {
	one := Entry{File: "a_1_x.ipk", Control: "Package: a\nVersion: 1\nDescription:  short\n long\n", Data: []byte("aaa")}
	two := Entry{File: "b_2_x.ipk", Control: "Package: b\nDescription:  other\n", Data: []byte("bbbb")}
	got, err := Packages([]Entry{one, two})
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("Package: a\nVersion: 1\nFilename: a_1_x.ipk\nSize: 3\nSHA256sum: %x\nDescription:  short\n long\n\n"+
		"Package: b\nFilename: b_2_x.ipk\nSize: 4\nSHA256sum: %x\nDescription:  other\n\n", sha256.Sum256(one.Data), sha256.Sum256(two.Data))
	if string(got) != want {
		t.Errorf("got:\n%swant:\n%s", got, want)
	}
	z, err := tree.Gzip(got)
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(z))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := io.ReadAll(r); err != nil || !bytes.Equal(back, got) {
		t.Errorf("Packages.gz holds other bytes: %v", err)
	}
	if _, err := Packages([]Entry{{File: "c", Control: "Package: c\n"}}); err == nil {
		t.Error("a control file without description was accepted")
	}
}

func newKey(t *testing.T) *Key {
	t.Helper()
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// decoded is what the second line of a file says.
func decoded(t *testing.T, file []byte) []byte {
	t.Helper()
	lines := strings.Split(string(file), "\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "untrusted comment: ") || lines[2] != "" {
		t.Fatalf("%q: want two lines, the first a comment", file)
	}
	b, err := base64.StdEncoding.DecodeString(lines[1])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKeyFiles(t *testing.T) {
	k := newKey(t)
	public, sig := decoded(t, k.Public()), decoded(t, k.Sign([]byte("message")))
	if len(public) != 42 || len(sig) != 74 || string(public[:2]) != "Ed" || string(sig[:10]) != string(public[:10]) {
		t.Fatalf("public % x, signature % x", public, sig)
	}
	if k.Fingerprint() != fmt.Sprintf("%x", public[2:10]) {
		t.Errorf("fingerprint %s", k.Fingerprint())
	}
	if !ed25519.Verify(public[10:], []byte("message"), sig[10:]) || ed25519.Verify(public[10:], []byte("massage"), sig[10:]) {
		t.Error("the signature is wrong")
	}
	again, err := ParseKey(k.Secret())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Public(), k.Public()) {
		t.Error("the key changed on its way through the file")
	}
}

func TestBadKeys(t *testing.T) {
	secret := decoded(t, newKey(t).Secret())
	file := func(change func(b []byte) []byte) []byte {
		return lines("x", change(bytes.Clone(secret)))
	}
	for name, text := range map[string][]byte{
		"empty":     nil,
		"public":    newKey(t).Public(),
		"short":     file(func(b []byte) []byte { return b[:80] }),
		"encrypted": file(func(b []byte) []byte { b[7] = 42; return b }),
		"damaged":   file(func(b []byte) []byte { b[50] ^= 1; return b }),
		"no base64": []byte("untrusted comment: x\n!!!\n"),
	} {
		if _, err := ParseKey(text); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// OpenBSD's own program takes our signatures and keys, and we take its keys.
func TestSignify(t *testing.T) {
	signify, err := exec.LookPath("signify-openbsd")
	if err != nil {
		t.Skip("signify-openbsd is not here")
	}
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	message := put("Packages", []byte("Package: a\n"))
	k := newKey(t)
	ours := []string{"-V", "-p", put("key.pub", k.Public()), "-x", put("Packages.sig", k.Sign([]byte("Package: a\n"))), "-m", message}
	if out, err := exec.Command(signify, ours...).CombinedOutput(); err != nil {
		t.Errorf("signify refuses our signature: %s", out)
	}
	put("Packages", []byte("Package: b\n"))
	if exec.Command(signify, ours...).Run() == nil {
		t.Error("signify takes another message")
	}
	if out, err := exec.Command(signify, "-S", "-s", put("key.sec", k.Secret()), "-x", filepath.Join(dir, "its.sig"), "-m", message).CombinedOutput(); err != nil {
		t.Errorf("signify refuses our secret key: %s", out)
	}
	if out, err := exec.Command(signify, "-G", "-n", "-p", filepath.Join(dir, "g.pub"), "-s", filepath.Join(dir, "g.sec")).CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "g.sec"))
	if err != nil {
		t.Fatal(err)
	}
	its, err := ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(signify, "-V", "-p", filepath.Join(dir, "g.pub"), "-x", put("g.sig", its.Sign([]byte("Package: b\n"))), "-m", message).CombinedOutput(); err != nil {
		t.Errorf("signify refuses what we signed with its key: %s", out)
	}
}
