package web

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestLanguageIsTheBrowsers(t *testing.T) {
	b := started(t, "--control", newStandin(t).path)
	for accept, want := range map[string]string{
		"": "en", "de": "de", "de-AT,en;q=0.8": "de", "en-GB,de;q=0.9": "en", "it,fr;q=0.5,de;q=0.4": "fr", "zh": "en", "de;q=0": "en", "de;q=0.2, fr;q=0.9": "fr",
		"DE": "de", "*": "en", ";;;,,,=": "en", "fr;q=x,de;q=0.1": "de", "../../etc": "en",
	} {
		status, text, h := b.askAll("GET", "/devices", "", header("Accept-Language", accept))
		if status != 200 || !strings.Contains(text, `<html lang="`+want+`"`) || h.Get("Content-Language") != want || !strings.Contains(h.Get("Vary"), "Accept-Language") {
			t.Errorf("%q: %d %s, want %s", accept, status, h, want)
		}
		if script := regexp.MustCompile(`words-(..)\.js\?v=[0-9a-f]+`).FindStringSubmatch(text); want == "en" {
			if script != nil {
				t.Errorf("English loads %s", script[0])
			}
		} else if script == nil || script[1] != want {
			t.Errorf("%s: no script with its texts", want)
		} else if status, js := b.ask("GET", "/"+script[0], ""); status != 200 || !strings.Contains(js, "const phrases = {") {
			t.Errorf("%s: %d %.60s", script[0], status, js)
		}
	}
	if _, text := b.ask("GET", "/", "", header("Accept-Language", "de")); !strings.Contains(text, "<span>Geräte</span>") || !strings.Contains(text, "Zum Inhalt") {
		t.Error(text)
	}
}

var (
	inScripts = regexp.MustCompile(`\b_\('((?:[^'\\]|\\.)*)'\)`)
	inFrames  = regexp.MustCompile(`\{\{t "([^"]*)"\}\}`)
	inDoor    = regexp.MustCompile(`p\.login\(w, r, "([^"]+)"`)
)

// Each text of the page has a translation in each language, and each translation
// of ours is of a text that is there.
func TestTextsAreTranslated(t *testing.T) {
	texts := map[string]bool{}
	for _, m := range menu {
		texts[m.Title] = true
	}
	files, _ := fs.Glob(own, "page/*.*")
	for _, file := range files {
		text, _ := own.ReadFile(file)
		for _, m := range append(inScripts.FindAllSubmatch(text, -1), inFrames.FindAllSubmatch(text, -1)...) {
			s, err := strconv.Unquote(`"` + string(m[1]) + `"`)
			if err != nil {
				t.Fatal(file, string(m[1]))
			}
			texts[s] = true
		}
	}
	for _, m := range inDoor.FindAllStringSubmatch(readFile(t, "door.go"), -1) {
		texts[m[1]] = true
	}
	if len(texts) < 60 {
		t.Fatalf("only %d texts were found", len(texts))
	}
	all, err := languages()
	if err != nil || len(all) < 2 {
		t.Fatal(len(all), err)
	}
	verbs := regexp.MustCompile(`%[sd]`)
	for name, l := range all {
		ours := language{}
		mine, _ := own.ReadFile("page/po/" + name + ".po")
		if ours.read(string(mine)) != nil {
			t.Fatal(name)
		}
		for text := range texts {
			if l[text] == "" {
				t.Errorf("%s: %q has no translation", name, text)
			}
		}
		for text, to := range ours {
			if !texts[text] {
				t.Errorf("%s: nobody says %q", name, text)
			}
			if !slices.Equal(verbs.FindAllString(text, -1), verbs.FindAllString(to, -1)) || strings.HasSuffix(text, " ") != strings.HasSuffix(to, " ") {
				t.Errorf("%s: %q and %q", name, text, to)
			}
		}
	}
}

func TestTranslationsThatAreBroken(t *testing.T) {
	for _, text := range []string{"msgid \"a", "msgid a", "msgfoo \"a\"", "msgid \"a\"\nmsgstr x"} {
		if (language{}).read(text) == nil {
			t.Errorf("%q is taken", text)
		}
	}
	l := language{}
	if err := l.read("# a word\nmsgid \"\"\n\"two \"\n\"lines\"\nmsgstr \"zwei \"\n\"Zeilen\"\n\nmsgid \"none\"\nmsgstr \"\"\n"); err != nil || len(l) != 1 || l["two lines"] != "zwei Zeilen" {
		t.Error(l, err)
	}
	if l.say("two lines") != "zwei Zeilen" || l.say("none") != "none" || (language)(nil).say("x") != "x" {
		t.Error("say")
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
