package config

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// toml reads a TOML document. False: it is none, and the one error says where.
func (r *reader) toml(text string) bool {
	// The line of an error is counted from the byte: that of the parser would
	// be the one of what comes after the end of a line.
	doc, at, message := decode(text)
	switch {
	case message != "" && at < 0:
		r.fail("", 0, "%s", message)
		return false
	case message != "":
		if remedy := withoutQuotes(text, at); remedy != "" {
			message = remedy
		}
		r.fail("", 1+strings.Count(text[:at], "\n"), "%s", message)
		return false
	}
	r.lines = locate(text)
	for _, table := range r.sorted("", doc) {
		r.table(table, doc[table])
	}
	return true
}

// withoutQuotes is the message where the line around a byte is a key with a text that
// has no quotes, which is what people write most often; empty where it is not.
func withoutQuotes(text string, at int) string {
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[begin:], "\n")
	key, value, ok := strings.Cut(line, "=")
	value, _, _ = strings.Cut(value, "#")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || key == "" || value == "" || strings.ContainsAny(value, "\"'[]{},= \t") || strings.ContainsAny(key, "\"'[]{} ") {
		return ""
	}
	if _, err := strconv.ParseFloat(value, 64); err == nil {
		return "" // something else is wrong
	}
	switch strings.ToLower(value) {
	case "true", "yes", "on":
		return fmt.Sprintf("%s: write true", value)
	case "false", "no", "off":
		return fmt.Sprintf("%s: write false", value)
	}
	return fmt.Sprintf("%s is text: put it in quotes, as in %s = \"%s\"", shortened(value), key, shortened(value))
}

// sorted are the keys of a table in the order of lines.
func (r *reader) sorted(prefix string, table map[string]any) []string {
	names := make([]string, 0, len(table))
	for name := range table {
		names = append(names, name)
	}
	line := func(i int) int { return LineOf(r.lines, prefix+names[i]) }
	sort.Slice(names, func(i, j int) bool {
		return line(i) < line(j) || line(i) == line(j) && names[i] < names[j]
	})
	return names
}

func (r *reader) table(name string, value any) {
	line := LineOf(r.lines, name)
	if line == 0 {
		line = LineOf(r.lines, name+"[0]")
	}
	elements, repeated := tables(value)
	one, single := value.(map[string]any)
	switch {
	case !slices.Contains(tableNames(), name):
		r.unknownTable(name, line, single || repeated && len(elements) > 0)
	case Repeated(name) && repeated:
		r.elements(name, elements)
	case Repeated(name):
		r.fail(name, line, "%s may be there several times: write [[%s]]", name, name)
	case !single:
		r.fail(name, line, "%s is one table: write [%s]", name, name)
	default:
		r.options(name, name, 0, one)
	}
}

func (r *reader) unknownTable(name string, line int, isTable bool) {
	if !isTable {
		r.fail(name, line, "unknown key %s: %s", plain(name), hint("", name))
		return
	}
	want := "want one of " + strings.Join(tableNames(), ", ")
	if best := Nearest(name, tableNames()); best != "" {
		want = fmt.Sprintf("did you mean %s?", brackets(best))
	}
	if name == "rule" || name == "rules" { // as OpenWrt's form and the command call it
		want = "a rule is written as [[action]] here"
	}
	r.fail(name, line, "unknown table %s: %s", plain(name), want)
}

// elements replaces what the defaults have of a repeated table.
func (r *reader) elements(name string, elements []map[string]any) {
	if name == "listen" {
		r.cfg.Listeners = nil
	}
	for _, e := range elements {
		i := Add(r.cfg, name)
		SetLine(r.cfg, name, i, r.lines[fmt.Sprintf("%s[%d]", name, i)])
		r.options(name, fmt.Sprintf("%s[%d]", name, i), i, e)
	}
}

func (r *reader) options(table, prefix string, i int, values map[string]any) {
	for _, name := range r.sorted(prefix+".", values) {
		key := prefix + "." + name
		line := LineOf(r.lines, key)
		o := Find(table, name)
		if o == nil {
			r.fail(key, line, "unknown key %s.%s: %s", table, plain(name), hint(table, name))
			continue
		}
		if o.assign(r.cfg, i, values[name]) {
			continue
		}
		if _, list := values[name].([]any); list && o.Type == List {
			r.fail(key, line, "%s holds what is empty or no text: want %s", o.Key(), o.Want())
			continue
		}
		r.fail(key, line, "%s is %s: want %s", o.Key(), literal(values[name]), o.Want())
	}
}

// hint says what an unknown key may have been meant to be.
func hint(table, name string) string {
	if best := suggestKey(table, name); best != "" {
		return fmt.Sprintf("did you mean %s?", best)
	}
	if table == "" {
		return "keys stand in one of the tables " + strings.Join(tableNames(), ", ")
	}
	return fmt.Sprintf("%s has %s", brackets(table), strings.Join(bareNames(table), ", "))
}

func brackets(table string) string {
	if Repeated(table) {
		return "[[" + table + "]]"
	}
	return "[" + table + "]"
}

// assign sets o from a value as the TOML parser gives it. Text stands for
// everything but truth, numbers and lists.
func (o *Option) assign(c *Config, i int, value any) bool {
	switch v := value.(type) {
	case bool:
		return o.Type == Bool && o.put(c, i, strconv.FormatBool(v))
	case int64:
		number := o.Type == Number || o.Type == Size || o.Type == Duration || o.Type == Choice
		return number && o.put(c, i, strconv.FormatInt(v, 10))
	case string:
		return o.Type >= Size && o.Type != List && o.put(c, i, v)
	case []any:
		items, ok := texts(v)
		return ok && o.Type == List && o.SetList(c, i, items) == nil
	}
	return false
}

func texts(list []any) ([]string, bool) {
	items := make([]string, len(list))
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, false
		}
		items[i] = s
	}
	return items, true
}

// tables are the elements of an array of tables, in either form of TOML.
func tables(value any) ([]map[string]any, bool) {
	switch v := value.(type) {
	case []map[string]any:
		return v, true
	case []any:
		var all []map[string]any
		for _, e := range v {
			t, ok := e.(map[string]any)
			if !ok {
				return nil, false
			}
			all = append(all, t)
		}
		return all, true
	}
	return nil, false
}

// literal is a value as it stood in the file, or what it is.
func literal(value any) string {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case time.Time:
		return "a date"
	case []any:
		return "a list"
	case map[string]any, []map[string]any:
		return "a table"
	}
	return "something else"
}
