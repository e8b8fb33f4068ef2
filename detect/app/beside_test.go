package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// netifyd's own file lies beside the directory of additions, and is read.
func TestOwnFileIsRead(t *testing.T) {
	dir := t.TempDir()
	apps := filepath.Join(dir, "apps.d")
	write := func(text string) (*Catalogue, []string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, besideName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, warnings, err := Load(apps, "")
		if err != nil {
			t.Fatal(err)
		}
		return c, warnings
	}
	c, warnings := write("app:133:netify.netflix\ndom:133:nas.example\napp:50123:home.nas\ndom:50123:box.example\n")
	if a, b := c.Host([]byte("a.nas.example")), c.Host([]byte("box.example")); tagOf(a) != "netify.netflix" || tagOf(b) != "home.nas" || b.ID != 50123 {
		t.Errorf("%v, %v", a, b)
	}
	if len(warnings) != 0 {
		t.Errorf("%q", warnings)
	}
	own := 0
	c.Classic(func(id uint32, tag string) {
		if tag == "home.nas" {
			own++
		}
	})
	if own != 1 {
		t.Error("an application of this machine's files is not in the classic table")
	}

	// What others wrote wrong stops nobody.
	c, warnings = write("app:133:netify.netflix\nwhat:is:this\n")
	if len(warnings) != 1 || !strings.Contains(warnings[0], besideName) || !strings.Contains(warnings[0], ":2:") || tagOf(c.Host([]byte("www.netflix.com"))) != "netify.netflix" {
		t.Errorf("%q", warnings)
	}

	// Numbers that are known already cost nothing.
	var text strings.Builder
	Default().Each(func(id uint32, tag string) { fmt.Fprintf(&text, "app:%d:%s\n", id, tag) })
	if c, _ = write(text.String()); len(c.layers) != 1 || c.Bytes() != Default().Bytes() {
		t.Errorf("%d layers, %d bytes, not %d", len(c.layers), c.Bytes(), Default().Bytes())
	}
}

// netifyd's own categories lie there too. The built-in ones cost nothing.
func TestOwnCategoriesAreRead(t *testing.T) {
	dir := t.TempDir()
	write := func(text string) (*Catalogue, []string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, categoryName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, warnings, err := Load(filepath.Join(dir, "apps.d"), "")
		if err != nil {
			t.Fatal(err)
		}
		return c, warnings
	}
	c, warnings := write(`{"application_tag_index":{"house":200},"application_index":[[200,[133]]],"protocol_index":[[7,[196]]]}`)
	if a := c.App(133); a == nil || a.Category != 200 || c.CategoryTag(200) != "house" || c.ProtocolCategory(196) != 7 || len(warnings) != 0 {
		t.Errorf("%v, %q, %q", a, c.CategoryTag(200), warnings)
	}
	c, warnings = write(`{"application_tag_index":{"house":0}}`)
	if len(warnings) != 1 || !strings.Contains(warnings[0], categoryName) || c.App(133).Category != Default().App(133).Category {
		t.Errorf("%q", warnings)
	}
	var rows strings.Builder
	Default().Apps(func(a *App) { fmt.Fprintf(&rows, ",[%d,[%d]]", a.Category, a.ID) })
	if c, _ = write(`{"application_index":[` + rows.String()[1:] + `]}`); len(c.layers) != 1 || c.Bytes() != Default().Bytes() {
		t.Errorf("%d layers, %d bytes, not %d", len(c.layers), c.Bytes(), Default().Bytes())
	}
}
