// Package log writes rows into files that rotate, or the newest row into one
// that is replaced as a whole.
package log

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"netifyd/cmd/netifyctl/relay/output"
)

// Settings of [[relay.output]] with type = "log".
type Settings struct {
	Path      string      `toml:"path"`
	Overwrite bool        `toml:"overwrite"`
	Size      output.Size `toml:"size"` // a file is full
	Keep      *int        `toml:"keep"` // full files
	Format    string      `toml:"format"`
}

const (
	defaultSize = 16 << 20
	defaultKeep = 5
	patience    = 5 * time.Second // with who reads a pipe
)

type writer struct {
	s    Settings
	keep int
	file *os.File
	size int64
	text []byte
	now  func() time.Time
}

// Open makes the output.
func Open(_ string, decode func(any) error) (output.Output, error) {
	s := Settings{Size: defaultSize, Format: "rows"}
	if err := decode(&s); err != nil {
		return nil, err
	}
	if !filepath.IsAbs(s.Path) {
		return nil, &output.Invalid{Key: "path", Why: fmt.Sprintf("%q: want the whole path of a file, such as /var/log/netifyd.json", s.Path)}
	}
	if s.Format != "rows" && s.Format != "batch" {
		return nil, &output.Invalid{Key: "format", Why: fmt.Sprintf("%q: want rows, or batch for an envelope before them", s.Format)}
	}
	w := &writer{s: s, keep: defaultKeep, now: time.Now}
	if s.Keep != nil {
		if w.keep = *s.Keep; w.keep < 0 {
			return nil, &output.Invalid{Key: "keep", Why: "want 0 or more"}
		}
	}
	return w, nil
}

// Objects says that rows are read by people.
func (w *writer) Objects() bool { return true }

func (w *writer) Send(_ context.Context, b *output.Batch) error {
	if len(b.Lines) == 0 {
		return nil
	}
	if w.s.Overwrite {
		return w.replace(append(slices.Clip(b.Lines[len(b.Lines)-1]), '\n'))
	}
	w.text = w.text[:0]
	if w.s.Format == "batch" {
		w.text = append(b.AppendEnvelope(w.text, w.now()), '\n')
	}
	w.text = b.AppendRows(w.text, false)
	return w.append(w.text)
}

// replace writes a file anew; who reads it sees the old or the new one.
func (w *writer) replace(text []byte) error {
	if err := os.MkdirAll(filepath.Dir(w.s.Path), 0o755); err != nil {
		return err
	}
	tmp := w.s.Path + ".tmp"
	err := os.WriteFile(tmp, text, 0o644)
	if err == nil {
		err = os.Rename(tmp, w.s.Path)
	}
	if err != nil {
		_ = os.Remove(tmp)
	}
	return err
}

// append adds to the file, and begins another where it would be too large. What
// is written half is taken back, since it comes again.
func (w *writer) append(text []byte) error {
	if err := w.ready(int64(len(text))); err != nil {
		return err
	}
	_ = w.file.SetWriteDeadline(time.Now().Add(patience)) // of a pipe; a file takes none
	n, err := w.file.Write(text)
	if err != nil {
		if n > 0 {
			_ = w.file.Truncate(w.size)
		}
		_ = w.Close()
		return err
	}
	w.size += int64(n)
	return nil
}

// ready opens the file, a new one where the old one has no room or was moved away.
func (w *writer) ready(room int64) error {
	if w.file != nil {
		own, err1 := w.file.Stat()
		there, err2 := os.Stat(w.s.Path)
		if err1 != nil || err2 != nil || !os.SameFile(own, there) {
			_ = w.Close()
		}
	}
	if err := w.open(); err != nil {
		return err
	}
	if w.size == 0 || w.size+room <= int64(w.s.Size) {
		return nil
	}
	if err := w.rotate(); err != nil {
		return err
	}
	return w.open()
}

func (w *writer) open() error {
	if w.file != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(w.s.Path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(w.s.Path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NONBLOCK, 0o640)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	w.file, w.size = f, info.Size()
	if cut(w.s.Path, info) { // by a relay that was killed: what follows is to be a line of its own
		if _, err := f.WriteString("\n"); err != nil {
			_ = w.Close()
			return err
		}
		w.size++
	}
	return nil
}

// cut says that a file ends within a line.
func cut(path string, info os.FileInfo) bool {
	if info.Size() == 0 || !info.Mode().IsRegular() {
		return false
	}
	r, err := os.Open(path)
	if err != nil {
		return false
	}
	defer r.Close()
	var last [1]byte
	_, err = r.ReadAt(last[:], info.Size()-1)
	return err == nil && last[0] != '\n'
}

// rotate gives the full file a name with the time, and deletes the oldest. Names
// of a later time are older: the clock was set back since.
func (w *writer) rotate() error {
	_ = w.Close()
	ext := filepath.Ext(w.s.Path)
	base := strings.TrimSuffix(w.s.Path, ext)
	if w.keep == 0 {
		return os.Remove(w.s.Path)
	}
	name := base + w.now().UTC().Format("-20060102T150405.000000Z") + ext
	if err := os.Rename(w.s.Path, name); err != nil {
		return err
	}
	old, err := filepath.Glob(escape(base) + "-[0-9]*T[0-9]*Z" + escape(ext))
	if err != nil {
		return err
	}
	slices.SortFunc(old, func(a, b string) int {
		if a > name != (b > name) {
			return cmp.Compare(b, a)
		}
		return cmp.Compare(a, b)
	})
	for len(old) > w.keep {
		_ = os.Remove(old[0])
		old = old[1:]
	}
	return nil
}

// escape makes a path stand for itself in a pattern.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

func (w *writer) Close() error {
	if w.file == nil {
		return nil
	}
	err := w.file.Close()
	w.file, w.size = nil, 0
	return err
}
