package engine

import (
	"hash/maphash"

	"netifyd/detect/app"
)

// memo remembers which application the newest names belong to: few names make
// most flows, and the catalogue's answer takes ten times as long. A name is
// known by a seeded hash of 64 bits.
type memo struct {
	seed  maphash.Seed
	apps  *app.Catalogue
	known [2048]struct {
		hash uint64
		app  *app.App
	}
}

// host is apps.Host.
func (m *memo) host(apps *app.Catalogue, name []byte) *app.App {
	if m.apps != apps {
		*m = memo{seed: maphash.MakeSeed(), apps: apps}
	}
	h := maphash.Bytes(m.seed, name)
	k := &m.known[h%uint64(len(m.known))]
	if k.hash != h || h == 0 {
		k.hash, k.app = h, apps.Host(name)
	}
	return k.app
}
