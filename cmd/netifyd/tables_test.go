package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The files by which programs join numbers with names are as those programs
// read them, and name what the stream says.
func TestDumpFiles(t *testing.T) {
	dir := t.TempDir()
	if _, errs, code := run1(t, "-c", bare, "dump-files", dir); code != 0 || errs != "" {
		t.Fatalf("exit %d: %s", code, errs)
	}
	text := map[string]string{}
	for _, f := range tableFiles {
		b, err := os.ReadFile(filepath.Join(dir, f.name))
		if err != nil {
			t.Fatal(err)
		}
		text[f.name] = string(b)
		if out, _, code := run1(t, "-c", bare, "dump-files", f.name); code != 0 || out != string(b) {
			t.Errorf("%s: printed is another text than written", f.name)
		}
	}
	read := func(name string, v any) {
		t.Helper()
		if err := json.Unmarshal([]byte(text[name]), v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}

	// As netifyd 4 and 5 and the library of NethSecurity read it: names of categories, pairs of a category and numbers.
	var cats struct {
		AppTags   map[string]int       `json:"application_tag_index"`
		Apps      [][2]json.RawMessage `json:"application_index"`
		ProtoTags map[string]int       `json:"protocol_tag_index"`
		Protos    [][2]json.RawMessage `json:"protocol_index"`
		ByApp     map[string]int       `json:"applications"` // the firewall agent of netifyd 3
		ByProto   map[string]int       `json:"protocols"`
	}
	read("netify-categories.json", &cats)
	in := func(pairs [][2]json.RawMessage, id int) (cat int) {
		for _, p := range pairs {
			var c int
			var ids []int
			if json.Unmarshal(p[0], &c) != nil || json.Unmarshal(p[1], &ids) != nil {
				t.Fatal("no pair")
			}
			for _, i := range ids {
				if i == id {
					cat = c
				}
			}
		}
		return cat
	}
	if cats.AppTags["streaming-media"] != 29 || in(cats.Apps, 133) != 29 || cats.ByApp["133"] != 29 {
		t.Errorf("Netflix: %d, %d, %d", cats.AppTags["streaming-media"], in(cats.Apps, 133), cats.ByApp["133"])
	}
	if cats.ProtoTags["web"] != 22 || in(cats.Protos, 196) != 22 || cats.ByProto["196"] != 22 || in(cats.Protos, 0) != 1 {
		t.Errorf("HTTPS: %d, %d", cats.ProtoTags["web"], in(cats.Protos, 196))
	}

	type entry struct {
		ID         int
		Tag, Label string
	}
	var data struct {
		Applications, Protocols map[string]entry
		ApplicationTags         map[string]int   `json:"application_tags"`
		ProtocolTags            map[string]int   `json:"protocol_tags"`
		AppCategory             map[string]entry `json:"application_category"`
		AppCategoryTags         map[string]int   `json:"application_category_tags"`
		ProtoCategory           map[string]entry `json:"protocol_category"`
		ProtoCategoryTags       map[string]int   `json:"protocol_category_tags"`
	}
	read("app-proto-data.json", &data)
	if data.Applications["133"].Label != "Netflix" || data.ApplicationTags["netify.netflix"] != 133 || data.Protocols["196"].Tag != "http-s" ||
		data.ProtocolTags["quic"] != 188 || data.AppCategory["29"].Label != "Streaming Media" || data.AppCategoryTags["mail"] != 15 ||
		data.ProtoCategory["22"].Tag != "web" || data.ProtoCategoryTags["vpn"] != 21 {
		t.Errorf("%+v", data.Applications["133"])
	}

	// Rules of the time of netifyd 3 call protocols by the tags of then.
	for tag, id := range map[string]int{"https": 196, "ssl": 91, "smb": 16, "ftp-control": 1, "postgresql": 19, "jabber": 67, "microsoft-sql-server": 114} {
		if data.ProtocolTags[tag] != id {
			t.Errorf("%s: %d", tag, data.ProtocolTags[tag])
		}
	}
	for tag, id := range data.ProtocolTags {
		if _, ok := data.Protocols[strconv.Itoa(id)]; !ok {
			t.Errorf("%s is %d, which is no protocol", tag, id)
		}
	}

	var apps, protocols []entry
	read("netify-application-catalog.json", &apps)
	read("netify-protocol-catalog.json", &protocols)
	if len(apps) < 3000 || len(protocols) < 200 || protocols[0] != (entry{0, "unclassified", "Unclassified"}) {
		t.Errorf("%d applications, %d protocols, %v", len(apps), len(protocols), protocols[0])
	}
	seen := map[string]bool{}
	for _, p := range protocols {
		if seen[p.Tag] || p.Tag == "" {
			t.Errorf("two protocols have the tag %q", p.Tag)
		}
		seen[p.Tag] = true
	}

	// A library reads it by lines that begin with app.
	n := 0
	for l := range strings.Lines(text["netify-apps.conf"]) {
		if f := strings.Split(strings.TrimSpace(l), ":"); f[0] == "app" && len(f) == 3 {
			n++
		} else if l[0] != '#' {
			t.Errorf("%q", l)
		}
	}
	if n != len(apps) {
		t.Errorf("%d applications, not %d", n, len(apps))
	}
	if _, errs, code := run1(t, "-c", bare, "dump-files", "/nonexistent"); code == 0 || !strings.Contains(errs, "want a directory that is there") {
		t.Errorf("exit %d: %s", code, errs)
	}
}
