package uci

import "strings"

// String is the file as the uci program writes it. Parse reads it back, but for
// lines and warnings.
func (f *File) String() string {
	var b strings.Builder
	if f.Package != "" {
		b.WriteString("package " + f.Package + "\n")
	}
	for i := range f.Sections {
		s := &f.Sections[i]
		b.WriteString("\nconfig " + bare(s.Type))
		if s.Name != "" {
			b.WriteString(" " + quote(s.Name))
		}
		b.WriteByte('\n')
		for k := range s.Options {
			s.Options[k].write(&b)
		}
	}
	return b.String()
}

func (o *Option) write(b *strings.Builder) {
	keyword := "\toption "
	if o.List {
		keyword = "\tlist "
	}
	for _, v := range o.Values {
		b.WriteString(keyword + o.Name + " " + quote(v) + "\n")
	}
}

// bare is a type, which is written without quotes where it can be.
func bare(s string) string {
	if strings.ContainsAny(s, "'\"\\#;") {
		return quote(s)
	}
	return s
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
