package app

import (
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"netifyd/detect/app/internal/compact"
	"netifyd/detect/app/internal/source"
)

// additions are the applications of files while they are joined with those
// that are built in, which they share as long as nothing changes in them.
type additions struct {
	base  []*App // by number of the built-in table; nil: hidden
	fresh map[string]*App
	byTag map[string]*App
	byID  map[uint32]*App
	own   map[*App]bool // may be written to
	build compact.Builder
	apps  []*App // of each entry of build
	from  []string
	names map[string]string // of the file at hand: which application has a domain
	file  *source.File
}

func newAdditions(base []*App) *additions {
	a := &additions{
		base: slices.Clone(base), fresh: map[string]*App{}, own: map[*App]bool{},
		byTag: make(map[string]*App, len(base)), byID: make(map[uint32]*App, len(base)),
	}
	for _, app := range base {
		a.byTag[app.Tag], a.byID[app.ID] = app, app
	}
	return a
}

// target is the application that an entry is about; it may be written to.
func (a *additions) target(e *source.App) (*App, error) {
	if e.Tag == "" {
		if t := a.byID[e.ID]; t != nil {
			return a.writable(t), nil
		}
		if e.ID == 0 {
			return nil, errors.New("the entry has no tag")
		}
		return nil, fmt.Errorf("there is no application %d: give it a tag", e.ID)
	}
	if t := a.byTag[e.Tag]; t != nil {
		return a.writable(t), nil
	}
	if err := source.Tag(e.Tag); err != nil {
		return nil, err
	}
	id := e.ID
	if id == 0 {
		id = idOf(e.Tag)
	}
	if t := a.byID[id]; t != nil {
		return nil, fmt.Errorf("the identifier %d is that of %s: choose another, from %d to %d", id, t.Tag, firstUser, firstUser+users-1)
	}
	t := &App{ID: id, Tag: strings.Clone(e.Tag), Category: source.Unclassified}
	t.Label = t.Tag
	a.fresh[t.Tag], a.own[t] = t, true
	a.byTag[t.Tag], a.byID[id] = t, t
	return t, nil
}

// Identifiers of applications whose entry gives none: they depend on the tag
// alone, so that they are the same after a restart.
const (
	firstUser = 100000
	users     = 900000
)

func idOf(tag string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(tag))
	return firstUser + h.Sum32()%users
}

// writable is the application itself, or the copy that takes its place.
func (a *additions) writable(t *App) *App {
	if a.own[t] {
		return t
	}
	c := *t
	for i, b := range a.base {
		if b == t {
			a.base[i] = &c
		}
	}
	a.own[&c] = true
	a.byTag[c.Tag], a.byID[c.ID] = &c, &c
	return &c
}

func (a *additions) renumber(t *App, id uint32) error {
	if other := a.byID[id]; other != nil {
		return fmt.Errorf("the identifier %d is that of %s", id, other.Tag)
	}
	delete(a.byID, t.ID)
	t.ID = id
	a.byID[id] = t
	return nil
}

// hide forgets what the built-in catalogue and files before this one say of an application.
func (a *additions) hide(t *App) {
	for i, b := range a.base {
		if b == t {
			a.base[i] = nil
			a.fresh[t.Tag] = t
		}
	}
	for i, b := range a.apps {
		if b == t {
			a.apps[i] = nil
		}
	}
}

func (a *additions) add(t *App, from string) int {
	a.apps, a.from = append(a.apps, t), append(a.from, from)
	return a.build.App(compact.App{ID: t.ID})
}

// claim refuses a domain that a file gives to two applications.
func (a *additions) claim(f *source.File, e *source.App, name string) error {
	if a.file != f {
		a.file, a.names = f, map[string]string{}
	}
	mine := fmt.Sprintf("line %d", e.Line)
	if was, ok := a.names[name]; ok && was != mine {
		return fmt.Errorf("%s is already with the entry in %s", name, was)
	}
	a.names[name] = mine
	return nil
}

// categorise follows netify-categories.json.
func (a *additions) categorise(c *categories) {
	for i, app := range a.base {
		if n, ok := c.ofApp[app.ID]; ok && n != app.Category {
			a.writable(a.base[i]).Category = n
		}
	}
}

func (a *additions) layer() layer {
	t, err := compact.Open(a.build.Compile())
	if err != nil {
		panic("app: " + err.Error()) // what was compiled here is whole
	}
	return layer{Table: t, apps: a.apps, origin: a.from}
}

// all are the applications in the order of identifiers.
func (a *additions) all() []*App {
	var out []*App
	for _, app := range a.base {
		if app != nil {
			out = append(out, app)
		}
	}
	for _, app := range a.fresh {
		out = append(out, app)
	}
	return sorted(out)
}
