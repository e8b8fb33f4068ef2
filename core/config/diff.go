package config

import "fmt"

// Change is one setting that differs between two configurations.
type Change struct {
	Key      string // "flows.max", "listen[0].port"; "interface" alone if their number differs
	Old, New string // as text; the number of elements for a whole table
	Restart  bool   // takes effect with the next start, not with a reload
}

// String is "flows.max: 8192 -> 4096".
func (c Change) String() string { return fmt.Sprintf("%s: %q -> %q", c.Key, c.Old, c.New) }

// Diff is what changes from old to new, in the order of Options. Compare what
// was resolved with what was resolved. Config.Path is not compared.
func Diff(old, new *Config) []Change {
	var changes []Change
	said := ""
	for k := range Options {
		o := &Options[k]
		n, m := Count(old, o.Table), Count(new, o.Table)
		if n != m {
			if said != o.Table {
				changes = append(changes, Change{o.Table, fmt.Sprint(n), fmt.Sprint(m), !renewed(o.Table)})
			}
			said = o.Table
			continue
		}
		for i := range n {
			if a, b := o.Get(old, i), o.Get(new, i); a != b {
				changes = append(changes, Change{elementKey(o, i), a, b, o.Restart})
			}
		}
	}
	return changes
}

// Adopt copies from next into c what a reload can change at once, and gives
// the changes that have to wait for a restart.
func (c *Config) Adopt(next *Config) []Change {
	var later []Change
	for _, change := range Diff(c, next) {
		if change.Restart {
			later = append(later, change)
		}
	}
	for k := range Options {
		o := &Options[k]
		if o.Restart || Repeated(o.Table) {
			continue
		}
		if list, ok := o.field(next, 0).(*[]string); ok {
			*o.field(c, 0).(*[]string) = *list
			continue
		}
		o.put(c, 0, o.Get(next, 0))
	}
	c.Actions, c.Targets, c.Groups = next.Actions, next.Targets, next.Groups
	return later
}

// RestartKey is a word that is the same for two configurations if one can take
// the place of the other by a reload. It is made of every setting that waits
// for a restart, with FNV-1a (RFC 9923), and is no secret.
func RestartKey(c *Config) string {
	h := uint64(14695981039346656037)
	for k := range Options {
		o := &Options[k]
		for i := range Count(c, o.Table) {
			if !o.Restart {
				continue
			}
			for _, b := range []byte(elementKey(o, i) + "=" + o.Get(c, i) + "\n") {
				h = (h ^ uint64(b)) * 1099511628211
			}
		}
	}
	return fmt.Sprintf("%016x", h)
}
