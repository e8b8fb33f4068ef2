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

// builtin is what all catalogues share. It is made once, at first use.
var builtin = sync.OnceValue(func() layer {
	t, err := compact.Open(compiled)
	if err != nil {
		panic("app: catalogue.bin: " + err.Error() + ": run go generate ./detect/app")
	}
	l := layer{Table: t, apps: make([]*App, t.Apps())}
	all := make([]App, t.Apps())
	for i := range all {
		all[i] = unpacked(t, i)
		l.apps[i] = &all[i]
	}
	return l
})

func unpacked(t *compact.Table, i int) App {
	a := t.App(i)
	return App{ID: a.ID, Tag: a.Tag, Label: a.Label, Category: a.Category, Network: a.Network}
}

// Default is the catalogue that is built in.
func Default() *Catalogue {
	l := builtin()
	return &Catalogue{layers: []layer{l}, apps: l.apps, twins: twinsOf(l)}
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

func builtinBytes() int {
	n, tags := builtin().Apps(), 0
	for _, a := range builtin().apps {
		tags += len(a.Tag)
	}
	return tags + len(compiled) + n*int(unsafe.Sizeof(App{})+unsafe.Sizeof((*App)(nil))) + proto.Places*int(unsafe.Sizeof((*App)(nil)))
}
