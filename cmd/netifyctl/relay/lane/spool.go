package lane

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// spool is batches on disk, one file each, for what memory has no room for and
// for what is left when the relay stops.
type spool struct {
	dir       string
	most      int64
	list      []stub // the oldest first
	bytes     int64
	rows      int
	next      uint64
	busy      uint64 // number of the file that is being sent, which may not go
	recovered uint64
	pack      *zstd.Encoder
	unpack    *zstd.Decoder
	unsafe    []string           // files that a power cut may take: sync has not seen them
	sync      func(string) error // makes a file or a directory outlive a power cut
}

// stub is what a file's name says: NUMBER.CLASS.ROWS.KIND.zst
type stub struct {
	number uint64
	class  Class
	rows   int
	kind   string
	size   int64
	tries  int       // readings that failed
	again  time.Time // when it is read again
}

func (s *stub) name() string {
	return fmt.Sprintf("%016d.%d.%d.%s.zst", s.number, s.class, s.rows, url.PathEscape(s.kind))
}

func parseStub(name string) (s stub, ok bool) {
	name, zst := strings.CutSuffix(name, ".zst")
	parts := strings.SplitN(name, ".", 4)
	if !zst || len(parts) != 4 {
		return s, false
	}
	number, err1 := strconv.ParseUint(parts[0], 10, 63)
	class, err2 := strconv.ParseUint(parts[1], 10, 8)
	rows, err3 := strconv.ParseUint(parts[2], 10, 31)
	kind, err4 := url.PathUnescape(parts[3])
	return stub{number: number, class: Class(class), rows: int(rows), kind: kind}, errors.Join(err1, err2, err3, err4) == nil
}

// largestFile is more than any batch has, unpacked.
const largestFile = 64 << 20

func openSpool(dir string, most int64) (*spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	s := &spool{dir: dir, most: most, next: 1, sync: syncPath}
	var err error
	if s.pack, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(128<<10), zstd.WithEncoderLevel(zstd.SpeedFastest)); err != nil {
		return nil, err
	}
	if s.unpack, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(largestFile)); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir) // in the order of names, which is that of age
	if err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".tmp") {
			_ = os.Remove(filepath.Join(dir, e.Name()))
			continue
		}
		st, ok := parseStub(e.Name())
		info, err := e.Info()
		if !ok || err != nil {
			continue
		}
		st.size = info.Size()
		s.list = append(s.list, st)
		s.bytes, s.rows, s.next = s.bytes+st.size, s.rows+st.rows, st.number+1
	}
	s.recovered = uint64(s.rows)
	return s, nil
}

// head is the first line of a file.
type head struct {
	Kind    string   `json:"kind"`
	Columns []string `json:"columns,omitempty"`
	Class   Class    `json:"class"`
	Retain  bool     `json:"retain,omitempty"`
}

// put writes a batch, and gives what had to go for it.
func (s *spool) put(b *batch) (gone []stub, err error) {
	line, _ := json.Marshal(head{b.table.Kind, b.table.Columns, b.table.Class, b.table.Retain})
	text := append(line, '\n')
	for _, l := range b.lines(nil) {
		text = append(append(text, l...), '\n')
	}
	packed := s.pack.EncodeAll(text, nil)
	if int64(len(packed)) > s.most {
		return nil, errors.New("disk_size is less than one batch")
	}
	for s.bytes+int64(len(packed)) > s.most {
		i := slices.IndexFunc(s.list, func(x stub) bool { return x.class == Bulk && x.number != s.busy })
		if i < 0 {
			i = slices.IndexFunc(s.list, func(x stub) bool { return x.number != s.busy })
		}
		if i < 0 {
			return gone, errors.New("disk_size has no room for two batches")
		}
		gone = append(gone, s.list[i])
		s.remove(s.list[i].name())
	}
	st := stub{number: s.next, class: b.table.Class, rows: len(b.ends), kind: b.table.Kind, size: int64(len(packed))}
	path := filepath.Join(s.dir, st.name())
	if err = os.WriteFile(path+".tmp", packed, 0o600); err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err != nil {
		_ = os.Remove(path + ".tmp")
		return gone, err
	}
	s.next++
	s.unsafe = append(s.unsafe, st.name())
	s.list = append(s.list, st)
	s.bytes, s.rows = s.bytes+st.size, s.rows+st.rows
	return gone, nil
}

// pending gives what save is to make safe, and forgets it.
func (s *spool) pending() (names []string) {
	names, s.unsafe = s.unsafe, nil
	return names
}

// save makes files outlive a power cut, and then their names. It takes as long as
// the disk does, so nobody holds the lane meanwhile; a file that was sent is gone.
func (s *spool) save(names []string) error {
	if len(names) == 0 {
		return nil
	}
	for _, name := range names {
		if err := s.sync(filepath.Join(s.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return s.sync(s.dir)
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// A file that the disk does not give at the moment (no file descriptor, no memory, an error
// of the disk) is read again after readAgain, then after twice as long each time, readTries times.
const (
	readAgain = time.Second
	readTries = 12 // over an hour in all
)

// oldest reads the oldest batch that is sound, and gives those that are gone or not
// sound. Files that cannot be read now are passed over; later is when the first of
// these is read again, zero where there is none, and err why.
func (s *spool) oldest(now time.Time) (b *batch, file string, broken []stub, later time.Time, err error) {
	for i := 0; i < len(s.list); {
		st := &s.list[i]
		if now.Before(st.again) {
			later = sooner(later, st.again)
			i++
			continue
		}
		b, bad := s.read(st)
		if bad == nil {
			s.busy = st.number
			return b, st.name(), broken, later, err
		}
		if p, ok := errors.AsType[*fs.PathError](bad); ok && !errors.Is(bad, fs.ErrNotExist) {
			if err = p; st.tries < readTries {
				st.again = now.Add(readAgain << st.tries)
				st.tries++
				later = sooner(later, st.again)
				i++
				continue
			}
		}
		broken = append(broken, *st)
		s.remove(st.name())
	}
	return nil, "", broken, later, err
}

// sooner is the earlier of two times of which one may not be set.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func (s *spool) read(st *stub) (*batch, error) {
	packed, err := os.ReadFile(filepath.Join(s.dir, st.name()))
	if err != nil {
		return nil, err
	}
	text, err := s.unpack.DecodeAll(packed, nil)
	if err != nil {
		return nil, err
	}
	line, rest, _ := bytes.Cut(text, []byte{'\n'})
	var h head
	if err := json.Unmarshal(line, &h); err != nil {
		return nil, err
	}
	b := &batch{table: &Table{Kind: h.Kind, Columns: h.Columns, Class: h.Class, Retain: h.Retain}}
	for row := range bytes.Lines(rest) {
		b.add(bytes.TrimSuffix(row, []byte{'\n'}))
	}
	if len(b.ends) != st.rows {
		return nil, errors.New("rows are missing")
	}
	return b, nil
}

// remove deletes a file that is listed.
func (s *spool) remove(name string) {
	for i := range s.list {
		if st := s.list[i]; st.name() == name {
			_ = os.Remove(filepath.Join(s.dir, name))
			s.bytes, s.rows = s.bytes-st.size, s.rows-st.rows
			s.list = slices.Delete(s.list, i, i+1)
			return
		}
	}
}
