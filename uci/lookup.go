package uci

import (
	"strconv"
	"strings"
)

// Section is the section that ref names, as the uci program does: its name, or
// @type[i] for the i-th of a type, counted from 0, or from the end where i is
// negative. Nil if there is none.
func (f *File) Section(ref string) *Section {
	kind, rest, ok := strings.Cut(strings.TrimPrefix(ref, "@"), "[")
	index, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	if !strings.HasPrefix(ref, "@") {
		for i := range f.Sections {
			if f.Sections[i].Name == ref && ref != "" {
				return &f.Sections[i]
			}
		}
		return nil
	}
	if !ok || err != nil || !strings.HasSuffix(rest, "]") {
		return nil
	}
	all := f.Type(kind)
	if index < 0 {
		index += len(all)
	}
	if index < 0 || index >= len(all) {
		return nil
	}
	return all[index]
}

// Type gives the sections of one type; of all types for "".
func (f *File) Type(kind string) []*Section {
	var all []*Section
	for i := range f.Sections {
		if kind == "" || f.Sections[i].Type == kind {
			all = append(all, &f.Sections[i])
		}
	}
	return all
}

// Option is the option of a section; nil if it has none of that name.
func (s *Section) Option(name string) *Option {
	for i := range s.Options {
		if s.Options[i].Name == name {
			return &s.Options[i]
		}
	}
	return nil
}

// Get is the value that "section.option" names, a list with blanks between its
// items; false if it is not there.
func (f *File) Get(ref string) (string, bool) {
	dot := strings.LastIndexByte(ref, '.')
	if dot < 0 {
		return "", false
	}
	s := f.Section(ref[:dot])
	if s == nil {
		return "", false
	}
	o := s.Option(ref[dot+1:])
	if o == nil {
		return "", false
	}
	return strings.Join(o.Values, " "), true
}

// truth reads what the scripts of OpenWrt take for true and false.
func truth(s string) (v, ok bool) {
	switch strings.ToLower(s) {
	case "1", "on", "true", "yes", "enabled":
		return true, true
	case "0", "off", "false", "no", "disabled":
		return false, true
	}
	return false, false
}
