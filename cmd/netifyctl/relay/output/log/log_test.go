package log

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/BurntSushi/toml"

	"netifyd/cmd/netifyctl/relay/output"
)

func open(t *testing.T, settings string) *writer {
	t.Helper()
	o, err := Open("x", func(into any) error { return toml.Unmarshal([]byte(settings), into) })
	if err != nil {
		t.Fatal(err)
	}
	return o.(*writer)
}

func batch(lines ...string) *output.Batch {
	b := &output.Batch{Agent: "a", Kind: "flow"}
	for _, l := range lines {
		b.Lines = append(b.Lines, []byte(l))
	}
	return b
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRotates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "d [x]", "n.json")
	w := open(t, fmt.Sprintf("path = %q\nsize = 10\nkeep = 2", path))
	at := time.Unix(0, 0)
	w.now = func() time.Time { at = at.Add(time.Second); return at }
	for i := range 6 {
		if err := w.Send(context.Background(), batch(fmt.Sprint("row", i))); err != nil {
			t.Fatal(err)
		}
	}
	if got := read(t, path); got != "row4\nrow5\n" {
		t.Errorf("%q", got)
	}
	files, _ := filepath.Glob(filepath.Dir(path)[:len(filepath.Dir(path))-6] + "/*/*")
	if len(files) != 3 || read(t, files[1]) != "row2\nrow3\n" && read(t, files[0]) != "row0\nrow1\n" {
		t.Errorf("%q", files)
	}
	for i := range 6 {
		_ = w.Send(context.Background(), batch(fmt.Sprint("more", i)))
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 3 {
		t.Errorf("%d files", len(entries))
	}
	// Somebody else moves the file away: the next row makes a new one.
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	if err := w.Send(context.Background(), batch("new")); err != nil || read(t, path) != "new\n" {
		t.Error(err, read(t, path))
	}
	_ = w.Close()
	// What another relay wrote stays.
	w = open(t, fmt.Sprintf("path = %q\nformat = \"batch\"", path))
	w.now = func() time.Time { return time.Unix(9, 0) }
	_ = w.Send(context.Background(), batch("r"))
	if got := read(t, path); got != "new\n"+`{"agent":"a","epoch":0,"seq":0,"kind":"flow","schema":1,"count":1,"sent":9,"lost":0}`+"\nr\n" {
		t.Errorf("%q", got)
	}
	_ = w.Close()
}

// Who reads while it is written sees one whole row.
// A relay that was killed while it wrote leaves half a line.
func TestGoesOnBehindHalfALine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.json")
	for text, want := range map[string]string{"row1\n{\"ro": "row1\n{\"ro\nrow2\n", "row1\n": "row1\nrow2\n", "": "row2\n"} {
		if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		w := open(t, fmt.Sprintf("path = %q", path))
		if err := w.Send(context.Background(), batch("row2")); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != want || w.size != int64(len(want)) {
			t.Errorf("%q became %q, of %d bytes", text, got, w.size)
		}
	}
}

func TestOverwrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.json")
	w := open(t, fmt.Sprintf("path = %q\noverwrite = true", path))
	long := strings.Repeat("x", 1<<20)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 30 {
			if err := w.Send(context.Background(), batch("old", long)); err != nil {
				t.Error(err)
			}
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		if text, err := os.ReadFile(path); err == nil && string(text) != long+"\n" {
			t.Fatalf("%d bytes", len(text))
		}
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("%v", entries)
	}
}

func TestInvalid(t *testing.T) {
	for settings, want := range map[string]string{
		`path = "x"`: "path: ", "path = \"/x\"\nformat = \"y\"": "format: ", "path = \"/x\"\nkeep = -1": "keep: ",
	} {
		_, err := Open("x", func(into any) error { return toml.Unmarshal([]byte(settings), into) })
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", settings, err)
		}
	}
	if err := open(t, `path = "/dev/null/x"`).Send(context.Background(), batch("x")); err == nil {
		t.Error("a file in no directory")
	}
}

// A pipe that nobody reads is an error, and does not hold the relay up.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Skip(err)
	}
	w := open(t, fmt.Sprintf("path = %q", path))
	if err := w.Send(context.Background(), batch("a")); err == nil {
		t.Error("a pipe without a reader takes rows")
	}
	r, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := w.Send(context.Background(), batch("b")); err != nil {
		t.Error(err)
	}
	text := make([]byte, 10)
	if n, err := r.Read(text); string(text[:n]) != "b\n" {
		t.Errorf("%q, %v", text[:n], err)
	}
}

// A clock that is set back makes no file the oldest that was just written.
func TestRotatesThroughTheClock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "n.json")
	w := open(t, fmt.Sprintf("path = %q\nsize = 4\nkeep = 2", path))
	at := time.Unix(1_830_000_000, 0)
	w.now = func() time.Time { at = at.Add(time.Second); return at }
	for i := range 8 {
		if i == 5 {
			at = time.Unix(1_796_000_000, 0)
		}
		if err := w.Send(context.Background(), batch(fmt.Sprint("row", i))); err != nil {
			t.Fatal(err)
		}
	}
	files, _ := filepath.Glob(strings.TrimSuffix(path, ".json") + "-*")
	if len(files) != 2 || read(t, files[0]) != "row5\n" || read(t, files[1]) != "row6\n" {
		t.Errorf("%q", files)
	}
}
