package main

import (
	"bytes"
	"strings"
	"testing"

	"netifyd/core/query/querytest"
)

// Questions from standard input are answered in their order, wrong ones too.
func TestQueryFromInput(t *testing.T) {
	var out bytes.Buffer
	f := &face{cfg: answering(t, querytest.House()), out: &out}
	if err := f.relay(strings.NewReader(`{"method":"flows","args":{"limit":1}}` + "\nno question\n" + `{"method":"methods"}` + "\n")); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `"total":3`) || !strings.Contains(lines[1], `"error"`) || !strings.Contains(lines[2], `"columns"`) {
		t.Errorf("%q", lines)
	}
}
