package board

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write docs/fleet-grafana.json")

// The dashboard in docs is that of the questions.
func TestGrafana(t *testing.T) {
	const path = "../../docs/fleet-grafana.json"
	got, err := Grafana()
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/fleet-grafana.json is of other questions: go test ./board -run Grafana -update")
	}
	var d struct {
		SchemaVersion int
		Panels        []struct {
			ID      int
			GridPos struct{ W, H int }
			Targets []struct{ RawSQL, RefID string }
		}
	}
	if err := json.Unmarshal(got, &d); err != nil || d.SchemaVersion == 0 || len(d.Panels) == 0 {
		t.Fatal(err)
	}
	for _, p := range d.Panels {
		if p.ID == 0 || p.GridPos.W == 0 || len(p.Targets) != 1 || p.Targets[0].RawSQL == "" || p.Targets[0].RefID == "" {
			t.Errorf("%+v", p)
		}
	}
}
