// Package luci makes packages of an application of LuCI without LuCI's build
// system: it collects the texts to translate, turns translations into what LuCI
// reads, and packs the pages small.
package luci

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Text is a text to translate, and where it stands.
type Text struct {
	ID    string
	Where []string // file:line, from the application's folder
}

// call is a call of the function that translates, with a literal in single quotes.
var call = regexp.MustCompile(`\b_\('((?:[^'\\]|\\.)*)'\)`)

// Texts collects the texts of an application: those of its pages, the titles of
// its menu, and what options.json says of each option. They are in order of files.
func Texts(dir string) ([]Text, error) {
	var all []Text
	places := map[string]int{}
	add := func(id, where string) {
		i, known := places[id]
		if !known {
			i = len(all)
			places[id] = i
			all = append(all, Text{ID: id})
		}
		if !slices.Contains(all[i].Where, where) {
			all[i].Where = append(all[i].Where, where)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		switch {
		case d.IsDir() && (name == "tests" || name == "po"):
			return filepath.SkipDir
		case d.IsDir():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(name, ".js"):
			for n, line := range strings.Split(string(data), "\n") {
				for _, m := range call.FindAllStringSubmatch(line, -1) {
					add(unquoted(m[1]), fmt.Sprintf("%s:%d", name, n+1))
				}
			}
		case strings.HasSuffix(name, "options.json"):
			var options []struct{ Doc string }
			if err := json.Unmarshal(data, &options); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			for n, o := range options {
				add(o.Doc, fmt.Sprintf("%s:%d", name, n+2))
			}
		case strings.Contains(name, "menu.d"):
			for n, line := range strings.Split(string(data), "\n") {
				if _, title, ok := strings.Cut(line, `"title": "`); ok {
					title, _, _ = strings.Cut(title, `"`)
					add(title, fmt.Sprintf("%s:%d", name, n+1))
				}
			}
		}
		return nil
	})
	return all, err
}

// unquoted is the text of a literal of JavaScript.
func unquoted(s string) string {
	return strings.NewReplacer(`\'`, `'`, `\\`, `\`, `\n`, "\n").Replace(s)
}

// Template is the file that translators begin with.
func Template(texts []Text) []byte {
	var b strings.Builder
	b.WriteString("msgid \"\"\nmsgstr \"Content-Type: text/plain; charset=UTF-8\"\n")
	for _, t := range texts {
		b.WriteByte('\n')
		for _, w := range t.Where {
			b.WriteString("#: applications/luci-app-netifyd/" + w + "\n")
		}
		fmt.Fprintf(&b, "msgid %s\nmsgstr \"\"\n", quoted(t.ID))
	}
	return []byte(b.String())
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
