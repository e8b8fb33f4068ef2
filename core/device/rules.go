package device

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"netifyd/core/file"
	"netifyd/core/glyph"
)

// evidence says what a rule looks at.
type evidence uint8

const (
	byDHCP55 evidence = iota // the list of parameters that a DHCP client asks for
	byDHCP60                 // its vendor class
	byMDNS                   // a service that it offers
	bySSDP                   // the software that its UPnP answers name
	byAgent                  // the user agent of its requests
)

var evidenceNames = [...]string{"dhcp55", "dhcp60", "mdns", "ssdp", "ua"}

// rule is one line of a rules file.
type rule struct {
	by      evidence
	pattern string // * at its end: the rest does not matter; at both ends: anywhere
	kind    string // the type of a device that fits
}

// Rules say of what type a device is by what it shows of itself. They do not change once made.
type Rules struct{ list []rule }

//go:embed types.conf
var builtin string

// NoRules know nothing.
var NoRules = new(Rules)

// maxRules is how many rules there may be.
const maxRules = 4096

// maxRuleFile is the size of the largest file of rules that is read, in bytes.
const maxRuleFile = 1 << 20

// LoadRules reads the files *.conf of a directory, in the order of their names,
// before the rules that are built in: where several fit one piece of evidence,
// the first counts. A line that cannot be read is told and left out.
func LoadRules(dir string) (*Rules, []string) {
	r, warnings := new(Rules), []string(nil)
	var paths []string
	if dir != "" {
		paths, _ = filepath.Glob(filepath.Join(dir, "*.conf"))
	}
	slices.Sort(paths)
	for _, path := range paths {
		text, err := file.Read(path, maxRuleFile)
		if err != nil {
			if p := (*fs.PathError)(nil); !errors.As(err, &p) {
				err = fmt.Errorf("%s: %w", path, err)
			}
			warnings = append(warnings, err.Error())
			continue
		}
		warnings = append(warnings, r.read(path, string(text))...)
	}
	warnings = append(warnings, r.read("types.conf", builtin)...)
	return r, warnings
}

func (r *Rules) read(path, text string) (warnings []string) {
	n := 0
	for line := range strings.Lines(text) {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		one, err := parseRule(line)
		if err == nil && len(r.list) == maxRules {
			err = fmt.Errorf("more than %d rules", maxRules)
		}
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%s:%d: %v", path, n, err))
			continue
		}
		r.list = append(r.list, one)
	}
	return warnings
}

// parseRule reads "dhcp60:MSFT* = windows".
func parseRule(line string) (rule, error) {
	left, kind, ok := cutLast(line, "=")
	name, pattern, ok2 := strings.Cut(left, ":")
	pattern, kind, name = strings.TrimSpace(pattern), strings.TrimSpace(kind), strings.TrimSpace(name)
	by := slices.Index(evidenceNames[:], name)
	switch {
	case !ok || !ok2 || pattern == "" || kind == "":
		return rule{}, fmt.Errorf("%q: want a line such as dhcp60:MSFT* = windows", line)
	case by < 0:
		return rule{}, fmt.Errorf("%q: unknown evidence: want one of %s", name, strings.Join(evidenceNames[:], ", "))
	case strings.Contains(strings.Trim(pattern, "*"), "*"):
		return rule{}, fmt.Errorf("%q: * may stand at the end, or at both ends", pattern)
	case len(kind) > nameRoom || strings.ContainsFunc(kind, func(c rune) bool { return !glyph.Shown(c) }):
		return rule{}, fmt.Errorf("%q: want a short word for the type", kind)
	}
	return rule{evidence(by), strings.ToLower(pattern), kind}, nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// find gives the number of the first rule that fits, plus one; 0: none.
func (r *Rules) find(by evidence, value []byte) uint16 {
	for i := range r.list {
		if r.list[i].by == by && r.list[i].fits(value) {
			return uint16(i + 1)
		}
	}
	return 0
}

// findList is find for a list of DHCP parameters, which rules write as numbers.
func (r *Rules) findList(list []byte) uint16 {
	var room [4 * 255]byte
	text := room[:0]
	for i, p := range list {
		if i > 0 {
			text = append(text, ',')
		}
		text = strconv.AppendUint(text, uint64(p), 10)
	}
	return r.find(byDHCP55, text)
}

// fits compares without regard to the case of letters, and allocates nothing.
func (r *rule) fits(value []byte) bool {
	p := r.pattern
	anywhere, open := p[0] == '*', p[len(p)-1] == '*'
	if anywhere {
		p = p[1:]
	}
	if open && p != "" {
		p = p[:len(p)-1]
	}
	for at := 0; at+len(p) <= len(value); at++ {
		if (open || at+len(p) == len(value)) && sameLetters(value[at:at+len(p)], p) {
			return true
		}
		if !anywhere {
			return false
		}
	}
	return false
}

func sameLetters(value []byte, lower string) bool {
	for i, c := range value {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// SetRules takes other rules; what devices have shown is weighed anew as they
// show it. It takes the lock.
func (t *Table) SetRules(r *Rules) {
	t.Lock()
	defer t.Unlock()
	t.rules = r
	for i := range t.devices {
		t.devices[i].votes = [len(t.devices[i].votes)]uint16{}
	}
}

// weigh lets a piece of evidence vote, once for each rule.
func (t *Table) weigh(id ID, by evidence, value []byte) {
	d := t.At(id)
	if d == nil || d.Kind == Group || len(value) == 0 {
		return
	}
	if d.votes[len(d.votes)-1] != 0 {
		return // there is enough
	}
	n := uint16(0)
	if by == byDHCP55 {
		n = t.rules.findList(value)
	} else {
		n = t.rules.find(by, value)
	}
	if n == 0 {
		return
	}
	for i := range d.votes {
		if d.votes[i] == n {
			return
		}
		if d.votes[i] == 0 {
			d.votes[i] = n
			d.Flags |= Changed
			return
		}
	}
}

// Type is what a device is by most of the rules that fitted, and why. Empty
// where none did. The caller holds the lock.
func (t *Table) Type(d *Device) (kind, why string) {
	if d.said > 0 {
		return t.said[d.said-1], "user"
	}
	best := 0
	for _, v := range d.votes {
		if v == 0 || int(v) > len(t.rules.list) {
			continue
		}
		n := 0
		for _, w := range d.votes {
			if w != 0 && int(w) <= len(t.rules.list) && t.rules.list[w-1].kind == t.rules.list[v-1].kind {
				n++
			}
		}
		if r := &t.rules.list[v-1]; n > best {
			best, kind, why = n, r.kind, evidenceNames[r.by]+":"+r.pattern
		}
	}
	return kind, why
}
