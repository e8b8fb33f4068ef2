package luci

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the template of translations")

const dir = "../../openwrt/luci-app-netifyd"

// The template has every text, and no translation has one that is not there any more.
func TestTranslations(t *testing.T) {
	texts, err := Texts(dir)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "po/templates/netifyd.pot")
	if *update {
		if err := os.WriteFile(path, Template(texts), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, Template(texts)) {
		t.Errorf("%s lacks a text or a line: cd cross && go test ./luci -update (%v)", path, err)
	}
	known := map[string]bool{}
	for _, x := range texts {
		known[x.ID] = true
	}
	for _, lang := range []string{"de", "fr"} {
		data, err := os.ReadFile(filepath.Join(dir, "po", lang, "netifyd.po"))
		if err != nil {
			t.Fatal(err)
		}
		messages, err := ReadPO(data)
		if err != nil {
			t.Fatal(lang, err)
		}
		verbs := regexp.MustCompile(`%[sd%]`)
		n := 0
		for _, m := range messages {
			if m.ID == "" {
				continue
			}
			n++
			if !known[m.ID] {
				t.Errorf("%s: no page says %q", lang, m.ID)
			}
			if a, b := verbs.FindAllString(m.ID, -1), verbs.FindAllString(m.Text, -1); strings.Join(a, "") != strings.Join(b, "") {
				t.Errorf("%s: %q has %v, its translation %v", lang, m.ID, a, b)
			}
		}
		have := map[string]bool{}
		for _, m := range messages {
			have[m.ID] = m.Text != ""
		}
		missing := 0
		for _, x := range texts {
			switch {
			case have[x.ID]:
			case strings.Contains(x.Where[0], "options.json"): // a new option may wait for its translator
				missing++
			default:
				t.Errorf("%s: %q is not translated", lang, x.ID)
			}
		}
		if missing > len(texts)/20 {
			t.Errorf("%s: %d of %d texts are not translated", lang, missing, len(texts))
		}
	}
}

// Texts of people are never HTML: a child is in an array, and nothing is written as HTML.
func TestNoHTML(t *testing.T) {
	bad := []*regexp.Regexp{
		regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|rawhtml|document\.write|eval\(|new Function`),
		regexp.MustCompile(`\bE\('[a-z0-9]+', *(?:\{[^{}]*\}|null), *(?:'|"|_\(|[A-Za-z]+\.(?:name|host|text|message)\b|String\()`), // a child that is text
		regexp.MustCompile(`https?://`), // nothing is fetched from outside
	}
	err := filepath.WalkDir(filepath.Join(dir, "htdocs"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".js" {
			return err
		}
		data, err := os.ReadFile(path)
		for n, line := range strings.Split(string(data), "\n") {
			line = strings.ReplaceAll(line, "http://www.w3.org/2000/svg", "")
			for _, re := range bad {
				if m := re.FindString(line); m != "" {
					t.Errorf("%s:%d: %s", path, n+1, m)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The hash is that of LuCI: values of its po2lmo.
func TestLMO(t *testing.T) {
	b := LMO([]Message{{"", "head"}, {"Devices", "Geräte"}, {"Flows", "Flüsse"}, {"same", "same"}, {"none", ""}})
	if len(b)%4 != 0 || len(b) != 8+8+2*16+4 {
		t.Errorf("%d bytes: %x", len(b), b)
	}
	if LMO(nil) != nil {
		t.Error("an empty translation is a file")
	}
	known := map[string]uint32{"Devices": 0x1400c3e7, "New": 0x18375692, "Überall": 0x76034f79, "Flows": 0x8ef5d111}
	for text, want := range known {
		if have := hash(text); have != want {
			t.Errorf("%q: %08x, want %08x", text, have, want)
		}
	}
}

// Scripts keep what LuCI reads, and get smaller.
func TestFiles(t *testing.T) {
	files, err := Files(dir, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	before, after := 0, 0
	for _, f := range files.Files {
		after += len(f.Data)
		if filepath.Ext(f.Path) == ".js" && (!strings.HasPrefix(string(f.Data), "'use strict';'require ") || !strings.Contains(string(f.Data), "return baseclass.extend(") && !strings.Contains(string(f.Data), "return view.extend(")) {
			t.Errorf("%s begins %.60s", f.Path, f.Data)
		}
	}
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (strings.Contains(path, "htdocs") || strings.Contains(path, "/root/")) {
			if i, err := d.Info(); err == nil {
				before += int(i.Size())
			}
		}
		return nil
	})
	if after >= before {
		t.Errorf("%d bytes, %d before", after, before)
	}
	t.Logf("%d files, %d bytes of %d", len(files.Files), after, before)
}
