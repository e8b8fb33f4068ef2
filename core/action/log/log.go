// Package log writes the flows that rules match to files: one JSON object a
// line, a file an interval, and no more than so many bytes of them.
package log

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"netifyd/core/action"
	"netifyd/core/action/elements"
	"netifyd/core/file"
)

// Settings of a target.
type Settings struct {
	action.Common
	Directory string        // default /tmp
	Prefix    string        // of names of files; default netify-flow-actions
	Suffix    string        // default .json
	Interval  time.Duration // of a file; default a minute
	Bytes     int64         // of all files together; default 1 MiB

	// Names of numbers in a Subject; nil: they are left out.
	Rule, Interface, Application, Protocol func(number int) string

	now func() time.Time
}

// parts is how many files a target keeps: each may have its part of Bytes.
const parts = 8

// enough is how many bytes of lines are written at once; no more wait for a
// file system that is full, but for the last line.
const enough = 16 << 10

// Target writes flows to files.
type Target struct {
	set    Settings
	file   *os.File
	begun  time.Time // the interval of file
	size   int64
	buf    []byte
	logged *elements.Ledger
	count  action.Count
}

// Check says what is wrong with the settings. A directory may come later.
func (s Settings) Check() error {
	if strings.ContainsRune(s.Prefix+s.Suffix, '/') {
		return fmt.Errorf("prefix %q and suffix %q are parts of a name: give the directory as path", s.Prefix, s.Suffix)
	}
	return nil
}

// Open opens a target, and sees whether the directory can be written to.
func Open(s Settings) (*Target, error) {
	if s.Directory == "" {
		s.Directory = "/tmp"
	}
	if s.Prefix == "" {
		s.Prefix = "netify-flow-actions"
	}
	if s.Suffix == "" {
		s.Suffix = ".json"
	}
	if s.Interval <= 0 {
		s.Interval = time.Minute
	}
	if s.Bytes <= 0 {
		s.Bytes = 1 << 20
	}
	if s.Most <= 0 {
		s.Most = action.DefaultMost
	}
	if s.now == nil {
		s.now = time.Now
	}
	if err := s.Check(); err != nil {
		return nil, err
	}
	if err := syscall.Access(s.Directory, 2); err != nil {
		return nil, fmt.Errorf("directory %s: %w: make it, and let the agent write to it", s.Directory, err)
	}
	return &Target{set: s, logged: elements.New(s.Most)}, nil
}

// Add writes a flow.
func (t *Target) Add(f *action.Subject, _ uint32) error {
	e := t.logged.Put(t.logged.Hash(f.Digest[:]))
	if e != nil {
		if e.Flows() > 0 {
			return nil
		}
		e.Want()
	}
	now := t.set.now()
	err := t.turn(now) // where the interval before cannot be written, its lines wait, and this one with them
	if len(t.buf) > enough {
		if err == nil {
			err = t.Flush()
		}
		if err != nil {
			t.count.Refused++
			t.logged.Delete(t.logged.Hash(f.Digest[:])) // while it lives it may be written later
			return err
		}
	}
	line := len(t.buf)
	t.buf = t.appendLine(t.buf, f, now)
	if most := t.set.Bytes / parts; t.size+int64(len(t.buf)) > most {
		t.buf = t.buf[:line]
		t.count.Errors++
		t.count.Refused++
		return fmt.Errorf("the files of an interval of %v hold %d bytes, which is the limit: log fewer flows, or take a shorter interval", t.set.Interval, most)
	}
	t.count.Added++
	return err
}

// turn closes the file of an interval that is over.
func (t *Target) turn(now time.Time) error {
	begun := now.Truncate(t.set.Interval)
	if begun.Equal(t.begun) {
		return nil
	}
	err := t.Flush()
	t.shut()
	t.begun, t.size = begun, 0
	return err
}

func (t *Target) shut() {
	if t.file != nil {
		t.file.Close()
		t.file = nil
	}
}

// Remove forgets a flow: it is written again if it matches again.
func (t *Target) Remove(f *action.Subject) error {
	t.logged.Delete(t.logged.Hash(f.Digest[:]))
	return nil
}

// Sync writes what was not written yet.
func (t *Target) Sync(all iter.Seq2[*action.Subject, uint32]) error {
	var first error
	for f := range all {
		if err := t.Add(f, 0); err != nil && first == nil {
			first = err
		}
	}
	if err := t.Flush(); first == nil {
		first = err
	}
	return first
}

// Flush writes what is buffered to the file, which it makes if need be. What
// cannot be written stays in the buffer, and no half a line in the file.
func (t *Target) Flush() error {
	if len(t.buf) == 0 {
		return nil
	}
	if t.file == nil {
		if err := t.create(); err != nil {
			t.count.Errors++
			return err
		}
	}
	if _, err := t.file.Write(t.buf); err != nil {
		_ = t.file.Truncate(t.size)
		t.count.Errors++
		return fmt.Errorf("directory %s: %w: is the file system full?", t.set.Directory, cause(err))
	}
	t.size += int64(len(t.buf))
	t.buf = t.buf[:0]
	return nil
}

// cause is an error without the name of a file, which changes with the interval:
// the same fault is to be told once.
func cause(err error) error {
	if p := (*fs.PathError)(nil); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// create opens the file of the interval, which an agent before may have begun,
// and removes the oldest.
func (t *Target) create() error {
	name := t.set.Prefix + "-" + strconv.FormatInt(t.begun.Unix(), 10) + t.set.Suffix
	f, err := file.Append(filepath.Join(t.set.Directory, name), 0o640)
	if err != nil {
		return fmt.Errorf("directory %s: %w", t.set.Directory, cause(err))
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return err
	}
	t.file, t.size = f, info.Size()
	if cut(f.Name(), t.size) { // by an agent that was killed: what follows is to be a line of its own
		t.buf = append(t.buf, 0)
		copy(t.buf[1:], t.buf)
		t.buf[0] = '\n'
	}
	return t.rotate()
}

// cut says that a file of so many bytes ends within a line.
func cut(path string, size int64) bool {
	f, err := file.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var last [1]byte
	n, _ := f.ReadAt(last[:], size-1)
	return n == 1 && last[0] != '\n'
}

// rotate removes the oldest files of the target's names. Those of a time that is
// still to come were written before the clock was set back.
func (t *Target) rotate() error {
	d, err := os.Open(t.set.Directory)
	if err != nil {
		return err
	}
	defer d.Close()
	var at []int64
	for {
		list, err := d.Readdirnames(100)
		for _, name := range list {
			rest, ok := strings.CutPrefix(name, t.set.Prefix+"-")
			digits, end := strings.CutSuffix(rest, t.set.Suffix)
			if n, err := strconv.ParseInt(digits, 10, 64); ok && end && err == nil && strconv.FormatInt(n, 10) == digits {
				at = append(at, n)
			}
		}
		if err != nil || len(list) == 0 {
			break
		}
	}
	now := t.begun.Unix()
	sort.Slice(at, func(i, j int) bool { // slices.SortFunc would take 8 KB more
		if (at[i] > now) != (at[j] > now) {
			return at[i] > now
		}
		return at[i] < at[j]
	})
	for len(at) > parts {
		err := os.Remove(filepath.Join(t.set.Directory, t.set.Prefix+"-"+strconv.FormatInt(at[0], 10)+t.set.Suffix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		at = at[1:]
	}
	return nil
}

// line is a flow with the names that events give its fields.
type line struct {
	Time            int64  `json:"time"` // milliseconds since 1970
	Rule            string `json:"rule,omitempty"`
	Digest          string `json:"digest"`
	Interface       string `json:"interface,omitempty"`
	Version         int    `json:"ip_version"`
	Transport       uint8  `json:"ip_protocol"`
	LocalIP         string `json:"local_ip"`
	LocalPort       uint16 `json:"local_port"`
	LocalMAC        string `json:"local_mac,omitempty"`
	OtherIP         string `json:"other_ip"`
	OtherPort       uint16 `json:"other_port"`
	OtherMAC        string `json:"other_mac,omitempty"`
	LocalOrigin     bool   `json:"local_origin"`
	Protocol        uint16 `json:"detected_protocol"`
	ProtocolName    string `json:"detected_protocol_name,omitempty"`
	Application     uint32 `json:"detected_application"`
	ApplicationName string `json:"detected_application_name,omitempty"`
}

// appendLine writes a flow.
func (t *Target) appendLine(b []byte, f *action.Subject, now time.Time) []byte {
	name := func(of func(int) string, n int) string {
		if of == nil {
			return ""
		}
		return of(n)
	}
	l := line{now.UnixMilli(), name(t.set.Rule, int(f.Rule)), hex.EncodeToString(f.Digest[:]), name(t.set.Interface, int(f.Interface)), 4, f.Transport,
		address(f.Local, f.V6), f.LocalPort, mac(f.LocalMAC), address(f.Other, f.V6), f.OtherPort, mac(f.OtherMAC), f.LocalIsClient,
		f.Protocol, name(t.set.Protocol, int(f.Protocol)), f.Application, name(t.set.Application, int(f.Application))}
	if f.V6 {
		l.Version = 6
	}
	text, _ := json.Marshal(&l) // numbers and texts always can be
	return append(append(b, text...), '\n')
}

func address(a [16]byte, v6 bool) string {
	if v6 {
		return netip.AddrFrom16(a).String()
	}
	return netip.AddrFrom4([4]byte(a[:4])).String()
}

func mac(m [6]byte) string {
	if m == [6]byte{} {
		return ""
	}
	return net.HardwareAddr(m[:]).String()
}

// Count says what was done.
func (t *Target) Count() action.Count {
	t.count.Elements = uint64(t.logged.Len())
	return t.count
}

// Close writes what is buffered. Files stay.
func (t *Target) Close() error {
	err := t.Flush()
	t.shut()
	return err
}
