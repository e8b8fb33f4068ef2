package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func usageOf(t *testing.T, args ...string) []byte {
	t.Helper()
	var errs bytes.Buffer
	cmd := exec.Command(binary, append([]string{"-c", bare, "replay", "--usage"}, args...)...)
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil || errs.Len() > 0 {
		t.Fatalf("%v: %v %s", args, err, errs.String())
	}
	return out
}

// The three forms say the same, and what they said when somebody last looked.
func TestReplayUsage(t *testing.T) {
	files := []string{filepath.Join(root, "testdata/turn.pcap"), filepath.Join(root, "testdata/dhcp.pcap"), filepath.Join(root, "testdata/ssdp.pcap")}
	for _, format := range []string{"table", "json", "csv"} {
		golden := filepath.Join(root, "testdata/usage", "replay."+format)
		out := usageOf(t, append([]string{"--format", format}, files...)...)
		if *update {
			os.MkdirAll(filepath.Dir(golden), 0o755)
			os.WriteFile(golden, out, 0o644)
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(out, want) {
			t.Errorf("%s: %v\nhave\n%s\nwant\n%s", format, err, out, want)
		}
	}
	var answer struct {
		Columns []string
		Rows    []map[string]any
	}
	if err := json.Unmarshal(usageOf(t, "--format=json", files[0]), &answer); err != nil || len(answer.Rows) == 0 {
		t.Fatal(err)
	}
	for _, r := range answer.Rows {
		for _, c := range answer.Columns {
			if r[c] == nil {
				t.Errorf("no %s in %v", c, r)
			}
		}
	}
}
