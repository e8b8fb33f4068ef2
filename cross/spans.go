package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"netifyd/cross/target"
)

// spanSets is the file of Go's runtime that holds the lists of spans, and
// spanRooms are what is written otherwise in it. The runtime has four such lists
// for each of 136 kinds of small objects and gives each 6 KB at its first span,
// enough for a heap of 1 GB. Of 200 lists an agent of 8 MB touches a page or two
// each: 1 MB, more than all its small objects. Lists grow as before.
const spanSets = "src/runtime/mspanset.go"

var spanRooms = []string{
	"spanSetBlockEntries = 512 ", "spanSetBlockEntries = 64 ",
	"spanSetInitSpineCap = 256 ", "spanSetInitSpineCap = 16 ",
}

// smallSpans writes spanSets otherwise.
func smallSpans(text string) (string, error) {
	for i := 0; i < len(spanRooms); i += 2 {
		if strings.Count(text, spanRooms[i]) != 1 {
			return "", fmt.Errorf("%s of this Go does not say %q once: look whether lists of spans still take 1 MB, and mend or leave out cross/spans.go", spanSets, spanRooms[i])
		}
	}
	return strings.NewReplacer(spanRooms...).Replace(text), nil
}

// overlay writes what replaces files of the runtime beside the binaries, and
// returns the flag of the Go tool that does it. Where this Go's file reads
// otherwise there is none, and it says so: the agent is as good, and takes 1 MB more.
func (j *job) overlay(t *target.Target) ([]string, error) {
	goroot, err := j.gotool(t, "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	from := filepath.Join(strings.TrimSpace(string(goroot)), spanSets)
	text, err := os.ReadFile(from)
	small := ""
	if err == nil {
		small, err = smallSpans(string(text))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: Go's runtime stays as it is: %v\n", t.Name, err)
		return nil, nil
	}
	// The Go tool leaves out folders whose names begin so: what lies here is no package of ours.
	dir, err := filepath.Abs(filepath.Join(j.out, "_overlay"))
	if err != nil {
		return nil, err
	}
	to, list := filepath.Join(dir, filepath.Base(spanSets)), filepath.Join(dir, "overlay.json")
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{from: to}})
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(to, []byte(small), 0o644); err != nil {
		return nil, err
	}
	return []string{"-overlay=" + list}, os.WriteFile(list, replaced, 0o644)
}
