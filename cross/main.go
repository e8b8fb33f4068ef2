// Cross builds the agent for every target, and the packages that carry it.
// It runs in the folder cross; the Makefile above calls it.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"netifyd/cross/target"
	"netifyd/cross/tree"
)

// job is what all commands know.
type job struct {
	root    string // of the project
	out     string // where files are written
	version string
	release string // of the packages of this version
	time    time.Time
	targets []target.Target // those to work on
	written []string        // packages and what belongs to their feeds
	tabled  *tree.Tree      // files of tables, once they were made
}

const usage = `usage: cross [flags] COMMAND [TARGET ...]
  build     compile the agent
  packages  compile it, and write the packages and feeds
  pack      write the packages and feeds of what is compiled already
  catalogue write the packages of the catalogue of applications
  sizes     print what was written and compare with the budgets
  smoke     run every binary for Linux, in an emulator where needed
  steady    run the tests of the packets' path, compiled as the packages are
  deps      compare the linked packages with deps-*.txt; with -update write these
  where     print the trace of a crash, from standard input, with its lines
  list      print the names of the targets
`

func main() {
	j := &job{}
	flag.StringVar(&j.root, "root", "..", "folder of the project")
	flag.StringVar(&j.out, "out", "../build", "folder to write to")
	flag.StringVar(&j.version, "version", "", "version of the agent; empty: the one of core/version")
	flag.StringVar(&j.release, "release", "1", "release of the packages")
	key := flag.String("key", "", "secret key of usign or signify that signs the feeds; empty: one is made in -out")
	update := flag.Bool("update", false, "write deps-*.txt")
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage); flag.PrintDefaults() }
	flag.Parse()
	if flag.NArg() == 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := j.prepare(flag.Args()[1:]); err != nil {
		fail(err)
	}
	var err error
	switch flag.Arg(0) {
	case "build":
		err = j.buildAll()
	case "packages":
		err = j.packages(*key)
	case "pack":
		err = j.pack(*key)
	case "catalogue":
		err = j.catalogue()
	case "sizes":
		err = j.sizes()
	case "smoke":
		err = j.smoke()
	case "steady":
		err = j.steady()
	case "deps":
		err = j.deps(*update)
	case "where":
		err = j.where()
	case "list":
		for _, t := range j.targets {
			fmt.Println(t.Name)
		}
	default:
		flag.Usage()
		os.Exit(2)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "cross:", err)
	os.Exit(1)
}

// prepare reads the table and the time that all files carry.
func (j *job) prepare(names []string) error {
	all, err := target.Read(filepath.Join(j.root, "cross", "targets.tsv"))
	if err != nil {
		return err
	}
	if j.time, err = j.epoch(); err != nil {
		return err
	}
	if j.version == "" {
		if j.version, err = number(filepath.Join(j.root, "core", "version", "version.go")); err != nil {
			return err
		}
	}
	known := map[string]bool{}
	for _, t := range all {
		known[t.Name] = true
		if len(names) == 0 || has(names, t.Name) {
			j.targets = append(j.targets, t)
		}
	}
	for _, n := range names {
		if !known[n] {
			return fmt.Errorf("%q is no target of targets.tsv", n)
		}
	}
	return nil
}

// number reads the version of the project from the one line that has it.
func number(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "var Number = "); ok {
			return strconv.Unquote(strings.TrimSpace(rest))
		}
	}
	return "", fmt.Errorf("%s: want a line var Number = \"VERSION\"", path)
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// epoch is SOURCE_DATE_EPOCH, else the time of the last commit, else a fixed day.
func (j *job) epoch() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		if out, err := exec.Command("git", "-c", "safe.directory=*", "-C", j.root, "log", "-1", "--format=%ct").Output(); err == nil {
			text = strings.TrimSpace(string(out))
		}
	}
	if text == "" {
		return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH %q is no number of seconds", text)
	}
	return time.Unix(n, 0).UTC(), nil
}
