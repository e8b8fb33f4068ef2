package nftset

import (
	"errors"
	"sync"

	"golang.org/x/sys/unix"

	"netifyd/core/netlink"
)

// watchRoom is what the kernel holds of changes of the firewall that were not looked at yet.
const watchRoom = 64 << 10

// watch sees that somebody else changed the firewall: one message for each
// transaction, and those that take elements out. It asks for the sets then, by
// a socket of its own, and calls stale if they are others or lost an element.
type watch struct {
	target *Target
	hear   *netlink.Watcher
	conn   *netlink.Conn
	done   sync.WaitGroup

	mu      sync.Mutex
	handles []uint64 // of the sets as Sync found them; 0: missing
	names   []string
}

func newWatch(t *Target) (*watch, error) {
	conn, err := netlink.Open()
	if err != nil {
		return nil, err
	}
	hear, err := netlink.Watch(groupRules, watchRoom, []uint16{newGen, delElement}, []uint32{t.conn.Port()})
	if err != nil {
		conn.Close()
		return nil, err
	}
	w := &watch{target: t, hear: hear, conn: conn}
	w.done.Add(1)
	go w.run()
	return w, nil
}

// know remembers the sets as they are now.
func (w *watch) know(sets []set) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handles, w.names = w.handles[:0], w.names[:0]
	for i := range sets {
		w.handles = append(w.handles, sets[i].handle)
		w.names = append(w.names, sets[i].name)
	}
}

func (w *watch) run() {
	defer w.done.Done()
	buf := make([]byte, 32<<10)
	for {
		lost := false
		err := w.hear.Next(buf, func(a *netlink.Answer) {
			switch a.Kind {
			case newGen:
				lost = lost || w.changed()
			case delElement:
				lost = lost || w.takes(a.Attributes())
			}
		})
		switch {
		case errors.Is(err, unix.ENOBUFS):
			lost = true
		case err != nil:
			return
		}
		if lost {
			w.target.stale()
		}
	}
}

// changed says that a set is not the one it was.
func (w *watch) changed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := &w.target.set
	for i, name := range w.names {
		k, err := getOne(w.conn, w.target.family, t.Table, name)
		if err != nil && !errors.Is(err, unix.ENOENT) {
			continue
		}
		if k.handle != w.handles[i] {
			w.handles[i] = k.handle // said once
			return true
		}
	}
	return false
}

// takes says that somebody took elements of the agent's out of its sets.
func (w *watch) takes(b []byte) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := false
	each(b, func(table, name []byte, e *element) {
		for _, n := range w.names {
			lost = lost || e.mine && string(table) == w.target.set.Table && string(name) == n
		}
	})
	return lost
}

func (w *watch) close() {
	w.hear.Close()
	w.done.Wait()
	w.conn.Close()
}
