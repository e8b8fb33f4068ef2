package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"netifyd/core/config"
	"netifyd/core/query"
)

// Every command that README, docs and man pages show exists, with its flags: netifyd's own
// is given to the program, netifyctl's and make's are looked up.
func TestCommandsInDocsExist(t *testing.T) {
	files := []string{"../../README.md", "../../CONTRIBUTING.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/man/*", "../../openwrt/*/README.md", "../../examples/README.md"} {
		more, _ := filepath.Glob(pattern)
		files = append(files, more...)
	}
	flagOf := regexp.MustCompile(`"([a-z][a-z-]+)"`)
	ctl, err := os.ReadFile("../netifyctl/main.go")
	if err != nil {
		t.Fatal(err)
	}
	ctlFlags := map[string]bool{"help": true, "version": true}
	sources, _ := filepath.Glob("../netifyctl/*/*.go")
	for _, path := range sources {
		text, _ := os.ReadFile(path)
		for _, m := range flagOf.FindAllSubmatch(text, -1) {
			ctlFlags[string(m[1])] = true
		}
	}
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range shown(string(text)) {
			seen[c[0]]++
			wrong := ""
			switch c[0] {
			case "netifyd":
				wrong = refused(t, c[1:])
			case "netifyctl":
				if len(c) > 1 && !strings.HasPrefix(c[1], "-") && c[1] != "help" && !bytes.Contains(ctl, []byte(`{"`+c[1]+`"`)) {
					wrong = "no such command"
				}
				for _, arg := range c[1:] {
					if name, is := strings.CutPrefix(arg, "--"); is && !ctlFlags[strings.SplitN(name, "=", 2)[0]] {
						wrong = "no flag " + arg
					}
				}
			case "make":
				for _, arg := range c[1:] {
					if !strings.Contains(arg, "=") && !bytes.Contains(makefile, []byte("\n"+arg+":")) {
						wrong = "no such target"
					}
				}
			}
			if wrong != "" {
				t.Errorf("%s shows `%s`: %s", path, strings.Join(c, " "), wrong)
			}
		}
	}
	if seen["netifyd"] < 150 || seen["netifyctl"] < 30 || seen["make"] < 40 {
		t.Errorf("hardly any command is found: %v", seen)
	}
}

// refused says what is wrong with the arguments of a command; no agent runs where it looks for one.
func refused(t *testing.T, args []string) string {
	f, err := config.ParseFlags(args)
	if err != nil && (strings.Contains(err.Error(), "needs an argument") || strings.Contains(err.Error(), "needs a value")) {
		return "" // it is named, or cut where its page leaves something open
	}
	if err != nil {
		return err.Error()
	}
	if n := len(f.Args); n == 0 && f.Command == config.CommandQuery || n < 2 && (f.Command == config.CommandRule || f.Command == config.CommandRules) {
		return "" // the same
	}
	if faceCommands[f.Command] == nil || slices.Contains(f.Args, "-") || strings.Contains(strings.Join(f.Args, " "), "pcap") {
		return ""
	}
	if f.Command == config.CommandQuery && len(f.Args) > 0 {
		if !slices.ContainsFunc(query.Methods(), func(m query.Method) bool { return m.Name == f.Args[0] }) {
			return "no such question"
		}
	}
	cfg := config.Default()
	cfg.VolatileDir = t.TempDir()
	err = runFace(cfg, f.Command, slices.DeleteFunc(slices.Clone(f.Args), func(a string) bool { return a == "--help" }), io.Discard)
	if err == nil || strings.Contains(err.Error(), "not running") || err == errSaid || strings.HasPrefix(err.Error(), "exit ") {
		return ""
	}
	return err.Error()
}

var (
	inline = regexp.MustCompile("`([^`\n]+)`")
	quoted = regexp.MustCompile(`(?:[^\s'"]|'[^']*'|"[^"]*"|['"])+`)
	parts  = regexp.MustCompile(`\s(?:&&|\|\||\||;|&|·|>>?)\s|;\s`)
	fonts  = regexp.MustCompile(`\\f[BIRP]|\\&`)
)

// standIns are words of pages, and what may stand there.
var standIns = map[string]string{"FILE": "x.pcap", "METHOD": "methods", "ADDRESS:PORT": "127.0.0.1:80"}

// shown are the commands that a page shows, in blocks and between backticks, as words.
// Words in capitals stand for something; at what stands for several words a command ends.
func shown(text string) (list [][]string) {
	fenced := false
	take := func(code string) {
		code, _, _ = strings.Cut(code, " # ")
		for _, part := range parts.Split(code, -1) {
			words := quoted.FindAllString(strings.TrimSpace(part), -1)
			for len(words) > 0 && (words[0] == "sudo" || words[0] == "$" || words[0] == "exec" || strings.Contains(words[0], "=") && !strings.HasPrefix(words[0], "-")) {
				words = words[1:]
			}
			if len(words) == 0 {
				continue
			}
			words[0] = strings.TrimPrefix(words[0], "./")
			if !slices.Contains([]string{"netifyd", "netifyctl", "make"}, words[0]) {
				continue
			}
			for i, w := range words {
				w = strings.Trim(strings.TrimRight(w, ".,:)"), `'"`)
				switch {
				case i == 0:
				case w == "" || strings.ContainsAny(w, "[]<>|…%$") || w[0] != '{' && strings.ContainsAny(w, "{}"):
					words = words[:i]
				case standIns[w] != "":
					w = standIns[w]
				case strings.Trim(w, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "":
					w = "1"
				}
				if i == len(words) {
					break
				}
				words[i] = w
			}
			list = append(list, words)
		}
	}
	for line := range strings.Lines(text) {
		line = fonts.ReplaceAllString(strings.TrimRight(line, "\n"), "")
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced, strings.HasPrefix(line, "    "):
			code, _, _ := strings.Cut(strings.TrimLeft(line, " "), "  ") // what is behind two blanks explains
			take(code)
		default:
			for _, m := range inline.FindAllStringSubmatch(line, -1) {
				take(m[1])
			}
		}
	}
	return list
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	refs    = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	noSlug  = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
	fencing = regexp.MustCompile("(?s)```.*?```")
)

// Links between pages lead to files that are there, and to headings that they have.
func TestLinksInDocsLead(t *testing.T) {
	pages, _ := filepath.Glob("../../*.md")
	more, _ := filepath.Glob("../../docs/*.md")
	n := 0
	for _, page := range append(pages, more...) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(fencing.ReplaceAllString(string(text), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			n++
			path, heading, _ := strings.Cut(m[1], "#")
			to := page
			if path != "" {
				to = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: %s is not there", page, m[1])
			} else if heading != "" && !slices.Contains(headings(t, to), heading) {
				t.Errorf("%s: %s has no such heading", page, m[1])
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d links are found", n)
	}
}

// headings are those of a page, as links name them.
func headings(t *testing.T, page string) (list []string) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if name := strings.TrimLeft(line, "#"); name != line {
			name = refs.ReplaceAllString(strings.ToLower(strings.TrimSpace(name)), "$1")
			list = append(list, strings.ReplaceAll(noSlug.ReplaceAllString(name, ""), " ", "-"))
		}
	}
	return list
}

// Who tries the rule of docs/actions.md and then takes the examples has one file of
// all of them: no name of a rule, a target or a set is there twice.
func TestExamplesStandTogether(t *testing.T) {
	page, err := os.ReadFile(root + "/docs/actions.md")
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for line := range strings.Lines(string(page)) {
		if text, ok := strings.CutPrefix(line, "    "); ok && (strings.HasPrefix(text, "config ") || strings.HasPrefix(text, "        ")) {
			all.WriteString(text)
		}
	}
	files, _ := filepath.Glob(root + "/openwrt/examples/*/netifyd.uci")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	sets := map[string]bool{}
	for line := range strings.Lines(all.String()) {
		if words := strings.Fields(line); len(words) == 3 && words[1] == "set" {
			if sets[words[2]] {
				t.Errorf("the set %s is there twice", words[2])
			}
			sets[words[2]] = true
		}
	}
	if len(files) < 6 || len(sets) < 5 || !sets["'netifyd_try'"] {
		t.Fatalf("%d files, sets %v", len(files), sets)
	}
	path := filepath.Join(t.TempDir(), "netifyd")
	if err := os.WriteFile(path, []byte("config usage\n\toption enabled '1'\n\toption directory 'none'\n"+all.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, said, code := run1(t, "--uci", path, "check-config"); code != 0 {
		t.Errorf("exit %d: %s%s", code, out, said)
	}
}
