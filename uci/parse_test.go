package uci

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"netifyd/core/config"
)

// dump is what a file holds, one section a line.
func dump(f *File) string {
	var b strings.Builder
	for _, s := range f.Sections {
		fmt.Fprintf(&b, "%s %s", s.Type, s.Name)
		for _, o := range s.Options {
			sign := "="
			if o.List {
				sign = "+"
			}
			fmt.Fprintf(&b, " %s%s%q", o.Name, sign, o.Values)
		}
		b.WriteString("|")
	}
	return b.String()
}

// The language, as the uci program of OpenWrt was seen to read it.
func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"# nothing\n\n  \t\n", ""},
		{"config a", "a |"},
		{"config a 'x'\n\toption o 'v'\n", `a x o=["v"]|`},
		{"c a x\no o v\nl l 1\nl l 2\n", `a x o=["v"] l+["1" "2"]|`},
		{"package p-1\nconfig a\n", "a |"},
		{"config a\noption o v # rest\noption p a#b\n", `a  o=["v"] p=["a"]|`},
		{"config a\noption o 'a#b'\n", `a  o=["a#b"]|`},
		{"config a\noption o mi'x'\"e\"d\n", `a  o=["mixed"]|`},
		{`config a` + "\n" + `option o "a\"b\n\\c"` + "\n", `a  o=["a\"bn\\c"]|`},
		{`config a` + "\n" + `option o 'a\nb'` + "\n", `a  o=["a\\nb"]|`},
		{`config a` + "\n" + `option o a\ b` + "\n", `a  o=["a b"]|`},
		{`config a` + "\n" + `option o 'it'\''s'` + "\n", `a  o=["it's"]|`},
		{"config a\noption o 'two\nlines'\noption p 1\n", `a  o=["two\nlines"] p=["1"]|`},
		{"config a\noption o one\\\ntwo\n", `a  o=["onetwo"]|`},
		{"config a \\\nx\noption o \"one\\\ntwo\"\n", `a x o=["onetwo"]|`},
		{"config a\r\noption o v\r\n", `a  o=["v"]|`},
		{"config a ''\noption o v", `a  o=["v"]|`},
		{"config a\noption o ''\noption p\n", `a |`},
		{"config a\noption o 1\noption o 2\n", `a  o=["2"]|`},
		{"config a\noption o 1\noption o ''\n", `a  o=["1"]|`},
		{"config a\nlist o 1\noption o\n", `a  o+["1"]|`},
		{"config a\vx\n\foption o v\v\n", `a x o=["v"]|`},
		{"config a\noption o 1\nlist o 2\n", `a  o+["1" "2"]|`},
		{"config a\nlist o 1\nlist o 2\noption o 3\n", `a  o=["3"]|`},
		{"config a\nlist o\n", `a  o+[""]|`},
		{"config a x\noption o 1\nconfig b\nconfig a x\noption p 2\n", `a x o=["1"] p=["2"]|b |`},
		{"config a-b.c/d\n", "a-b.c/d |"},
		{"config a; option o 1\nconfig b\n", "a |b |"},
		{"config a\noption o ä€\n", `a  o=["ä€"]|`},
		{"\ufeffconfig a\n", "a |"},
		{"config a\noption o v\\", `a  o=["v"]|`},
	} {
		f, err := Parse("f", c.text)
		if err != nil || dump(f) != c.want {
			t.Errorf("%q\nhave %v\nwant %s (%v)", c.text, f, c.want, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct{ text, want string }{
		{"option o v\n", "f:1: option stands before the first config"},
		{"config a\nconfigs b\n", `f:2: "configs" begins the line: want config, option or list`},
		{"config\n", "f:1: config lacks something: want config TYPE [NAME]"},
		{"config a b c\n", `f:1: "c" is too much: want config TYPE [NAME], with quotes around what holds blanks`},
		{"config a\noption\n", "f:2: option lacks something: want option NAME VALUE"},
		{"config a\noption o two words\n", `f:2: "words" is too much: want option NAME VALUE, with quotes around what holds blanks`},
		{"config a\n\n option o-p v\n", `f:3: "o-p" is no name of an option: want letters, digits and _`},
		{"config a x-y\n", `f:1: "x-y" is no name of a section: want letters, digits and _`},
		{"config 'a b'\n", `f:1: "a b" is no type of a section: want printable letters without blanks`},
		{"package a.b\n", `f:1: "a.b" is no name of a package: want letters, digits, _ and -`},
		{"config a x\nconfig b x\noption o v\n", "f:2: section x is of type b here and of type a in line 1: give one of them another name"},
		{"config a\noption o 'never\nclosed\n", "f:2: a quote is opened and never closed"},
		{"config a\noption o \"x\\", "f:2: a quote is opened and never closed"},
		{"config a\n\x00", "f:2: a byte of value zero: this is no text, the file is damaged"},
		{long, `f:1: "` + long[:40] + `…" begins the line: want config, option or list`},
		{"nonsense\nconfig a\nbad\n", "f:1: \"nonsense\" begins the line: want config, option or list\nf:3: \"bad\" begins the line: want config, option or list"},
	} {
		_, err := Parse("f", c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q\nhave %v\nwant %s", c.text, err, c.want)
		}
	}
}

// A file that is damaged throughout does not fill the log.
func TestErrorsEnd(t *testing.T) {
	for _, text := range []string{strings.Repeat("\x1b\xffdamaged\n", 5000), "config flows\n" + strings.Repeat("option max x\noption mix 1\nconfig flows\n", 1000)} {
		f, err := Parse("f", text)
		if err == nil {
			_, err = f.Settings()
		}
		var all config.Errors
		if !errors.As(err, &all) || len(all) != maxErrors {
			t.Errorf("%d errors", len(all))
		}
	}
}

func TestSemicolonWarns(t *testing.T) {
	f, err := Parse("f", "config a x; option o 1\nconfig b;\n")
	if err != nil || len(f.Warnings) != 1 || f.Warnings[0].Line != 1 {
		t.Fatalf("%+v, %v", f, err)
	}
}

func TestLookup(t *testing.T) {
	f, err := Parse("f", "config a\noption o first\nconfig b two\nlist l 1\nlist l 2\nconfig a\noption o last\n")
	if err != nil {
		t.Fatal(err)
	}
	for ref, want := range map[string]string{
		"@a[0].o": "first", "@a[1].o": "last", "@a[-1].o": "last", "@a[-2].o": "first", "two.l": "1 2", "@b[-1].l": "1 2",
		"@[0].o": "first", "@[-1].o": "last",
		"@a[2].o": "", "@a[-3].o": "", "@a[x].o": "", "@a.o": "", "three.l": "", "two.m": "", "two": "", "": "", "@a[0.o": "", ".o": "",
	} {
		if have, ok := f.Get(ref); have != want || ok != (want != "") {
			t.Errorf("%s: have %q, %v, want %q", ref, have, ok, want)
		}
	}
}

const everything = `package netifyd

config netifyd 'main'
	option enabled '1'
	list internal_if 'br-lan -F "not port 22"'

config odd"type "it's"
	option quotes "a'b\"c"
	list l 'one
two'
	list l ''
`

// held is what every text owes: a file, or errors with a line that is there;
// and what was written is read back as the same.
func held(t *testing.T, text string) {
	f, err := Parse("f", text)
	if err != nil {
		lines := strings.Count(text, "\n") + 1
		var all config.Errors
		if !errors.As(err, &all) || len(all) == 0 || f != nil {
			t.Fatalf("%T %v", err, err)
		}
		for _, e := range all {
			if e.Line < 1 || e.Line > lines || e.Text == "" {
				t.Errorf("error %+v in %d lines", e, lines)
			}
		}
		return
	}
	again, err := Parse("f", f.String())
	if err != nil || dump(again) != dump(f) {
		t.Errorf("%q\nwritten as %q\nhave %s, %v\nwant %s", text, f.String(), dump(again), err, dump(f))
	}
	s, err := f.Settings()
	if (s == nil) == (err == nil) {
		t.Errorf("%v, %v", s, err)
	}
	if err == nil {
		if err := s.Config.Validate(); err != nil {
			t.Errorf("accepted, yet %v", err)
		}
	}
}

func TestEveryPrefix(t *testing.T) {
	text := strings.Replace(everything, `odd"type "it's"`, `odd\"type its`, 1)
	if f, err := Parse("f", text); err != nil || len(f.Sections) != 2 {
		t.Fatal(f, err)
	}
	for _, whole := range []string{text, full} {
		for n := range len(whole) + 1 {
			held(t, whole[:n])
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{everything, full, "config a;b\n", "c a\nl l\n", "config a\noption o \\"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { held(t, text) })
}

// As the uci program does it, which TestAgainstUCI asks where it is there.
func TestLikeUCI(t *testing.T) {
	for text, want := range map[string]string{
		"config t\npackage other\noption a 1":  "config t\n\toption a '1'\n",
		"config t\noption a b ''":              "config t\n\toption a 'b'\n",
		"config t n ''\noption a 1":            "config t 'n'\n\toption a '1'\n",
		"config t\noption a b ; option c d":    "config t\n\toption a 'b'\n\toption c 'd'\n",
		"config t\noption a 'b'; option c d":   "config t\n\toption a 'b'\n\toption c 'd'\n",
		"config t\noption a b; option c d":     "config t\n\toption a 'b'\n",
		"config t ;\noption a 1":               "config t\n\toption a '1'\n",
		"config t n\noption a 'b' ; # rest":    "config t 'n'\n\toption a 'b'\n",
		"config t n\noption a b ;":             `x:2: a semicolon or an empty word ends the statement, and no other follows`,
		"config t n\noption a 'b';":            `x:2: a semicolon or an empty word ends the statement, and no other follows`,
		"config t n\noption a b '' ":           `x:2: a semicolon or an empty word ends the statement, and no other follows`,
		"package x ;":                          `x:1: a semicolon or an empty word ends the statement, and no other follows`,
		"config t\n\\\noption a b":             `x:2: "option" begins the line`,
		"config \\\n t":                        "x:1: config lacks something",
		"config t\noption a \\\n b":            `x:2: "b" is too much`,
		"config t\noption a b \\\n option c d": "config t\n\toption a 'b'\n\toption c 'd'\n",
		"config\vt":                            `x:1: "config\vt" begins the line`,
		"config t ;x":                          `x:1: "x" is too much`,
		"config t n ;x":                        `x:1: "x" begins the line`,
		"config t\noption a b '' z":            `x:2: "z" begins the line`,
		"config t\noption a ;b":                `x:2: "b" is too much`,
		"config t\noption ;a b":                "x:2: option lacks something",
		"config t\noption '' b":                "x:2: option lacks something",
		"config ''":                            "x:1: config lacks something",
		"; config t":                           "x:1: a semicolon begins the line",
		"'config' t":                           `x:1: "config" begins the line`,
		"package 'a b'\nconfig t":              `x:1: "a b" is no name of a package`,
		"package a\noption b c":                "x:2: option stands before the first config",
		"config t\npackage\n":                  "x:2: package lacks something",
	} {
		f, err := Parse("x", text+"\n")
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			f.Package = ""
			got = strings.TrimPrefix(f.String(), "\n")
		}
		if err == nil && got != want || err != nil && !strings.HasPrefix(got, want) {
			t.Errorf("%q: %s\nwant %s", text, got, want)
		}
	}
}
