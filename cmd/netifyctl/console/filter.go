package console

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// filter chooses rows where no agent does it: of a stream, and of lists that the
// agent does not filter. The language is that of the agent (docs/query.md).
type filter struct{ words []word }

type word struct {
	not  bool
	key  string
	text string // lower case
	port uint16
	net  netip.Prefix
}

const maxWords = 16

var (
	filterKeys   = []string{"device", "app", "cat", "proto", "host", "port", "iface", "net", "state", "risk"}
	flowStates   = []string{"active", "guessed", "idle", "internet", "local", "new", "offloaded", "twin", "unknown"}
	deviceStates = []string{"active", "hidden", "idle", "new", "randomised", "resolver"}
)

// parseFilter reads a filter. Its errors say what to write instead.
func parseFilter(text string) (f filter, err error) {
	for _, part := range splitWords(text) {
		w := word{}
		part, w.not = strings.CutPrefix(part, "!")
		key, value, keyed := strings.Cut(part, ":")
		if lower := strings.ToLower(key); keyed && slices.Contains(filterKeys, lower) {
			w.key = lower
		} else if value = part; keyed && isWord(key) && !strings.Contains(part[len(key)+1:], ":") {
			return f, fmt.Errorf("filter: there is no key %q: use one of %s", clean(key), strings.Join(filterKeys, ", "))
		}
		if w.text = strings.ToLower(strings.ReplaceAll(value, `"`, "")); w.text == "" {
			return f, fmt.Errorf("filter: %q asks for nothing: write what stands after it", clean(part))
		}
		switch w.key {
		case "port":
			n, err := strconv.ParseUint(w.text, 10, 16)
			if err != nil {
				return f, fmt.Errorf("filter: port:%s is no port: want 0 to 65535", clean(w.text))
			}
			w.port = uint16(n)
		case "net":
			if w.net, err = prefix(w.text); err != nil {
				return f, fmt.Errorf("filter: net:%s is no address or prefix, such as 192.168.1.0/24", clean(w.text))
			}
		case "state":
			if !slices.Contains(flowStates, w.text) && !slices.Contains(deviceStates, w.text) {
				return f, fmt.Errorf("filter: state:%s: want %s", clean(w.text), strings.Join(flowStates, ", "))
			}
		}
		if f.words = append(f.words, w); len(f.words) > maxWords {
			return f, fmt.Errorf("filter: more than %d words", maxWords)
		}
	}
	return f, nil
}

// splitWords parts a text at blanks, but not in quotes.
func splitWords(text string) []string {
	quoted := false
	return strings.FieldsFunc(text, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && (r == ' ' || r == '\t' || r == '\n')
	})
}

func prefix(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// isWord says that a text looks like a key, and not like an address.
func isWord(s string) bool {
	return s != "" && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz") == ""
}

// subject is what a filter looks at: a flow, a device, or the row of a list.
type subject struct {
	device, app, cat, proto, host, iface []string // in any case; several names of one thing
	addresses                            []netip.Addr
	ports                                [2]uint16
	states, risks                        []string
	score                                uint64 // of its risks
}

func (l *filter) fits(s *subject) bool {
	return !slices.ContainsFunc(l.words, func(w word) bool { return w.fits(s) == w.not })
}

func (w *word) fits(s *subject) bool {
	holds := func(list []string) bool {
		return slices.ContainsFunc(list, func(text string) bool { return strings.Contains(strings.ToLower(text), w.text) })
	}
	host := func(text string) bool {
		if strings.Contains(w.text, "*") {
			return text != "" && glob(w.text, strings.ToLower(text))
		}
		return strings.Contains(strings.ToLower(text), w.text)
	}
	switch w.key {
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
		return s.ports[0] == w.port || s.ports[1] == w.port
	case "iface":
		return slices.ContainsFunc(s.iface, func(text string) bool { return strings.EqualFold(text, w.text) })
	case "net":
		return slices.ContainsFunc(s.addresses, w.net.Contains)
	case "state":
		return slices.Contains(s.states, w.text)
	case "risk":
		if least, ok := severities[w.text]; ok {
			return s.score >= least
		}
		return holds(s.risks)
	}
	return holds(s.app) || holds(s.proto) || holds(s.cat) || holds(s.iface) || holds(s.device) || slices.ContainsFunc(s.host, host) ||
		slices.ContainsFunc(s.addresses, func(a netip.Addr) bool { return strings.HasPrefix(a.String(), w.text) })
}

// ofFlows says that a word asks of a device what flows it has.
func (w *word) ofFlows() bool {
	switch w.key {
	case "app", "cat", "proto", "host", "port", "iface", "risk":
		return true
	case "state":
		return !slices.Contains(deviceStates, w.text)
	}
	return false
}

// fitsDevice says that a device is wanted: by what it is, and by the flows that it has.
func (l *filter) fitsDevice(d *subject, flows []*subject) bool {
	some := filter{} // words that one flow must fit
	for _, w := range l.words {
		switch {
		case !w.ofFlows():
			if w.fits(d) == w.not {
				return false
			}
		case w.not:
			if slices.ContainsFunc(flows, w.fits) {
				return false
			}
		default:
			some.words = append(some.words, w)
		}
	}
	return len(some.words) == 0 || slices.ContainsFunc(flows, some.fits)
}

// glob compares all of s with a pattern in which * stands for any text.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s, last := s[len(parts[0]):], parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(s, part)
		if at < 0 {
			return false
		}
		s = s[at+len(part):]
	}
	return strings.HasSuffix(s, last)
}
