package event

import (
	"bufio"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netifyd/core/packet"
)

// Where output of netifyd 4.4 is at hand, dialect 4 has every member that it
// has, under the same name and of the same type.
func TestAgainstSamples(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/spec/samples/*.jsonl")
	if len(files) == 0 {
		t.Skip("no samples")
	}
	f := sample()
	fill(f.Attrs)
	f.Tunnel = &Tunnel{Type: packet.TunnelGTP, Version: 4}
	s := testStatus()
	ours := map[string]string{}
	for _, line := range [][]byte{AppendFlow(nil, V4, f), AppendStats(nil, V4, within(f, time.Second)), AppendPurge(nil, V4, within(f, time.Second), Closed),
		AppendHello(nil, "1", "x"), AppendStatus(nil, V4, s, false),
		AppendDefinitions(nil, V4, Names{Applications: func(fn func(uint32, string)) { fn(1, "x") }})} {
		v := parse(t, line)
		paths(v["type"].(string), v, ours)
	}
	theirs := map[string]string{}
	for _, name := range files {
		readSample(t, name, theirs)
	}
	for _, path := range slices.Sorted(maps.Keys(theirs)) {
		switch got, there := ours[path]; {
		case path == "flow.flow.risks.risks" || path == "flow.flow.risks.risks[]": // no risks are scored
		case !there:
			t.Errorf("%s is missing", path)
		case got != theirs[path] && theirs[path] != "null":
			t.Errorf("%s is of type %s, not %s", path, got, theirs[path])
		}
	}
	if len(theirs) < 60 {
		t.Errorf("%d members are too few to compare with", len(theirs))
	}
}

func readSample(t *testing.T, name string, into map[string]string) {
	t.Helper()
	r, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v map[string]any
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		paths(v["type"].(string), v, into)
	}
}

// paths notes the type at every path; names that are data become "*".
func paths(at string, v any, into map[string]string) {
	kind := "string"
	switch v := v.(type) {
	case map[string]any:
		kind = "object"
		for k, x := range v {
			if strings.HasSuffix(at, ".devices") || strings.HasSuffix(at, ".interfaces") || strings.HasSuffix(at, ".stats") {
				k = "*"
			}
			paths(at+"."+k, x, into)
		}
	case []any:
		kind = "array"
		for _, x := range v {
			paths(at+"[]", x, into)
		}
	case float64:
		kind = "number"
	case bool:
		kind = "boolean"
	case nil:
		kind = "null"
	}
	into[at] = kind
}
