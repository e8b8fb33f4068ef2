// Package app says which application a flow belongs to: by host name, by
// address, by protocol, by rules of one's own.
//
// The built-in catalogue is compiled out of catalogue/*.toml and read in place;
// Load adds what is in files to it. docs/applications.md describes the forms.
package app

import (
	"net/netip"
	"slices"
	"unsafe"

	"netifyd/core/proto"
	"netifyd/detect/app/internal/compact"
)

//go:generate go run ./internal/gen catalogue catalogue.bin

// App is one application of a catalogue.
type App struct {
	ID       uint32
	Tag      string // "netify.netflix"
	Label    string // "Netflix"
	Category uint8  // application category, as in netify-categories.json; 1: unclassified
	// Network marks a content network or hosting company: any other evidence beats it.
	Network bool
}

// Catalogue is a set of applications and of what they are known by. It does
// not change once it is made, so any number of goroutines may read it.
type Catalogue struct {
	base     *Base
	layers   []layer // additions, if any, then those of base
	apps     []*App  // in the order of identifiers
	twins    []*App  // by proto.ID.Place; nil: none
	rewrites []rewrite
	softs    []soft
	lists    *lists
	cats     *categories
	added    int // bytes beyond those shared with every catalogue
}

// layer is a compiled table and the applications that its numbers stand for.
type layer struct {
	*compact.Table
	apps   []*App   // nil: that entry gave way to another
	from   string   // of a base: its file, or "built in"
	origin []string // of additions: of each entry, "FILE:LINE"
}

// Host finds the application of a host name: the longest listed domain that is
// the name or a parent of it, or host rule that fits. Letter case and a final
// dot do not count. nil: none, or no host name at all.
func (c *Catalogue) Host(name []byte) *App {
	a, _ := c.host(c.rewritten(name))
	return a
}

// found is what the entry of an application was found by.
type found struct {
	layer *layer
	hit   compact.Hit
	name  []byte
}

func (c *Catalogue) host(name []byte) (best *App, by found) {
	var q compact.Query
	name, ok := q.Ask(name)
	if !ok {
		return nil, by
	}
	for i := range c.layers {
		l := &c.layers[i]
		for h, ok := l.First(name, &q); ok; h, ok = l.Next(name, &q, h) {
			if a := l.apps[h.App]; a != nil {
				if best == nil || by.after(h) {
					best, by = a, found{l, h, name}
				}
				break
			}
		}
	}
	return best, by
}

// after says whether h, of the built-in catalogue, is nearer to the name than what an addition said.
func (f found) after(h compact.Hit) bool {
	return h.From < f.hit.From || h.From == f.hit.From && h.Rule >= 0 && f.hit.Rule < 0
}

// Address finds the application of a remote address by the longest listed prefix. nil: none.
func (c *Catalogue) Address(addr netip.Addr) *App {
	a, _, _ := c.address(addr)
	return a
}

func (c *Catalogue) address(addr netip.Addr) (best *App, by *layer, in netip.Prefix) {
	for i := range c.layers {
		l := &c.layers[i]
		if n, p, ok := l.Address(addr); ok && l.apps[n] != nil && (best == nil || p.Bits() > in.Bits()) {
			best, by, in = l.apps[n], l, p
		}
	}
	return best, by, in
}

// Twin is the application that a protocol stands for by itself. nil: none.
func (c *Catalogue) Twin(id proto.ID) *App { return c.twins[id.Place()] }

// App is the application of an identifier. nil: none.
func (c *Catalogue) App(id uint32) *App {
	i, ok := slices.BinarySearchFunc(c.apps, id, func(a *App, id uint32) int {
		switch {
		case a.ID < id:
			return -1
		case a.ID > id:
			return 1
		}
		return 0
	})
	if !ok {
		return nil
	}
	return c.apps[i]
}

// Tag is the tag of an application's identifier; empty where there is none.
func (c *Catalogue) Tag(id uint32) string {
	if a := c.App(id); a != nil {
		return a.Tag
	}
	return ""
}

// Each calls fn for every application in the order of identifiers.
func (c *Catalogue) Each(fn func(id uint32, tag string)) {
	for _, a := range c.apps {
		fn(a.ID, a.Tag)
	}
}

// Apps calls fn for every application in the order of identifiers. What it is given is lent.
func (c *Catalogue) Apps(fn func(a *App)) {
	for _, a := range c.apps {
		fn(a)
	}
}

// Base is what files were added to.
func (c *Catalogue) Base() *Base { return c.base }

// Bytes is the memory that the catalogue takes: that of its base, which other
// catalogues may share, and what was added. The built-in base is read in place.
func (c *Catalogue) Bytes() int {
	return c.base.bytes + c.added + proto.Places*int(unsafe.Sizeof((*App)(nil)))
}

// Added is how many of these bytes are of what files added.
func (c *Catalogue) Added() int { return c.added }
