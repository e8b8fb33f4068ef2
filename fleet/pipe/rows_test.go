package pipe

import (
	"encoding/json"
	"strings"
	"testing"
)

const head = `{"agent":"A","epoch":9,"seq":2,"kind":"usage","schema":1,"columns":["start","label","down"],"count":2,"lost":1}` + "\n"

func TestRows(t *testing.T) {
	for name, c := range map[string]struct {
		agent, kind, payload, want, fails string
	}{
		"arrays":        {"A", "usage", head + "[1,\"a\",2]\n[2,null,3]\n", `{"agent":"A","epoch":9,"lost":1,"seq":2,"site":"","start":1,"label":"a","down":2}` + "\n" + `{"agent":"A","epoch":9,"lost":1,"seq":2,"site":"","start":2,"down":3}` + "\n", ""},
		"objects":       {"A", "flow", `{"agent":"A","kind":"flow","schema":1,"site":"S"}` + "\n{\"x\":1}", `{"agent":"A","epoch":0,"lost":0,"seq":0,"site":"S","x":1}` + "\n", ""},
		"another agent": {"B", "usage", head + "[1,\"a\",2]\n[2,null,3]\n", "", "under the name of"},
		"another kind":  {"A", "flow", head, "", "came as"},
		"cut":           {"A", "usage", head + "[1,\"a\",2]\n", "", "1 rows came of a batch of 2"},
		"cells":         {"A", "usage", head + "[1]\n[1]\n", "", "row 1: 1 cells for 3 columns"},
		"its agent":     {"A", "usage", `{"agent":"A","kind":"usage","schema":1,"columns":["agent","down"]}` + "\n[\"B\",1]\n", "", `"agent" is no name of a column`},
		"twice":         {"A", "usage", `{"agent":"A","kind":"usage","schema":1,"columns":["down","down"]}` + "\n[1,1]\n", "", `"down" is no name of a column`},
		"no envelope":   {"A", "usage", "hello", "", "no envelope"},
		"later schema":  {"A", "usage", `{"agent":"A","kind":"usage","schema":2}`, "", "schema 2"},
		"no table":      {"A", "system", head, "", "no table"},
	} {
		got, err := Rows(c.agent, c.kind, []byte(c.payload))
		if string(got) != c.want || (err == nil) != (c.fails == "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %s%v", name, got, err)
		}
	}
}

func TestTopic(t *testing.T) {
	for topic, want := range map[string]string{"netifyd/v1/A-1/usage": "A-1 usage", "netifyd.v1.A-1.flow": "A-1 flow", "usage": " "} {
		if agent, kind, _ := Topic(topic); agent+" "+kind != want {
			t.Errorf("%s: %s %s", topic, agent, kind)
		}
	}
}

// Whatever comes, each line that goes out is one JSON object of the agent.
func FuzzRows(f *testing.F) {
	f.Add([]byte(head + "[1,\"a\",2]\n[2,null,3]\n"))
	f.Add([]byte(`{"agent":"A","kind":"usage","schema":1}` + "\n{\"agent\":\"B\"}"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := Rows("A", "usage", payload)
		if err != nil {
			return
		}
		for line := range strings.Lines(string(out)) {
			var row struct{ Agent string }
			if json.Unmarshal([]byte(line), &row) != nil || row.Agent != "A" {
				t.Fatalf("%q", line)
			}
		}
	})
}
