// Package ctlabel writes labels on connections: 128 bits that rules of a
// firewall ask for by name.
package ctlabel

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"netifyd/core/action"
	"netifyd/core/action/connection"
	"netifyd/core/conntrack"
	"netifyd/core/netlink"
)

// Settings of a target.
type Settings struct {
	action.Common
	Labels  []string // names of the file, or numbers of bits
	File    string   // of lines "BIT NAME"; default: see files
	Highest int      // bit that may be written; default 127
	// Auto writes the labels a-APPLICATION and p-PROTOCOL too, with - for /, where the file has them.
	Auto                  bool
	Application, Protocol func(number uint32) string // tags, where Auto is set
	// Managed: at the end labels are taken off connections that they were written on.
	Managed bool
	// Alone: no one else writes these labels. So at start they are taken off
	// connections that no flow wants them on, as after a crash. Not for Auto.
	Alone bool
}

const attributeLabels, attributeMask = 22, 23 // CTA_LABELS, CTA_LABELS_MASK

const bitMost = 127

// bits of labels, words of 32 in the machine's order as libnetfilter_conntrack has them.
type bits [16]byte

func (b *bits) set(n int) {
	w := b[n/32*4:]
	native.PutUint32(w, native.Uint32(w)|1<<(n%32))
}

func (b *bits) any(of *bits) bool {
	for i := range b {
		if b[i]&of[i] != 0 {
			return true
		}
	}
	return false
}

// labels is what a target writes.
type labels struct {
	set   Settings
	fixed bits
	names map[string]int
}

// Check says what is wrong with the settings. The file of names may come later.
func (s Settings) Check() error {
	if len(s.Labels) == 0 && !s.Auto {
		return errors.New("no label is named: give it labels = [\"NAME\"]")
	}
	return nil
}

// complete reads names, and says what is wrong.
func (s *Settings) complete() (*labels, error) {
	l := &labels{set: *s}
	if l.set.Highest == 0 || l.set.Highest > bitMost {
		l.set.Highest = bitMost
	}
	names, where, err := read(s.File)
	if err != nil {
		return nil, err
	}
	l.names = names
	if err := s.Check(); err != nil {
		return nil, err
	}
	for _, name := range s.Labels {
		n, ok := names[name]
		if !ok {
			if n, err = strconv.Atoi(name); err != nil {
				return nil, fmt.Errorf("label %q is not in %s: add a line `BIT %s`, with a bit from 0 to %d that is free", name, where, name, bitMost)
			}
		}
		if n < 0 || n > l.set.Highest {
			return nil, fmt.Errorf("label %q is bit %d: take 0 to %d", name, n, l.set.Highest)
		}
		l.fixed.set(n)
	}
	return l, nil
}

// of gives the labels of a flow.
func (l *labels) of(f *action.Subject) bits {
	b := l.fixed
	if l.set.Auto {
		for _, name := range []string{"a-" + l.set.Application(f.Application), "p-" + l.set.Protocol(uint32(f.Protocol))} {
			if n, ok := l.names[strings.ReplaceAll(name, "/", "-")]; ok {
				b.set(n)
			}
		}
	}
	return b
}

// every gives all labels that may be written.
func (l *labels) every() *bits {
	b := l.fixed
	if l.set.Auto {
		for name, n := range l.names {
			if strings.HasPrefix(name, "a-") || strings.HasPrefix(name, "p-") {
				b.set(n)
			}
		}
	}
	return &b
}

func (l *labels) append(b []byte, f *action.Subject, on bool) []byte {
	mask := *l.every()
	if f != nil {
		mask = l.of(f)
	}
	value := mask
	if !on {
		value = bits{}
	}
	return netlink.Attribute(netlink.Attribute(b, attributeLabels, value[:]), attributeMask, mask[:])
}

// Target labels connections.
type Target struct{ *connection.Target }

// Open opens a target.
func Open(s Settings) (*Target, error) {
	l, err := s.complete()
	if err != nil {
		return nil, err
	}
	c := connection.Settings{Common: s.Common, Kind: connection.Change, Append: l.append,
		Managed: s.Managed, Alone: s.Alone && !s.Auto,
		Has:  func(c *conntrack.Conn) bool { return l.every().any((*bits)(&c.Labels)) },
		Skip: func(f *action.Subject) bool { return l.of(f) == bits{} }}
	t, err := connection.Open(c)
	if err != nil {
		return nil, err
	}
	return &Target{t}, nil
}
