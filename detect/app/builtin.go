package app

import (
	_ "embed"
	"sync"
	"unsafe"

	"netifyd/core/proto"
	"netifyd/detect/app/internal/compact"
)

//go:embed catalogue.bin
var compiled string

// builtin is made once, at first use: an agent that a file gives its catalogue
// does not pay for both.
var builtin = sync.OnceValue(func() *Base {
	t, err := compact.Open(compiled)
	if err != nil {
		panic("app: catalogue.bin: " + err.Error() + ": run go generate ./detect/app")
	}
	return newBase(t, len(compiled))
})

// Builtin is the catalogue that is built in.
func Builtin() *Base { return builtin() }

// newBase makes the applications of a table of size bytes.
func newBase(t *compact.Table, size int) *Base {
	b := &Base{layer: layer{Table: t, from: "built in", apps: make([]*App, t.Apps())}}
	all := make([]App, t.Apps())
	for i := range all {
		a := t.App(i)
		all[i] = App{ID: a.ID, Tag: a.Tag, Label: a.Label, Category: a.Category, Network: a.Network}
		b.apps[i] = &all[i]
		size += len(a.Tag)
	}
	b.bytes = size + len(all)*int(unsafe.Sizeof(App{})+unsafe.Sizeof((*App)(nil)))
	return b
}

// Default is the catalogue that is built in, to which nothing was added.
func Default() *Catalogue { return builtin().alone() }

// alone is the catalogue without additions.
func (b *Base) alone() *Catalogue {
	return &Catalogue{base: b, layers: []layer{b.layer}, apps: b.apps, twins: twinsOf(b.layer)}
}

// twinsOf is the table by protocol; of layers the first speaks.
func twinsOf(layers ...layer) []*App {
	twins := make([]*App, proto.Places)
	for i := range layers {
		l := &layers[i]
		l.Twins(func(id uint16, app int) {
			if p := proto.ID(id).Place(); p != 0 && twins[p] == nil {
				twins[p] = l.apps[app]
			}
		})
	}
	return twins
}
