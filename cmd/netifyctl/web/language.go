package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"

	luci "netifyd/openwrt/luci-app-netifyd"
)

// language is what the pages say in one that is not English.
type language map[string]string

// languages are LuCI's translations, with those of what is here alone.
func languages() (map[string]language, error) {
	all := map[string]language{}
	files, err := fs.Glob(own, "page/po/*.po")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".po")
		all[name] = language{}
		for _, from := range []struct {
			files embed.FS
			path  string
		}{{luci.Files, "po/" + name + "/netifyd.po"}, {own, file}} {
			text, err := from.files.ReadFile(from.path)
			if err == nil {
				err = all[name].read(string(text))
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", from.path, err)
			}
		}
	}
	return all, nil
}

// read adds the texts of a file as gettext writes it.
func (l language) read(text string) error {
	var id, to string
	into := &id
	for n, line := range strings.Split(text+"\nmsgid \"\"", "\n") {
		keyword, quoted, _ := strings.Cut(line, " ")
		switch {
		case keyword == "msgid":
			if id != "" && to != "" {
				l[id] = to
			}
			id, to, into = "", "", &id
		case keyword == "msgstr":
			into = &to
		case strings.HasPrefix(line, `"`):
			quoted = line
		case line == "", strings.HasPrefix(line, "#"):
			continue
		default:
			return fmt.Errorf("line %d: %q is not understood", n+1, keyword)
		}
		part, err := strconv.Unquote(quoted)
		if err != nil {
			return fmt.Errorf("line %d: want a text in quotes", n+1)
		}
		*into += part
	}
	return nil
}

// script gives the texts to the pages, where frame.js looks for them.
func (l language) script() []byte {
	text, _ := json.Marshal(l)
	return fmt.Appendf(nil, "'use strict';\n\nconst phrases = %s;\n", text)
}

// say is a text in the language; what has no translation stays English.
func (l language) say(text string) string {
	if to := l[text]; to != "" {
		return to
	}
	return text
}

// spoken is the language that a browser likes best of ours (RFC 9110, 12.5.4);
// English where it likes none.
func spoken(r *http.Request, all map[string]language) string {
	type liked struct {
		name string
		q    float64
	}
	var list []liked
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		name, rest, _ := strings.Cut(strings.TrimSpace(part), ";")
		name, _, _ = strings.Cut(strings.ToLower(strings.TrimSpace(name)), "-")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(rest), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64)
		}
		if _, ok := all[name]; (ok || name == "en") && q > 0 {
			list = append(list, liked{name, q})
		}
	}
	if len(list) == 0 {
		return "en"
	}
	best := slices.MaxFunc(list, func(a, b liked) int { // the first of those that it likes as well
		if a.q > b.q {
			return 1
		} else if a.q < b.q {
			return -1
		}
		return 0
	})
	return best.name
}
