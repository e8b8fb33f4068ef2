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
	var b *Base
	if err == nil {
		b, err = newBase(t, len(compiled))
	}
	if err != nil {
		panic("app: catalogue.bin: " + err.Error() + ": run go generate ./detect/app")
	}
	return b
})

// Builtin is the catalogue that is built in.
func Builtin() *Base { return builtin() }

// newBase makes the applications of a table of size bytes, whose section of
// applications is sound. Their tags lie in one string.
func newBase(t *compact.Table, size int) (*Base, error) {
	b := &Base{layer: layer{Table: t, from: "built in", apps: make([]*App, t.Apps())}}
	all, length := make([]App, t.Apps()), 0
	if err := t.Each(func(_ int, _ compact.App, tag []byte) { length += len(tag) }); err != nil {
		return nil, err
	}
	tags := make([]byte, 0, length)
	_ = t.Each(func(i int, a compact.App, tag []byte) {
		from := len(tags)
		tags = append(tags, tag...)
		all[i] = App{ID: a.ID, Tag: unsafe.String(unsafe.SliceData(tags[from:]), len(tag)), Label: a.Label, Category: a.Category, Network: a.Network}
		b.apps[i] = &all[i]
	})
	b.bytes = size + length + len(all)*int(unsafe.Sizeof(App{})+unsafe.Sizeof((*App)(nil)))
	return b, nil
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
