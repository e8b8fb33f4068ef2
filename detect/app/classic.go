package app

import (
	_ "embed"
)

// classic are the identifiers of netifyd's public list of applications, as big-endian pairs of bytes.
//
//go:embed classic.bin
var classic string

// Classic calls fn for the applications of netifyd's public list and for those
// that only files have, in the order of identifiers: few enough for readers
// with little room.
func (c *Catalogue) Classic(fn func(id uint32, tag string)) {
	known := map[uint32]bool{}
	for i := 0; i+1 < len(classic); i += 2 {
		known[uint32(classic[i])<<8|uint32(classic[i+1])] = true
	}
	var base []*App // a catalogue of nothing has none
	if c.base != nil {
		base = c.base.apps
	}
	for _, a := range base {
		if _, listed := known[a.ID]; !listed {
			known[a.ID] = false
		}
	}
	for _, a := range c.apps {
		if listed, there := known[a.ID]; listed || !there {
			fn(a.ID, a.Tag)
		}
	}
}
