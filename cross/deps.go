package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"netifyd/cross/target"
)

// lists are the checked-in lists of linked packages, and the target each is taken from.
var lists = map[string]string{"deps-linux.txt": "mipsle", "deps-tiny.txt": "mipsle-tiny", "deps-freebsd.txt": "freebsd-amd64"}

// linked lists the packages that a build links. Those inside Go's library
// differ from processor to processor and are left out.
func (j *job) linked(t *target.Target) ([]string, error) {
	out, err := j.gotool(t, "list", "-deps", "-tags", t.Build(), "./cmd/netifyd").Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.Name, err)
	}
	var list []string
	for _, p := range strings.Fields(string(out)) {
		if p != "unsafe" && !strings.HasPrefix(p, "internal/") && !strings.HasPrefix(p, "vendor/") && !strings.Contains(p, "/internal/") || strings.HasPrefix(p, "netifyd/") {
			list = append(list, p)
		}
	}
	slices.Sort(list)
	return list, nil
}

// deps compares the linked packages with the lists, or writes these.
func (j *job) deps(update bool) error {
	var bad []string
	for name, of := range lists {
		i := slices.IndexFunc(j.targets, func(t target.Target) bool { return t.Name == of })
		if i < 0 {
			continue
		}
		now, err := j.linked(&j.targets[i])
		if err != nil {
			return err
		}
		path := filepath.Join(j.root, "cross", name)
		if update {
			if err := os.WriteFile(path, []byte(strings.Join(now, "\n")+"\n"), 0o644); err != nil {
				return err
			}
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bad = append(bad, differences(name, strings.Fields(string(text)), now)...)
	}
	if len(bad) > 0 {
		slices.Sort(bad)
		return fmt.Errorf("the linked packages changed; if this is meant, run make deps:\n%s", strings.Join(bad, "\n"))
	}
	return nil
}

func differences(name string, before, now []string) []string {
	var out []string
	for _, p := range now {
		if !slices.Contains(before, p) {
			out = append(out, name+": + "+p)
		}
	}
	for _, p := range before {
		if !slices.Contains(now, p) {
			out = append(out, name+": - "+p)
		}
	}
	return out
}
