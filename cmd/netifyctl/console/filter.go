package console

import (
	"net/netip"
	"slices"
	"strings"

	"netifyd/core/query/filter"
)

// choice chooses rows by the words of a filter where no agent does it: of a
// stream, and of lists that the agent does not filter.
type choice struct{ words []word }

type word struct{ filter.Word }

// choose reads a filter.
func choose(text string) (c choice, err error) {
	words, err := filter.Parse(text, true)
	for _, w := range words {
		c.words = append(c.words, word{w})
	}
	return c, err
}

// subject is what a filter looks at: a flow, a device, or the row of a list.
type subject struct {
	device, app, cat, proto, host, iface []string // in any case; several names of one thing
	addresses                            []netip.Addr
	ports                                [2]uint16
	states, risks                        []string
	score                                uint64 // of its risks
}

func (l *choice) fits(s *subject) bool {
	return !slices.ContainsFunc(l.words, func(w word) bool { return w.fits(s) == w.Not })
}

func (w *word) fits(s *subject) bool {
	holds := func(list []string) bool {
		return slices.ContainsFunc(list, func(text string) bool { return strings.Contains(strings.ToLower(text), w.Text) })
	}
	host := func(text string) bool {
		if strings.Contains(w.Text, "*") {
			return text != "" && filter.Glob(w.Text, strings.ToLower(text))
		}
		return strings.Contains(strings.ToLower(text), w.Text)
	}
	switch w.Key {
	case "device":
		return holds(s.device)
	case "app":
		return holds(s.app)
	case "cat":
		return holds(s.cat)
	case "proto":
		return holds(s.proto)
	case "host":
		return slices.ContainsFunc(s.host, host)
	case "port":
		return s.ports[0] == w.Port || s.ports[1] == w.Port
	case "iface":
		return slices.ContainsFunc(s.iface, func(text string) bool { return strings.EqualFold(text, w.Text) })
	case "net":
		return slices.ContainsFunc(s.addresses, w.Net.Contains)
	case "state":
		return slices.Contains(s.states, w.Text)
	case "risk":
		if least, ok := w.Severity(); ok {
			return s.score >= uint64(least)
		}
		return holds(s.risks)
	}
	return holds(s.app) || holds(s.proto) || holds(s.cat) || holds(s.iface) || holds(s.device) || slices.ContainsFunc(s.host, host) ||
		slices.ContainsFunc(s.addresses, func(a netip.Addr) bool { return strings.HasPrefix(a.String(), w.Text) })
}

// fitsDevice says that a device is wanted: by what it is, and by the flows that it has.
func (l *choice) fitsDevice(d *subject, flows []*subject) bool {
	some := choice{} // words that one flow must fit
	for _, w := range l.words {
		switch {
		case !w.OfFlow():
			if w.fits(d) == w.Not {
				return false
			}
		case w.Not:
			if slices.ContainsFunc(flows, w.fits) {
				return false
			}
		default:
			some.words = append(some.words, w)
		}
	}
	return len(some.words) == 0 || slices.ContainsFunc(flows, some.fits)
}
