package console

import (
	"net/netip"
	"slices"
	"strings"
	"time"
)

// total is what somebody used since the console began.
type total struct {
	down, up  uint64
	first     time.Time
	last      time.Time
	name      string
	kind      string
	addresses []string
}

func (t *total) add(down, up uint64, now time.Time) {
	t.down, t.up, t.last = t.down+down, t.up+up, now
	if t.first.IsZero() {
		t.first = now
	}
}

// address notes one of a device, the newest first.
func (t *total) address(a netip.Addr) {
	text := a.String()
	if !a.IsValid() || slices.Contains(t.addresses, text) {
		return
	}
	if t.addresses = append([]string{text}, t.addresses...); len(t.addresses) > 4 {
		t.addresses = t.addresses[:4]
	}
}

// kept is the key under which somebody is counted: others once there is no more room.
func (m *model) kept(list map[string]*total, key string) string {
	if list[key] == nil && len(list) >= maxTotals {
		return othersName
	}
	return key
}

func (m *model) total(list map[string]*total, key string) *total {
	key = m.kept(list, key)
	t := list[key]
	if t == nil {
		t = &total{}
		list[strings.Clone(key)] = t
	}
	return t
}

func (m *model) cell(device, label string) *total {
	key := [2]string{device, label}
	if m.cells[key] == nil {
		if len(m.cells) >= 2*maxTotals {
			key = [2]string{othersName, othersName}
		}
		if m.cells[key] == nil {
			m.cells[key] = &total{}
		}
	}
	return m.cells[key]
}
