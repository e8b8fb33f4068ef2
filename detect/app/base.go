package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
	"unsafe"

	"netifyd/detect/app/internal/compact"
	"netifyd/detect/app/internal/source"
)

// Base is a compiled catalogue, which files of applications are added to: the
// one that is built in, or a newer one out of a file. It does not change.
type Base struct {
	layer
	path   string // empty: built in
	length int64  // of the file
	bytes  int
}

// maxBase is how many bytes a file of a compiled catalogue may have.
const maxBase = 8 << 20

// Date is the day that the catalogue is of, as 2026-12-31.
func (b *Base) Date() string { return day(b.Table.Date) }

func day(date uint32) string {
	return time.Date(int(date/10000), time.Month(date/100%100), int(date%100), 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

// Path is the file that the catalogue was read from; empty: it is built in.
func (b *Base) Path() string { return b.path }

// Size is how many applications it has.
func (b *Base) Size() int { return len(b.apps) }

// String says of which day the catalogue is, and where it comes from.
func (b *Base) String() string {
	if b.path == "" {
		return b.Date() + ", built in"
	}
	return b.Date() + ", " + b.path
}

// OpenBase is the catalogue of the file at path where there is one that is
// newer than the one built in; else the one built in. note says why a file that
// is there is not used. have is the catalogue of before, which is given back
// where the file is still the same one; nil: none. A file that is not sound is an
// error: the caller keeps what it has.
func OpenBase(path string, have *Base) (b *Base, note string, err error) {
	if path == "" {
		return builtin(), "", nil
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer would hold the agent up
	if errors.Is(err, fs.ErrNotExist) {
		return builtin(), "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, "", err
	case !info.Mode().IsRegular():
		return nil, "", fmt.Errorf("%s is no regular file", path)
	case info.Size() > maxBase:
		return nil, "", fmt.Errorf("%s is larger than %d MiB", path, maxBase>>20)
	}
	head := make([]byte, compact.HeadSize)
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return nil, "", err
	}
	sum, date := compact.Head(string(head))
	own, ownDate := compact.Head(compiled)
	switch {
	case sum == "": // reading it says what is wrong
	case have != nil && have.path == path && have.Sum == sum && have.length == info.Size():
		return have, "", nil
	case sum == own:
		return builtin(), "", nil
	case date == ownDate:
		return builtin(), fmt.Sprintf("%s is of the day of the catalogue built in, %s: the one built in is used", path, day(date)), nil
	case date < ownDate:
		return builtin(), fmt.Sprintf("%s is of %s, the catalogue built in of %s: the newer one is used", path, day(date), day(ownDate)), nil
	}
	data := make([]byte, info.Size())
	if _, err := f.ReadAt(data, 0); err != nil {
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	if b, err = readBase(unsafe.String(unsafe.SliceData(data), len(data))); err != nil { // nobody writes to data
		return nil, "", fmt.Errorf("%s: %w", path, err)
	}
	b.path, b.from, b.length = path, path, info.Size()
	return b, "", nil
}

// readBase opens a catalogue that came from outside of the program.
func readBase(data string) (*Base, error) {
	t, err := compact.Check(data)
	if err != nil {
		return nil, err
	}
	b, err := newBase(t, len(data))
	if err != nil {
		return nil, err
	}
	tags := make(map[string]bool, len(b.apps))
	for _, a := range b.apps {
		err := source.Tag(a.Tag)
		if err == nil {
			err = source.Label(a.Label)
		}
		if err == nil && tags[a.Tag] {
			err = errors.New("the tag is there twice")
		}
		if err != nil {
			return nil, fmt.Errorf("the catalogue is damaged: application %d: %w", a.ID, err)
		}
		tags[a.Tag] = true
		if source.CategoryTag(a.Category) == "" {
			a.Category = source.Unclassified // one that this agent does not know
		}
	}
	return b, nil
}
