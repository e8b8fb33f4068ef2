package uci

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"netifyd/core/config"
)

const luciFile = "../openwrt/luci-app-netifyd/htdocs/luci-static/resources/netifyd/options.json"

// luciOption is what LuCI's page of settings knows of an option.
type luciOption struct {
	Section string   `json:"section"`
	Name    string   `json:"name"`
	Key     string   `json:"key,omitempty"` // of the configuration, where plan knows it by
	Type    string   `json:"type"`
	List    bool     `json:"list,omitempty"`
	Min     int64    `json:"min,omitempty"` // of numbers; of times in seconds
	Max     int64    `json:"max,omitempty"`
	Choices []string `json:"choices,omitempty"`
	Unit    string   `json:"unit,omitempty"`
	Default string   `json:"default,omitempty"`
	Restart bool     `json:"restart,omitempty"`
	Doc     string   `json:"doc"`
}

func luciOptions() []byte {
	var all []luciOption
	for _, n := range Names {
		if n.Section == "network" {
			continue // the start script writes these
		}
		o := luciOption{Section: n.Section, Name: n.Option, Type: "text", List: n.List, Default: n.Default, Restart: true, Doc: n.Doc}
		if n.Takes == "1 or 0" {
			o.Type = "bool"
		}
		all = append(all, o)
	}
	c := config.Default()
	for i := range config.Options { // one element each, for its defaults
		if table := config.Options[i].Table; config.Repeated(table) && config.Count(c, table) == 0 {
			config.Add(c, table)
		}
	}
	types := map[config.Type]string{config.Bool: "bool", config.Number: "number", config.Size: "size", config.Duration: "time", config.Choice: "choice", config.Text: "text", config.Mode: "mode", config.List: "text"}
	for i := range config.Options {
		x := &config.Options[i]
		o := luciOption{Section: sectionOf(x.Table), Name: x.Name, Type: types[x.Type], List: x.Type == config.List, Choices: x.Choices, Unit: x.Unit, Default: x.Get(c, 0), Restart: x.Restart, Doc: x.Doc}
		switch x.Type {
		case config.Number, config.Size:
			o.Min, o.Max = x.Min, x.Max
		case config.Bool:
			o.Default = map[string]string{"true": "1", "false": "0"}[o.Default]
		}
		if !config.Repeated(x.Table) {
			o.Key = x.Key()
		}
		all = append(all, o)
	}
	var b bytes.Buffer
	b.WriteString("[\n")
	for i, o := range all {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if e.Encode(o) == nil {
			b.Truncate(b.Len() - 1)
		}
		if i < len(all)-1 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	return b.Bytes()
}

// The page of settings is built from this file, so it has every option.
func TestLuciOptions(t *testing.T) {
	want := luciOptions()
	if !json.Valid(want) {
		t.Fatal("not JSON")
	}
	if *update {
		if err := os.WriteFile(luciFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile(luciFile); err != nil || !bytes.Equal(have, want) {
		t.Errorf("%s is not what the table of options says: go test ./uci -run Luci -update (%v)", luciFile, err)
	}
}
