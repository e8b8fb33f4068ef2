package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"time"
)

// UCIPath is the configuration on OpenWrt, which package uci reads.
const UCIPath = "/etc/config/netifyd"

// Files that Load looks for when it is given none.
const (
	DefaultPath = "/etc/netifyd.toml" // TOML
	LegacyPath  = "/etc/netifyd.conf" // INI of netifyd 3 and 4, read if there is no TOML
)

// MaxFile is the size of the largest file that is read, in bytes.
const MaxFile = 1 << 17

// Load reads the configuration file path. An empty path stands for DefaultPath,
// else LegacyPath, else Default alone. A file in netifyd's INI form is known by
// its name or its contents. The error holds all that is wrong (Errors) and
// leaves no Config; warnings are about what an INI file says in vain.
func Load(path string) (*Config, []Warning, error) {
	if path == "" {
		return loadFirst(DefaultPath, LegacyPath)
	}
	text, err := ReadFile(path)
	if err != nil {
		return nil, nil, Errors{{Path: path, Text: err.Error()}}
	}
	return Parse(path, text)
}

func loadFirst(paths ...string) (*Config, []Warning, error) {
	for _, path := range paths {
		if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
			return Load(path)
		}
	}
	return Default(), nil, nil
}

// patience is how long a pipe may be silent that is to bring a configuration:
// an agent that reloads shall not wait for ever.
const patience = 3 * time.Second

// ReadFile is the text of a configuration file of any form, of MaxFile bytes at most. The error does not name the path.
func ReadFile(path string) (string, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe without a writer would not open
	if err != nil {
		return "", withoutPath(err)
	}
	defer f.Close()
	_ = f.SetReadDeadline(time.Now().Add(patience)) // a regular file has none
	text, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if info, e := f.Stat(); e == nil && info.Mode()&os.ModeNamedPipe != 0 {
		for err == nil && len(text) == 0 { // its writer may still come
			time.Sleep(10 * time.Millisecond)
			text, err = io.ReadAll(io.LimitReader(f, MaxFile+1))
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", fmt.Errorf("a pipe that nobody writes to its end within %v: give a file", patience)
	}
	if err != nil {
		return "", withoutPath(err)
	}
	if len(text) > MaxFile {
		return "", fmt.Errorf("larger than %d bytes: this is no configuration file", MaxFile)
	}
	return string(text), nil
}

func withoutPath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("cannot read the configuration: %w", p.Err)
	}
	return err
}

// reader gathers what a file says. Keys of lines are those of Error.Key.
type reader struct {
	path     string
	cfg      *Config
	lines    map[string]int // where each key is
	errs     Errors
	warnings []Warning
}

// Parse is Load for text that was read already; path serves messages, and tells
// TOML (.toml) from INI (.conf).
func Parse(path, text string) (*Config, []Warning, error) {
	r := &reader{path: path, cfg: Default(), lines: map[string]int{}}
	r.cfg.Path = path
	text = strings.TrimPrefix(text, "\ufeff")
	if isINI(path, text) {
		r.ini(text)
	} else if !r.toml(text) {
		return nil, nil, r.errs
	}
	r.validate()
	r.cfg.Lines = r.lines
	r.errs.sort()
	sort.SliceStable(r.warnings, func(i, j int) bool { return r.warnings[i].Line < r.warnings[j].Line })
	if err := r.errs.orNil(); err != nil {
		return nil, r.warnings, err
	}
	return r.cfg, r.warnings, nil
}

// isINI tells netifyd's INI form: [[x]] is TOML only, netifyd's sections are INI only.
func isINI(path, text string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	if ext == ".toml" {
		return false
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[[") {
			return false
		}
		if section, ok := sectionName(line); ok && iniSections[section] {
			return true
		}
	}
	return ext == ".conf" || ext == ".ini"
}

func (r *reader) fail(key string, line int, format string, args ...any) {
	r.errs = append(r.errs, &Error{Path: r.path, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

func (r *reader) warn(line int, format string, args ...any) {
	r.warnings = append(r.warnings, Warning{Path: r.path, Line: line, Text: fmt.Sprintf(format, args...)})
}

// validate adds what only the whole shows, each with the line of its key. A key
// that is known to be wrong is not judged twice.
func (r *reader) validate() {
	for _, e := range r.cfg.check() {
		if r.errs.about(e.Key) {
			continue
		}
		e.Path, e.Line = r.path, cmp.Or(r.lines[e.Key], r.lines[e.other], LineOf(r.lines, e.Key))
		r.errs = append(r.errs, e)
	}
}
