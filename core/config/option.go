package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Type is how an option's value is written.
type Type uint8

// Types of values. As text all of them are what Option.Set reads.
const (
	Bool     Type = iota // true or false; as text also yes, no, on, off, 1, 0
	Number               // whole number
	Size                 // whole number of KiB, or text with KiB to TiB (powers of two) or kB to TB (of ten)
	Duration             // whole number of seconds, or text such as "100ms", "15s", "1m30s"
	Choice               // one of Option.Choices, in any case
	Text                 // text without control characters
	Mode                 // permissions of a file, octal text such as "0660"
	List                 // list of texts; as text separated by commas or blanks
)

var typeNames = [...]string{"true or false", "number", "size", "time", "choice", "text", "file mode", "list of texts"}

// String is the type as docs/configuration.md calls it.
func (t Type) String() string { return typeNames[t] }

// Option is one key of a configuration file. Options lists them all; whatever
// reads or explains configuration (TOML, INI, UCI, the manual) goes by it.
type Option struct {
	Table    string   // TOML table; "interface" and "listen" are there once for each element
	Name     string   // key in the table
	Type     Type     // how the value is written
	Min, Max int64    // range of numbers, of sizes in KiB, of times in nanoseconds
	Choices  []string // of Choice
	Unit     string   // of a bare number; "" where there is none
	Legacy   string   // section.key of netifyd's INI file that means the same, with the same unit
	Whole    bool     // text that is no list is one item of a List, blanks and all
	Restart  bool     // a changed value waits for a restart; otherwise a reload is enough
	Doc      string   // what it is, one sentence

	field func(c *Config, i int) any // pointer to the value; i is the element of a repeated table
}

// Key is the option's full name: "flows.max".
func (o *Option) Key() string { return o.Table + "." + o.Name }

// Repeated says whether a table may be there several times.
func Repeated(table string) bool {
	return table == "interface" || table == "listen" || renewed(table)
}

// Find is the option of a table and a name; nil if there is none.
func Find(table, name string) *Option {
	for i := range Options {
		if Options[i].Table == table && Options[i].Name == name {
			return &Options[i]
		}
	}
	return nil
}

// Count is the number of elements of a table: 1 for those that are not repeated.
func Count(c *Config, table string) int {
	switch table {
	case "interface":
		return len(c.Interfaces)
	case "listen":
		return len(c.Listeners)
	case "action":
		return len(c.Actions)
	case "target":
		return len(c.Targets)
	case "group":
		return len(c.Groups)
	}
	return 1
}

// Add appends an element with its defaults to a repeated table and gives its
// index; 0 for the other tables.
func Add(c *Config, table string) int {
	switch table {
	case "interface":
		c.Interfaces = append(c.Interfaces, Interface{})
	case "listen":
		c.Listeners = append(c.Listeners, Listener{Mode: defaultMode, Dialect: defaultDialect})
	case "action":
		c.Actions = append(c.Actions, NewAction())
	case "target":
		c.Targets = append(c.Targets, NewTarget())
	case "group":
		c.Groups = append(c.Groups, Group{})
	}
	return Count(c, table) - 1
}

// Set reads the value from text. i is the element of a repeated table, else
// ignored. The error names the key, the value and what would be right; c is
// then unchanged.
func (o *Option) Set(c *Config, i int, text string) error {
	if !o.put(c, i, text) {
		return fmt.Errorf("%s is %q: want %s", o.Key(), text, o.Want())
	}
	return nil
}

// SetList sets a List.
func (o *Option) SetList(c *Config, i int, items []string) error {
	p, ok := o.field(c, i).(*[]string)
	for _, s := range items {
		ok = ok && s != "" && printable(s)
	}
	if !ok {
		return fmt.Errorf("%s is %q: want %s", o.Key(), items, o.Want())
	}
	*p = slices.Clone(items)
	return nil
}

// Get is the value as text that Set reads back.
func (o *Option) Get(c *Config, i int) string {
	switch p := o.field(c, i).(type) {
	case *bool:
		return strconv.FormatBool(*p)
	case *int:
		if o.Type == Size {
			return sizeText(*p)
		}
		return strconv.Itoa(*p)
	case *uint16:
		return strconv.Itoa(int(*p))
	case *uint32:
		if o.Type == Number {
			return strconv.FormatUint(uint64(*p), 10)
		}
		return fmt.Sprintf("%04o", *p)
	case *time.Duration:
		return durationText(*p)
	case *Role:
		return strings.ToLower(p.String())
	case *[]string:
		return strings.Join(*p, ", ")
	case *string:
		return *p
	}
	return ""
}

func (o *Option) put(c *Config, i int, text string) bool {
	text = strings.TrimSpace(text)
	switch p := o.field(c, i).(type) {
	case *bool:
		v, ok := parseBool(text)
		return assign(p, v, ok)
	case *int:
		v, ok := o.number(text)
		return assign(p, int(v), ok)
	case *uint16:
		v, ok := o.number(text)
		return assign(p, uint16(v), ok)
	case *uint32:
		if o.Type == Number {
			v, ok := o.number(text)
			return assign(p, uint32(v), ok)
		}
		v, err := strconv.ParseUint(text, 8, 32)
		return assign(p, uint32(v), err == nil && o.within(int64(v)))
	case *time.Duration:
		v, ok := parseDuration(text)
		return assign(p, v, ok && o.within(int64(v)))
	case *Role:
		n := o.choice(text)
		return assign(p, Role(n), n >= 0)
	case *[]string:
		if o.Whole && text != "" {
			return o.SetList(c, i, []string{text}) == nil
		}
		return o.SetList(c, i, splitList(text)) == nil
	case *string:
		if o.Type == Choice {
			n := o.choice(text)
			if n < 0 {
				return false
			}
			text = o.Choices[n]
		}
		return assign(p, text, printable(text))
	}
	return false
}

func assign[T any](p *T, v T, ok bool) bool {
	if ok {
		*p = v
	}
	return ok
}

func (o *Option) within(v int64) bool { return v >= o.Min && v <= o.Max }

func (o *Option) number(text string) (int64, bool) {
	if o.Type == Size {
		v, ok := parseSize(text)
		return v, ok && o.within(v)
	}
	digits, base := text, 10
	if rest, ok := strings.CutPrefix(strings.ToLower(text), "0x"); ok {
		digits, base = rest, 16
	}
	v, err := strconv.ParseInt(digits, base, 64)
	return v, err == nil && o.within(v)
}

func (o *Option) choice(text string) int {
	return slices.IndexFunc(o.Choices, func(s string) bool { return strings.EqualFold(s, text) })
}

// Want says what would be a right value: "a whole number from 64 to 1048576".
func (o *Option) Want() string {
	switch o.Type {
	case Bool:
		return "true or false"
	case Number:
		return fmt.Sprintf("a whole number from %d to %d", o.Min, o.Max)
	case Size:
		return fmt.Sprintf("a size from %s to %s, as a number of KiB or as text such as %q or %q", sizeText(int(o.Min)), sizeText(int(o.Max)), "2MiB", "500MB")
	case Duration:
		return fmt.Sprintf("a time from %s to %s, as a number of seconds or as text such as %q",
			durationText(time.Duration(o.Min)), durationText(time.Duration(o.Max)), "15s")
	case Choice:
		return quotedOr(o.Choices)
	case Mode:
		return fmt.Sprintf("the permissions as octal text from %q to %q", fmt.Sprintf("%04o", o.Min), fmt.Sprintf("%04o", o.Max))
	case List:
		return `a list of texts, such as ["a", "b"]`
	}
	return "text in one line"
}

// check says whether a value that did not come through Set is in range.
func (o *Option) check(c *Config, i int) error {
	ok := true
	switch p := o.field(c, i).(type) {
	case *int:
		ok = o.within(int64(*p))
	case *uint32:
		ok = o.within(int64(*p))
	case *time.Duration:
		ok = o.within(int64(*p))
	case *Role:
		ok = int(*p) < len(o.Choices)
	case *string:
		ok = printable(*p) && (o.Type != Choice || slices.Contains(o.Choices, *p))
	}
	if !ok {
		return fmt.Errorf("%s is %q: want %s", o.Key(), o.Get(c, i), o.Want())
	}
	return nil
}
