package compact

import "errors"

// The section of applications: how many there are (4 bytes); then of each, in
// the order of its number: flags, category, length of the label; the
// identifier (4), where it is not the one before plus one; the length of the
// tag and the tag, where it does not follow from the label; the label.
const (
	countSize = 4

	// Flags of an application. Nearly every tag begins alike, and nearly every one
	// says the same as the label.
	isNetwork  = 1
	hasPrefix  = 2
	tagFollows = 4
	idFollows  = 8

	prefix = "netify."
)

// App is one application of a table. Each leaves Tag empty.
type App struct {
	ID         uint32
	Tag, Label string
	Category   uint8
	Network    bool
}

// Apps is how many applications there are.
func (t *Table) Apps() int { return t.count }

var errApps = errors.New("the section of applications is not what its numbers say")

// Each calls fn for every application, in the order of their numbers. The label
// is part of the table; tag is fn's until it returns.
func (t *Table) Each(fn func(n int, a App, tag []byte)) error {
	if t.count == 0 && len(t.apps) <= countSize {
		return nil
	}
	s, id := t.apps[countSize:], uint32(0)
	var room [len(prefix) + 255]byte
	for n := range t.count {
		if len(s) < 3 {
			return errApps
		}
		flags, category, label := s[0], s[1], int(s[2])
		s = s[3:]
		if flags&idFollows != 0 {
			id++
		} else if len(s) < 4 {
			return errApps
		} else {
			id, s = u32(s, 0), s[4:]
		}
		tag := room[:0]
		if flags&hasPrefix != 0 {
			tag = append(tag, prefix...)
		}
		if flags&tagFollows == 0 {
			if len(s) == 0 || len(s) < 1+int(s[0]) {
				return errApps
			}
			end := 1 + int(s[0])
			tag, s = append(tag, s[1:end]...), s[end:]
		}
		if len(s) < label {
			return errApps
		}
		if flags&tagFollows != 0 {
			tag = tagOf(tag, s[:label])
		}
		fn(n, App{ID: id, Label: s[:label], Category: category, Network: flags&isNetwork != 0}, tag)
		s = s[label:]
	}
	if s != "" {
		return errApps
	}
	return nil
}

// tagOf appends what follows from a label: its letters and digits of ASCII in
// lower case, and a hyphen for what is between them. A label has at most 255 bytes.
func tagOf(tag []byte, label string) []byte {
	gap, start := false, len(tag)
	for i := range len(label) {
		c := label[i] | 0x20
		if (c < 'a' || c > 'z') && (label[i] < '0' || label[i] > '9') {
			gap = len(tag) > start
			continue
		}
		if gap {
			tag, gap = append(tag, '-'), false
		}
		tag = append(tag, c)
	}
	return tag
}
