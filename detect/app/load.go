package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"unsafe"

	"netifyd/detect/app/internal/source"
)

// Load is the built-in catalogue with what files add to it: *.conf, *.toml and
// netify-categories.json of appsDir, netifyd's own two files beside it, lists of domains by category of
// domainsDir. An empty name, or a directory that is not there, adds nothing.
// What is wrong is told for all files at once, each with its line; there is no
// catalogue then, and the caller keeps the one it has. Warnings are one line each.
func Load(appsDir, domainsDir string) (*Catalogue, []string, error) {
	return builtin().LoadWithin(Room{}, appsDir, domainsDir)
}

// LoadWithin is Load over a base, with bounds for what reading takes.
func (b *Base) LoadWithin(r Room, appsDir, domainsDir string) (*Catalogue, []string, error) {
	l := &loader{base: b, cats: &categories{}, spent: newSpent(r)}
	l.beside(appsDir)
	l.read(appsDir)
	l.lists(domainsDir)
	if err := l.errs.OrNil(); err != nil {
		return nil, l.warnings, err
	}
	c := l.catalogue()
	if err := l.errs.OrNil(); err != nil {
		return nil, l.warnings, err
	}
	return c, l.warnings, nil
}

type loader struct {
	base     *Base
	cats     *categories
	added    *additions
	files    []*source.File
	list     *lists
	errs     source.Errors
	warnings []string
	spent    spent
	refused  string // a directory that cannot be read, which was said
}

func (l *loader) warn(path string, line int, format string, args ...any) {
	if len(l.warnings) == maxWarnings {
		l.warnings = append(l.warnings, "there is more to say of the files that add applications: correct this first")
	}
	if len(l.warnings) > maxWarnings {
		return
	}
	l.warnings = append(l.warnings, (&source.Error{Path: path, Line: line, Text: fmt.Sprintf(format, args...)}).Error())
}

// fail keeps the errors of one file.
func (l *loader) fail(path string, err error) {
	var many source.Errors
	if errors.As(err, &many) {
		l.errs.Join(many)
		return
	}
	l.errs.Add(path, 0, "%v", err)
}

// paths are the files of a directory that end in suffix, in the order of names.
func (l *loader) paths(dir, suffix string) []string {
	if dir == "" || dir == l.refused {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			l.refused = dir
			if p := (*fs.PathError)(nil); errors.As(err, &p) {
				err = p.Err
			}
			l.errs.Add(dir, 0, "no directory that can be read: %v", err)
		}
		return nil
	}
	var out []string
	if len(entries) > maxFiles {
		l.errs.Add(dir, 0, "%d files: at most %d are read", len(entries), maxFiles)
		return nil
	}
	for _, e := range entries {
		if name := e.Name(); strings.HasSuffix(name, suffix) && !strings.HasPrefix(name, ".") && !e.IsDir() {
			out = append(out, filepath.Join(dir, name))
		}
	}
	return out
}

func (l *loader) text(path string) (string, bool) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = errors.New("is no regular file")
	case info.Size() > maxFile:
		err = fmt.Errorf("is larger than %d MiB", maxFile>>20)
	default:
		err = l.spent.take(info.Size(), false)
	}
	var b []byte
	if err == nil {
		b, err = os.ReadFile(path)
	}
	if err != nil {
		l.fail(path, err)
		return "", false
	}
	return unsafe.String(unsafe.SliceData(b), len(b)), true // nobody writes to b
}

// Names of netifyd's own files of applications and of their categories, which
// lie beside our directory.
const (
	besideName   = "netify-apps.conf"
	categoryName = "netify-categories.json"
)

// beside reads netifyd's own files. Others write them, so that what is wrong in
// one is a warning: the agent starts without it. Ours, as dump-files writes
// them, say nothing that is not built in, and cost nothing.
func (l *loader) beside(appsDir string) {
	if appsDir == "" {
		return
	}
	dir := filepath.Dir(filepath.Clean(appsDir))
	l.try(filepath.Join(dir, besideName), func(path, text string) error {
		f, err := source.ReadConf(path, text)
		if err == nil {
			l.files = append(l.files, f)
		}
		return err
	})
	l.try(filepath.Join(dir, categoryName), func(_, text string) error {
		var cats categories
		err := cats.read(text)
		if err == nil {
			cats.dropKnown(l.base.alone())
			*l.cats = cats
		}
		return err
	})
}

// try reads a file that may be missing or wrong.
func (l *loader) try(path string, read func(path, text string) error) {
	if _, err := os.Stat(path); err != nil {
		return
	}
	before := len(l.errs)
	if text, ok := l.text(path); ok {
		err := read(path, text)
		if err == nil {
			return
		}
		l.fail(path, err)
	}
	l.warn(path, 0, "is left out: %v", l.errs[before:])
	l.errs = l.errs[:before]
}

// isNews says that an entry says more than which number a known tag has.
func isNews(e *source.App, known map[string]uint32) bool {
	id, ok := known[e.Tag]
	return !ok || id != e.ID || len(e.Domains)+len(e.Networks)+len(e.Hosts)+len(e.Protocols) > 0 ||
		e.Label != "" || e.Category != "" || e.SaysNetwork || e.Replace
}

// read reads a directory of applications: text forms first, so that a file in
// TOML may override a long list.
func (l *loader) read(dir string) {
	for _, path := range l.paths(dir, categoryName) {
		if text, ok := l.text(path); ok {
			if err := l.cats.read(text); err != nil {
				l.fail(path, err)
			}
		}
	}
	for _, form := range []struct {
		suffix string
		read   func(path, text string) (*source.File, error)
	}{{".conf", source.ReadConf}, {".toml", source.ReadTOML}} {
		for _, path := range l.paths(dir, form.suffix) {
			if l.over(path) {
				return
			}
			text, ok := l.text(path)
			if !ok {
				continue
			}
			f, err := form.read(path, text)
			if err != nil {
				l.fail(path, err)
				continue
			}
			l.files = append(l.files, f)
		}
	}
}

// catalogue joins what was read with what is built in.
func (l *loader) catalogue() *Catalogue {
	base := l.base.layer
	l.dropKnown()
	c := &Catalogue{base: l.base, layers: []layer{base}, apps: base.apps, lists: l.list, cats: l.cats}
	if len(l.files) == 0 && len(l.cats.ofApp) == 0 {
		c.twins = twinsOf(base)
		c.added = c.lists.size()
		return c
	}
	l.added = newAdditions(base.apps)
	a := l.added
	a.categorise(l.cats)
	for _, f := range l.files {
		for _, entry := range f.Apps {
			if l.errs.Many() || l.over(f.Path) {
				return nil
			}
			l.entry(f, entry)
		}
	}
	over := a.layer()
	base.apps = a.base
	c.layers, c.apps = []layer{base}, a.all()
	if over.Apps() > 0 {
		c.layers = []layer{over, base}
	}
	c.twins = twinsOf(c.layers...)
	for _, f := range l.files {
		l.rules(c, f)
	}
	if l.spent.late {
		return nil
	}
	c.added = c.lists.size() + over.Size() + len(a.base)*int(unsafe.Sizeof(uintptr(0))) + len(c.apps)*int(unsafe.Sizeof(uintptr(0))) +
		len(a.fresh)*int(unsafe.Sizeof(App{})) + c.rulesSize()
	return c
}

// dropKnown leaves out what the built-in catalogue says too, and files that
// have nothing else: netifyd dump-files writes such a one.
func (l *loader) dropKnown() {
	if len(l.files) == 0 {
		return
	}
	known := map[string]uint32{}
	for _, a := range l.base.apps {
		known[a.Tag] = a.ID
	}
	l.files = slices.DeleteFunc(l.files, func(f *source.File) bool {
		if !strings.HasSuffix(f.Path, ".conf") {
			return false
		}
		f.Apps = slices.DeleteFunc(f.Apps, func(e *source.App) bool { return !isNews(e, known) })
		return len(f.Apps)+len(f.Softs)+len(f.Rewrites) == 0
	})
}

// entry adds one entry of a file.
func (l *loader) entry(f *source.File, e *source.App) {
	bad := func(line int, err error) {
		if err != nil {
			l.errs.Add(f.Path, line, "%v", err)
		}
	}
	t, err := l.added.target(e)
	if err != nil {
		bad(e.Line, err)
		return
	}
	if e.ID != 0 && e.ID != t.ID {
		l.warn(f.Path, e.LineOf("id"), "%s had the identifier %d: it has %d now", t.Tag, t.ID, e.ID)
		bad(e.LineOf("id"), l.added.renumber(t, e.ID))
	}
	if e.Label != "" {
		bad(e.LineOf("label"), source.Label(e.Label))
		t.Label = strings.Clone(e.Label)
	}
	if e.Category != "" {
		if t.Category = l.cats.number(e.Category); t.Category == 0 {
			bad(e.LineOf("category"), fmt.Errorf("%q is no application category", e.Category))
		}
	}
	if e.SaysNetwork {
		t.Network = e.Network
	}
	if e.Replace {
		l.added.hide(t)
	}
	n := l.added.add(t, fmt.Sprintf("%s:%d", f.Path, e.Line))
	l.facts(f, e, n)
}

func (l *loader) facts(f *source.File, e *source.App, n int) {
	b := &l.added.build
	for _, fact := range e.Domains {
		name, err := source.Domain(fact.Text)
		if err == nil {
			err = l.added.claim(f, e, name)
		}
		if err != nil {
			l.errs.Add(f.Path, fact.Line, "%v", err)
			continue
		}
		if why := source.TooGeneral(name, true); why != "" {
			l.warn(f.Path, fact.Line, "%s is very general: %s", name, why)
		}
		b.Domain(name, n)
	}
	for _, fact := range e.Hosts {
		name, err := source.HostRule(fact.Text)
		if err == nil {
			err = l.added.claim(f, e, name)
		}
		if err != nil {
			l.errs.Add(f.Path, fact.Line, "%v", err)
			continue
		}
		b.Rule(name, n)
	}
	for _, fact := range e.Networks {
		p, err := source.Network(fact.Text)
		if err != nil {
			l.errs.Add(f.Path, fact.Line, "%v", err)
			continue
		}
		b.Network(p, n)
	}
	for _, fact := range e.Protocols {
		id, err := source.Protocol(fact.Text)
		if err != nil {
			l.errs.Add(f.Path, fact.Line, "%v", err)
			continue
		}
		b.Twin(uint16(id), n)
	}
}

// sorted puts applications in the order of a catalogue.
func sorted(apps []*App) []*App {
	sort.Slice(apps, func(i, j int) bool { return apps[i].ID < apps[j].ID })
	return apps
}
