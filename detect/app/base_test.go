package app

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"netifyd/detect/app/internal/compact"
)

// compiledOf is a compiled catalogue with one application for a domain.
func compiledOf(date uint32, tag, domain string) string {
	b := compact.Builder{Date: date}
	n := b.App(compact.App{ID: 133, Tag: tag, Label: "Test", Category: 22})
	b.Domain(domain, n)
	return b.Compile()
}

func baseFile(t *testing.T, data string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "catalogue.bin")
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// The newer of the file and of what is built in counts.
func TestBaseOfFile(t *testing.T) {
	path := baseFile(t, compiledOf(29991231, "netify.later", "later.example"))
	b, note, err := OpenBase(path, nil)
	if err != nil || note != "" {
		t.Fatal(note, err)
	}
	if b.Path() != path || b.Date() != "2999-12-31" || b.Size() != 1 || !strings.Contains(b.String(), path) {
		t.Errorf("%s, %d applications", b, b.Size())
	}
	c, _, err := b.LoadWithin(Room{}, "", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := tagOf(c.Host([]byte("www.later.example"))); got != "netify.later" {
		t.Errorf("its domain is %q", got)
	}
	if a := c.Host([]byte("netflix.com")); a != nil {
		t.Errorf("what is built in is there as well: %s", a.Tag)
	}
	if x := c.Explain("later.example"); !strings.Contains(x, path) {
		t.Errorf("%q does not name the file", x)
	}
	if c.Bytes() >= Default().Bytes() {
		t.Errorf("%d bytes for one application", c.Bytes())
	}
	again, _, err := OpenBase(path, b)
	if err != nil || again != b {
		t.Errorf("the same file is read again: %v", err)
	}
	if err := os.WriteFile(path, []byte(compiledOf(29991231, "netify.other", "later.example")), 0o644); err != nil {
		t.Fatal(err)
	}
	if again, _, err := OpenBase(path, b); err != nil || again == b {
		t.Errorf("a new file of the same day is not read: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if b, note, err := OpenBase(path, b); err != nil || b != Builtin() || note != "" {
		t.Errorf("without the file: %v %q %v", b, note, err)
	}
}

func TestOlderBaseIsNotUsed(t *testing.T) {
	b, note, err := OpenBase(baseFile(t, compiledOf(20200101, "netify.later", "later.example")), nil)
	if err != nil || b != Builtin() || !strings.Contains(note, "2020-01-01") || !strings.Contains(note, b.Date()) {
		t.Errorf("%v %q %v", b, note, err)
	}
	if b, note, err := OpenBase(baseFile(t, compiledOf(Builtin().Table.Date, "netify.later", "later.example")), nil); err != nil || b != Builtin() || !strings.Contains(note, "the one built in is used") {
		t.Errorf("another one of the same day: %v %q %v", b, note, err)
	}
	if b, note, err := OpenBase(baseFile(t, compiled), nil); err != nil || b != Builtin() || note != "" {
		t.Errorf("the same as built in: %v %q %v", b, note, err)
	}
}

// What is not sound is refused with the file and the reason.
func TestUnsoundBase(t *testing.T) {
	good := compiledOf(29991231, "netify.later", "later.example")
	flipped := []byte(good)
	flipped[len(flipped)-1] ^= 1
	form := strings.Replace(good, compact.Magic, compact.Magic[:len(compact.Magic)-1]+"\x7f", 1)
	before := strings.Replace(good, compact.Magic, "nfcat\x00\x00\x03", 1) // of agents until 2026-12-01
	for what, x := range map[string]struct{ data, want string }{
		"empty":           {"", "no compiled catalogue"},
		"something":       {strings.Repeat("netify.conf\n", 100), "no compiled catalogue"},
		"another form":    {form, "is not of form"},
		"the form before": {before, "is not of form 4"},
		"cut":             {good[:len(good)-1], "checksum"},
		"flipped":         {string(flipped), "checksum"},
		"a bad tag":       {compiledOf(29991231, "Not a tag\n", "later.example"), "application 133"},
		"more behind":     {good + "x", "checksum"},
		"the head alone":  {good[:compact.HeadSize], "is cut"},
	} {
		path := baseFile(t, x.data)
		if _, _, err := OpenBase(path, nil); err == nil || !strings.Contains(err.Error(), x.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", what, err)
		}
	}
	path := baseFile(t, good)
	have, _, err := OpenBase(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, int64(len(good)-1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenBase(path, have); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("the file in use, cut: %v", err)
	}
	if _, _, err := OpenBase(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a directory: %v", err)
	}
}

// What is built in passes the check that files have to pass.
func TestBuiltinIsSound(t *testing.T) {
	if _, err := readBase(compiled); err != nil {
		t.Error(err)
	}
}

// A pipe where the catalogue should be does not hold a reload up.
func TestBaseOfPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalogue.bin")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	if _, _, err := OpenBase(path, nil); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Error(err)
	}
}

// No beginning of the catalogue itself is one, with its own checksum or with one that fits.
func TestCutBaseIsRefused(t *testing.T) {
	const digest, date = 8, 40 // places in its head
	for n := 0; n < len(compiled); n += 1 + n/64 {
		if _, err := readBase(compiled[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are good", n, len(compiled))
		}
		if n < date {
			continue
		}
		cut := []byte(compiled[:n])
		sum := sha256.Sum256(cut[date:])
		copy(cut[digest:], sum[:])
		if _, err := readBase(string(cut)); err == nil {
			t.Fatalf("the first %d of %d bytes with their checksum are good", n, len(compiled))
		}
	}
	if _, err := readBase(compiled); err != nil {
		t.Error(err)
	}
}
