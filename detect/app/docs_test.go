package app

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"netifyd/core/expr"
	"netifyd/detect/app/internal/source"
)

const docs = "../../docs/applications.md"

// The examples of the documentation work, and it names every field and category.
func TestDocumentation(t *testing.T) {
	b, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	blocks := regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) < 3 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, m := range blocks {
		example := strings.ReplaceAll(m[1], "netify.tuya", "netify.netflix")
		c, warnings := load(t, map[string]string{"example.toml": example}, nil)
		if len(warnings) > 0 {
			t.Errorf("%q\n%s", warnings, example)
		}
		if strings.Contains(example, "home.nas") {
			hosts(t, c, map[string]string{"files.nas.example.net": "home.nas"})
			if a := c.Host([]byte("nas.example.net")); !strings.Contains(text, "number "+strconv.Itoa(int(a.ID))) {
				t.Errorf("the number of home.nas is %d", a.ID)
			}
		}
	}
	conf := regexp.MustCompile("(?m)^    ((app|dom|net|nsd|xfm):.*)$").FindAllStringSubmatch(text, -1)
	if len(conf) < 5 {
		t.Fatalf("%d lines of netify-apps.conf", len(conf))
	}
	var lines []string
	for _, m := range conf {
		lines = append(lines, m[1])
	}
	load(t, map[string]string{"netify-apps.conf": strings.Join(lines, "\n")}, nil)
	expr.Fields(func(name, _ string) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s lacks the field %s", docs, name)
		}
	})
	for n := range 256 {
		if tag := source.CategoryTag(uint8(n)); tag != "" && !strings.Contains(text, tag) {
			t.Errorf("%s lacks the category %s", docs, tag)
		}
	}
}
