package luci

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/tdewolff/minify/v2"
	"github.com/tdewolff/minify/v2/css"
	"github.com/tdewolff/minify/v2/js"

	"netifyd/cross/tree"
)

// require is a line by which a page of LuCI asks for a module. LuCI finds it at
// the beginning of the text, so it must stay a statement of its own.
var require = regexp.MustCompile(`(?m)^'require [^']+';$`)

// Files are the files of the application in dir, as they are installed: scripts
// and styles without comments and blanks, JSON on one line.
func Files(dir string, at time.Time) (*tree.Tree, error) {
	t := &tree.Tree{Time: at}
	for from, to := range map[string]string{"htdocs": "/www", "root": ""} {
		base := filepath.Join(dir, from)
		err := filepath.WalkDir(base, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if data, err = smaller(path, data); err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			name, err := filepath.Rel(base, path)
			t.Add(to+"/"+filepath.ToSlash(name), 0o644, data)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

func smaller(path string, data []byte) ([]byte, error) {
	m := minify.New()
	var b bytes.Buffer
	switch filepath.Ext(path) {
	case ".json":
		err := json.Compact(&b, data)
		return b.Bytes(), err
	case ".css":
		err := css.Minify(m, &b, bytes.NewReader(data), nil)
		return b.Bytes(), err
	case ".js":
		return smallerScript(m, string(data))
	}
	return data, nil
}

// smallerScript keeps what LuCI reads itself: the first lines, and the return at
// the end, which makes the text the body of a function.
func smallerScript(m *minify.M, text string) ([]byte, error) {
	needs := require.FindAllString(text, -1)
	body := require.ReplaceAllString(strings.Replace(text, "'use strict';", "", 1), "")
	var b bytes.Buffer
	if err := (&js.Minifier{KeepVarNames: false}).Minify(m, &b, strings.NewReader("(function(){"+body+"\n})()"), nil); err != nil {
		return nil, err
	}
	s := strings.TrimSuffix(strings.TrimSpace(b.String()), ";")
	inner, begins := strings.CutPrefix(s, "(function(){")
	inner, ends := strings.CutSuffix(inner, "})()")
	if !begins || !ends {
		return nil, fmt.Errorf("the minifier changed the frame: %.30s … %s", s, s[max(0, len(s)-10):])
	}
	return []byte("'use strict';" + strings.Join(needs, "") + "\n" + inner + "\n"), nil
}
