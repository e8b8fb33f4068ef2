package schema

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netifyd/fleet/peer"
	"netifyd/fleet/store"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	server, err := peer.StartClickHouse(t.TempDir())
	if errors.Is(err, peer.ErrNone) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(server.Dir, "log"))
			t.Logf("the server says: %s", text[max(0, len(text)-4000):])
		}
	})
	return server.Store("netifyd")
}

// Files are applied once, and what was half done is done.
func TestMigrate(t *testing.T) {
	s := open(t)
	first, err := Migrate(t.Context(), s)
	if err != nil || len(first) == 0 {
		t.Fatal(first, err)
	}
	if again, err := Migrate(t.Context(), s); err != nil || len(again) != 0 {
		t.Errorf("applied twice: %v, %v", again, err)
	}
	for _, statement := range []string{"DROP TABLE alert_kept", "DROP TABLE migration"} {
		if _, err := s.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if again, err := Migrate(t.Context(), s); err != nil || !slices.Equal(again, first) {
		t.Errorf("%v, %v", again, err)
	}
	if _, err := s.Exec(t.Context(), "SELECT * FROM alert_kept"); err != nil {
		t.Error(err)
	}
}

// From each version, with rows in its tables, and from each statement at which
// a migration may have been interrupted, the newest is reached, and reached
// again; rows stay, and new ones are taken.
func TestMigrateFromEach(t *testing.T) {
	s := open(t)
	version, err := s.Exec(t.Context(), "SELECT version()")
	if err != nil {
		s.Database = ""
		if version, err = s.Exec(t.Context(), "SELECT version()"); err != nil {
			t.Fatal(err)
		}
	}
	all, err := Migrations(version)
	if err != nil {
		t.Fatal(err)
	}
	tables := ""
	for n, m := range all {
		for done := range len(m.Statements) + 1 {
			at := *s
			at.Database = fmt.Sprintf("from_%d_%d", n, done)
			if _, err := apply(t.Context(), &at, all[:n]); err != nil {
				t.Fatal(err)
			}
			for _, statement := range m.Statements[:done] {
				if _, err := at.Exec(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v\n%s", at.Database, err, statement)
				}
			}
			row := fmt.Sprintf(`{"start":%d,"agent":"A","device":"d","scope":"internet","label":"x","down":3,"version":1}`, time.Now().Unix()/3600*3600)
			before := n > 0 || done > 1
			if before {
				if err := at.Insert(t.Context(), "usage", []byte(row)); err != nil {
					t.Fatal(at.Database, err)
				}
			}
			for again := range 2 {
				applied, err := Migrate(t.Context(), &at)
				if err != nil || (again == 0) != slices.Contains(applied, m.Name) {
					t.Fatalf("%s: %v, %v", at.Database, applied, err)
				}
			}
			if err := at.Insert(t.Context(), "usage_in", []byte(strings.Replace(row, `"x"`, `"y"`, 1))); err != nil {
				t.Fatal(at.Database, err)
			}
			want := "3"
			if before {
				want = "6"
			}
			if sum, err := at.Exec(t.Context(), "SELECT sum(down) FROM usage FINAL"); err != nil || strings.TrimSpace(sum) != want {
				t.Errorf("%s: %s, %v, not %s", at.Database, sum, err, want)
			}
			made, err := at.Exec(t.Context(), "SHOW TABLES")
			if tables == "" {
				tables = made
			}
			if err != nil || made != tables {
				t.Errorf("%s: other tables: %s, %v", at.Database, made, err)
			}
			if _, err := at.Exec(t.Context(), "DROP DATABASE "+at.Database); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Partitions go by age, then by size, flows before usage.
func TestRetain(t *testing.T) {
	s := open(t)
	if _, err := Migrate(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	insert := func(table, row string, back int) {
		t.Helper()
		at := now.AddDate(0, 0, -back)
		row = strings.NewReplacer("SECONDS", fmt.Sprint(at.Unix()), "MILLIS", fmt.Sprint(at.UnixMilli())).Replace(row)
		if err := s.Insert(t.Context(), table, []byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	for _, back := range []int{0, 1, 2, 40} {
		insert("flow", `{"first":MILLIS,"last":MILLIS,"agent":"A","digest":"d"}`, back)
	}
	for _, back := range []int{0, 60, 500} {
		insert("usage", `{"start":SECONDS,"agent":"A","device":"d","down":1}`, back)
	}
	stamp := func(back int) string { return "flow " + now.AddDate(0, 0, -back).Format("20060102") }
	month := func(back int) string { return "usage " + now.AddDate(0, 0, -back).Format("200601") }
	dropped, err := Retain(t.Context(), s, Defaults, now)
	slices.Sort(dropped)
	if want := []string{stamp(40), month(500)}; err != nil || !slices.Equal(dropped, want) {
		t.Errorf("by age: %v, %v; want %v", dropped, err, want)
	}
	dropped, err = Retain(t.Context(), s, Limits{Bytes: 1}, now)
	if want := []string{stamp(2), stamp(1), month(60)}; err == nil || !slices.Equal(dropped, want) {
		t.Errorf("by size: %v, %v; want %v", dropped, err, want)
	}
	if n, _ := s.Exec(t.Context(), "SELECT count() FROM flow"); strings.TrimSpace(n) != "1" {
		t.Errorf("%s rows are left of today", n)
	}
}

// A current server gets types, codecs and limits of time that one of 2018 does
// not have; neither is left with a piece of the template.
func TestVersions(t *testing.T) {
	for version, has := range map[string]bool{"18.16.1": false, "24.8.4.13": true, "20.3.1": true} {
		all, err := Migrations(version)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(all)
		for _, word := range []string{"LowCardinality", "DateTime64", "CODEC", "TTL"} {
			if strings.Contains(text, word) != has {
				t.Errorf("%s: %s: %v", version, word, !has)
			}
		}
		if strings.Contains(text, "{{") || strings.Contains(text, "--") {
			t.Errorf("%s: %s", version, text)
		}
	}
	if _, err := Migrations("new"); err == nil {
		t.Error("a version that is none is taken")
	}
}
