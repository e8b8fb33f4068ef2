package source

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"netifyd/core/proto"
	"netifyd/detect/app/internal/compact"
)

// FirstOwn is the first identifier of applications that netifyd does not know.
const FirstOwn = 20000

// Known is the table of netifyd's identifiers and tags.
type Known struct {
	ids  map[string]uint32
	tags map[uint32]string

	classic []uint32 // of the first table

	Date uint32 // of the catalogue, as 20261231
}

// knownFiles are the tables of Known. The first has the applications of netifyd's
// public list, the second those that readers of the stream know beyond it.
var knownFiles = []string{"applications.tsv", "identifiers.tsv"}

// Add reads a table: identifier, tag and more in each line, under a heading.
// file is its name, for errors.
func (k *Known) Add(file, text string) error {
	if k.ids == nil {
		k.ids, k.tags = map[string]uint32{}, map[uint32]string{}
	}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n")[1:] {
		f := strings.Split(line, "\t")
		id, err := strconv.ParseUint(f[0], 10, 32)
		if err != nil || len(f) < 2 {
			return fmt.Errorf("%s:%d: want identifier and tag", file, i+2)
		}
		if was, ok := k.tags[uint32(id)]; ok {
			return fmt.Errorf("%s:%d: %d is already the identifier of %s", file, i+2, id, was)
		}
		if was, ok := k.ids[f[1]]; ok {
			return fmt.Errorf("%s:%d: %s has the identifier %d already", file, i+2, f[1], was)
		}
		k.ids[f[1]], k.tags[uint32(id)] = uint32(id), f[1]
		if file == knownFiles[0] {
			k.classic = append(k.classic, uint32(id))
		}
	}
	return nil
}

// Classic are the identifiers of netifyd's public list, as big-endian pairs of bytes.
func (k *Known) Classic() (b []byte) {
	for _, id := range k.classic {
		b = append(b, byte(id>>8), byte(id))
	}
	return b
}

// Summary counts what a catalogue holds.
type Summary struct{ Apps, Domains, Hosts, Networks, Twins int }

// Compile checks the files of the built-in catalogue and compiles them.
func Compile(files []*File, known Known) (data string, sum Summary, err error) {
	c := &compiler{known: known, ids: map[uint32]place{}, tags: map[string]place{}, names: map[string]claim{}, nets: map[netip.Prefix]claim{}, twins: map[proto.ID]claim{}}
	var apps []entry
	for _, f := range files {
		for _, s := range f.Softs {
			c.errs.Add(f.Path, s.Line, "the built-in catalogue has no [[soft]] rules")
		}
		for _, w := range f.Rewrites {
			c.errs.Add(f.Path, w.Line, "the built-in catalogue has no [[rewrite]] rules")
		}
		for _, a := range f.Apps {
			c.head(f.Path, a)
			apps = append(apps, entry{f.Path, a})
		}
	}
	c.build.Date = known.Date
	sort.Slice(apps, func(i, j int) bool { return apps[i].ID < apps[j].ID })
	for _, a := range apps {
		c.body(a)
	}
	c.needless()
	c.errs.Sort()
	return c.build.Compile(), c.sum, c.errs.OrNil()
}

type entry struct {
	path string
	*App
}

type place struct {
	path string
	line int
}

func (p place) String() string { return fmt.Sprintf("%s:%d", p.path, p.line) }

type claim struct {
	place
	tag string
}

type compiler struct {
	known Known
	ids   map[uint32]place
	tags  map[string]place
	names map[string]claim
	nets  map[netip.Prefix]claim
	twins map[proto.ID]claim
	build compact.Builder
	sum   Summary
	errs  Errors
}

// head checks what an entry says of itself.
func (c *compiler) head(path string, a *App) {
	bad := func(key, format string, args ...any) { c.errs.Add(path, a.LineOf(key), format, args...) }
	if err := Tag(a.Tag); err != nil {
		bad("tag", "%v", err)
	} else if was, ok := c.tags[a.Tag]; ok {
		bad("tag", "%s is already in %v", a.Tag, was)
	}
	c.tags[a.Tag] = place{path, a.LineOf("tag")}
	want, isKnown := c.known.ids[a.Tag]
	if was, ok := c.ids[a.ID]; ok {
		bad("id", "identifier %d is already in %v", a.ID, was)
	} else if isKnown && a.ID != want {
		bad("id", "%s has the identifier %d in applications.tsv or identifiers.tsv", a.Tag, want)
	} else if !isKnown && a.ID < FirstOwn {
		bad("id", "%s is neither in applications.tsv nor in identifiers.tsv: its identifier is from %d up", a.Tag, FirstOwn)
	}
	c.ids[a.ID] = place{path, a.LineOf("id")}
	if a.Label == "" {
		bad("label", "%s has no label", a.Tag)
	} else if err := Label(a.Label); err != nil {
		bad("label", "%v", err)
	}
	if Category(a.Category) == 0 {
		bad("category", "%s is no application category: see categories in docs/applications.md", short(a.Category))
	}
	if a.Note == "" {
		bad("note", "%s has no note on where the facts can be checked", a.Tag)
	}
	if a.Replace {
		bad("replace", "replace is for additions only")
	}
	if len(a.Domains)+len(a.Networks)+len(a.Hosts)+len(a.Protocols) == 0 {
		bad("", "%s is known by nothing: give it domains", a.Tag)
	}
}

func (c *compiler) body(a entry) {
	n := c.build.App(compact.App{ID: a.ID, Tag: a.Tag, Label: a.Label, Category: Category(a.Category), Network: a.Network})
	c.sum.Apps++
	at := func(f Fact) claim { return claim{place{a.path, f.Line}, a.Tag} }
	for _, f := range a.Domains {
		name, err := Domain(f.Text)
		if err == nil {
			if why := TooGeneral(name, a.Network); why != "" {
				err = fmt.Errorf("%s is too general: %s", name, why)
			}
		}
		if c.fresh(a.path, f, name, err, at(f)) {
			c.build.Domain(name, n)
			c.sum.Domains++
		}
	}
	for _, f := range a.Hosts {
		name, err := HostRule(f.Text)
		if c.fresh(a.path, f, name, err, at(f)) {
			c.build.Rule(name, n)
			c.sum.Hosts++
		}
	}
	for _, f := range a.Networks {
		p, err := Network(f.Text)
		if err == nil && (p.Addr().Is4() && p.Bits() < 8 || p.Addr().Is6() && p.Bits() < 19) {
			err = fmt.Errorf("%s is too general", p)
		}
		if was, ok := c.nets[p]; ok && err == nil {
			err = fmt.Errorf("%s is already with %s in %v", p, was.tag, was.place)
		}
		if err != nil {
			c.errs.Add(a.path, f.Line, "%v", err)
			continue
		}
		c.nets[p] = at(f)
		c.build.Network(p, n)
		c.sum.Networks++
	}
	for _, f := range a.Protocols {
		id, err := Protocol(f.Text)
		if was, ok := c.twins[id]; ok && err == nil {
			err = fmt.Errorf("%s is already with %s in %v", f.Text, was.tag, was.place)
		}
		if err != nil {
			c.errs.Add(a.path, f.Line, "%v", err)
			continue
		}
		c.twins[id] = at(f)
		c.build.Twin(uint16(id), n)
		c.sum.Twins++
	}
}

func (c *compiler) fresh(path string, f Fact, name string, err error, mine claim) bool {
	if was, ok := c.names[name]; ok && err == nil {
		err = fmt.Errorf("%s is already with %s in %v", name, was.tag, was.place)
	}
	if err != nil {
		c.errs.Add(path, f.Line, "%v", err)
		return false
	}
	c.names[name] = mine
	return true
}

// needless refuses domains whose parent already says the same.
func (c *compiler) needless() {
	for _, name := range slices.Sorted(maps.Keys(c.names)) {
		mine := c.names[name]
		for parent := name; !strings.Contains(name, "*"); {
			_, rest, more := strings.Cut(parent, ".")
			if !more {
				break
			}
			if up, ok := c.names[rest]; ok {
				if up.tag == mine.tag {
					c.errs.Add(mine.path, mine.line, "%s is below %s, which says the same: leave it out", name, rest)
				}
				break
			}
			parent = rest
		}
	}
}

// Protocol is the identifier of a protocol's name or number.
func Protocol(text string) (proto.ID, error) {
	if n, err := strconv.ParseUint(text, 10, 16); err == nil && proto.ID(n).Place() != 0 {
		return proto.ID(n), nil
	}
	id, ok := proto.Parse(text)
	if !ok || id == proto.Unknown {
		return 0, fmt.Errorf("%s is no protocol: see netifyd dump-protos", short(text))
	}
	return id, nil
}

// readDate reads the date of the catalogue, which make catalogue writes: one line, 2026-12-31.
func (k *Known) readDate(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("%s: want a date such as 2026-12-31: %v", path, err)
	}
	k.Date = uint32(day.Year()*10000 + int(day.Month())*100 + day.Day())
	return nil
}

// ReadDir reads the files of the built-in catalogue. Errors of all files come together.
func ReadDir(dir string) ([]*File, Known, error) {
	var known Known
	for _, name := range knownFiles {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = known.Add(name, string(text))
		}
		if err != nil {
			return nil, known, err
		}
	}
	if err := known.readDate(filepath.Join(dir, "date")); err != nil {
		return nil, known, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	if err != nil {
		return nil, known, err
	}
	var files []*File
	var errs Errors
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, known, err
		}
		f, err := ReadTOML(path, string(text))
		var bad Errors
		if errors.As(err, &bad) {
			errs = append(errs, bad...)
			continue
		}
		files = append(files, f)
	}
	return files, known, errs.OrNil()
}
