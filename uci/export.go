package uci

import (
	"slices"
	"strings"

	"netifyd/core/config"
)

// Export is a file that says of c what is not the default. Settings of it is c
// again, with Names left as they are.
func Export(c *config.Config) *File {
	f := &File{}
	plain := config.Default()
	table := ""
	for k := range config.Options {
		o := &config.Options[k]
		if o.Table == table {
			continue
		}
		table = o.Table
		if !config.Repeated(table) {
			f.export(c, plain, table, 0, 0)
			continue
		}
		if sameElements(c, plain, table) {
			continue
		}
		fresh := config.Default()
		from := config.Add(fresh, table)
		for i := range config.Count(c, table) {
			f.export(c, fresh, table, i, from)
		}
	}
	return f
}

// export adds a section with what element i of a table has and element k of plain has not.
func (f *File) export(c, plain *config.Config, table string, i, k int) {
	s := Section{Type: sectionOf(table)}
	for n := range config.Options {
		o := &config.Options[n]
		if o.Table != table || o.Get(c, i) == o.Get(plain, k) {
			continue
		}
		s.Options = append(s.Options, exported(o, o.Get(c, i)))
	}
	if len(s.Options) > 0 || config.Repeated(table) {
		f.Sections = append(f.Sections, s)
	}
}

func exported(o *config.Option, value string) Option {
	values := []string{value}
	if value == "" && clearable(o) {
		values = []string{none}
	}
	if o.Type == config.List {
		values = strings.Split(value, ", ")
	}
	return Option{Name: o.Name, List: o.Type == config.List, Values: values, Lines: make([]int, len(values))}
}

func sameElements(a, b *config.Config, table string) bool {
	return !slices.ContainsFunc(config.Diff(a, b), func(d config.Change) bool {
		return d.Key == table || strings.HasPrefix(d.Key, table+"[")
	})
}
