package metrics

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"netifyd/core/query"
)

// dashboard is what of Grafana's schema (dashboard kind, version 39) is looked at.
type dashboard struct {
	Title, UID    string
	SchemaVersion int
	Templating    struct {
		List []struct{ Name, Type string }
	}
	Panels []struct {
		ID          int
		Type, Title string
		Datasource  struct{ Type, UID string }
		GridPos     struct{ X, Y, W, H int }
		FieldConfig struct {
			Defaults struct{ Unit string }
		}
		Options json.RawMessage
		Targets []struct {
			RefID, Expr string
			Datasource  struct{ Type, UID string }
		}
	}
}

// The dashboard asks for metrics and labels that there are, in queries that
// Prometheus takes, and its panels stand side by side.
func TestDashboard(t *testing.T) {
	text, err := os.ReadFile("../../../examples/grafana/netifyd.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if d.Title == "" || d.UID == "" || d.SchemaVersion < 36 || len(d.Panels) < 10 || len(d.Templating.List) != 2 || d.Templating.List[0].Type != "datasource" {
		t.Errorf("%+v", d)
	}
	h := newHouse(4)
	h.use(1, 133, 1000)
	_, metrics := scrape(t, asked{query.New(h)})
	name, label := regexp.MustCompile(`netifyd_[a-z_]+`), regexp.MustCompile(`by \(([a-z, ]+)\)`)
	ids, cells, queries := map[int]bool{}, map[[2]int]bool{}, []string{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Datasource.UID != "${datasource}" || p.FieldConfig.Defaults.Unit == "" || len(p.Options) == 0 || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("panel %q: %+v", p.Title, p)
		}
		ids[p.ID] = true
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				at := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				if cells[at] {
					t.Fatalf("panel %q stands on another", p.Title)
				}
				cells[at] = true
			}
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			if refs[q.RefID] || q.Datasource.UID != "${datasource}" {
				t.Errorf("panel %q: %+v", p.Title, q)
			}
			refs[q.RefID] = true
			queries = append(queries, q.Expr)
			for _, m := range name.FindAllString(q.Expr, -1) {
				if !strings.Contains(metrics, "\n# TYPE "+m+" ") {
					t.Errorf("panel %q asks for %s, which there is not", p.Title, m)
				}
				for _, by := range label.FindAllStringSubmatch(q.Expr, -1) {
					for _, l := range strings.Split(by[1], ", ") {
						if !regexp.MustCompile(`(?m)^` + m + `\{.*` + l + `="`).MatchString(metrics) {
							t.Errorf("panel %q: %s has no label %s", p.Title, m, l)
						}
					}
				}
			}
		}
	}
	tool, err := exec.LookPath("promtool")
	if err != nil {
		t.Log("promtool is not here: queries not read")
		return
	}
	rules := "groups:\n  - name: dashboard\n    rules:\n"
	for i, q := range queries {
		q = strings.NewReplacer("$__rate_interval", "2m", "$__range", "6h", "$instance", ".*").Replace(q)
		rules += fmt.Sprintf("      - record: q%d\n        expr: %q\n", i, q)
	}
	file := filepath.Join(t.TempDir(), "rules.yml")
	if err := os.WriteFile(file, []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "check", "rules", file).CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}
