package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// unwanted must not be linked into the agent, each for its reason.
var unwanted = map[string]string{
	"github.com/google/gopacket/layers":   "8 MB of memory at start: only the tests' oracle",
	"github.com/google/gopacket/pcapgo":   "pulls in layers",
	"github.com/google/gopacket/afpacket": "needs cgo: only with the tag gopacket",
	"net/http":                            "2.5 MB on mipsle, and the agent calls nobody",
	"crypto/tls":                          "the agent reads hellos, it speaks no TLS",
	"crypto/x509":                         "certificates are read by detect/internal/x509min",
	"text/template":                       "keeps every method of every type linked",
	"html/template":                       "keeps every method of every type linked",
	"os/exec":                             "no external commands",
	"testing":                             "belongs to tests",

	// What netifyctl is written with.
	"github.com/eclipse/paho.golang/paho":            "netifyctl's",
	"github.com/eclipse/paho.mqtt.golang":            "netifyctl's",
	"github.com/gdamore/tcell/v2":                    "netifyctl's",
	"github.com/klauspost/compress/zstd":             "netifyctl's",
	"github.com/prometheus/client_golang/prometheus": "netifyctl's",
	"github.com/twmb/franz-go/pkg/kgo":               "netifyctl's",
}

func TestNotLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range strings.Fields(string(out)) {
		if why, bad := unwanted[p]; bad {
			t.Errorf("%s is linked: %s", p, why)
		}
	}
}

// allowed says what a folder of the project may import of the project. What
// is not named may not be imported; tests may import anything.
var allowed = map[string]string{
	"core":                  "",
	"core/evidence":         "",
	"core/version":          "",
	"core/glyph":            "",
	"core/wire":             "",
	"core/proto":            "",
	"core/attr":             "",
	"core/calendar":         "",
	"core/config":           "core core/calendar core/proto core/risk",
	"core/file":             "",
	"core/risk":             "core/attr core/proto",
	"core/expr":             "core/proto core/risk",
	"core/packet":           "core core/wire",
	"core/flow":             "core/packet core/proto",
	"core/hint":             "",
	"core/device":           "core/file core/glyph core/proto core/wire",
	"core/alert":            "core/glyph",
	"core/usage":            "core/calendar core/device core/file core/flow core/proto",
	"core/netlink":          "",
	"core/conntrack":        "core core/netlink",
	"core/action":           "core core/calendar core/config core/expr core/file core/proto",
	"core/action/elements":  "",
	"core/action/*":         "core core/action core/action/connection core/action/elements core/conntrack core/file core/netlink",
	"core/event":            "core/attr core/conntrack core/flow core/packet core/proto core/risk",
	"core/event/eventtest":  "",
	"core/capture/pcapfile": "core",
	"core/capture/filter":   "core",
	"core/capture/bpf":      "core core/capture/filter",
	"core/sink":             "core core/event core/expr",
	"core/query":            "core/action core/version core/alert core/device core/event core/flow core/proto core/query/filter core/risk core/usage",
	"core/query/client":     "",
	"core/query/filter":     "core/risk",
	"core/query/control":    "core/query",
	"core/query/ubus":       "core/query",
	"core/query/panetest":   "",
	"core/query/querytest":  "core/action core/alert core/flow core/proto core/query core/risk core/usage",
	"core/sink/socket":      "core/config",
	"core/engine":           "core core/action core/action/* core/alert core/attr core/calendar core/capture/pcapfile core/config core/conntrack core/device core/event core/evidence core/expr core/file core/flow core/hint core/packet core/proto core/query core/query/control core/query/ubus core/risk core/sink core/sink/socket core/usage detect detect/app",
	"afpacket":              "core core/capture/filter",
	"detect":                "core/attr core/proto core/wire detect/internal/*",
	"detect/internal/*":     "core/attr core/proto core/wire detect/internal/*",
	"detect/app":            "core/expr core/proto detect/app/*",
	"detect/app/*":          "core/expr core/proto detect/app detect/app/*",
	"uci":                   "core/config",
	"cmd/netifyd":           "*",
	"cmd/netifyctl":         "cmd/netifyctl/* core/query/client core/version",
	"cmd/netifyctl/*":       "cmd/netifyctl/* core/event core/query/client core/version",
	// What the console shows in words is named in one place: alerts, risks, filters.
	"cmd/netifyctl/console": "core/alert core/glyph core/query/client core/query/filter core/risk core/version",
	"cmd/netifyctl/web":     "cmd/netifyctl/metrics core/query/client core/version openwrt/*",
	"openwrt/*":             "",
}

func rule(dir string) (string, bool) {
	if r, ok := allowed[dir]; ok {
		return r, true
	}
	for pattern, r := range allowed {
		if base, ok := strings.CutSuffix(pattern, "/*"); ok && strings.HasPrefix(dir, base+"/") {
			return r, true
		}
	}
	return "", false
}

func permits(rule, path string) bool {
	for _, r := range strings.Fields(rule) {
		if base, wild := strings.CutSuffix(r, "*"); r == path || wild && strings.HasPrefix(path, base) {
			return true
		}
	}
	return false
}

func TestImportsGoOneWay(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(root, path)
		if err != nil || d.IsDir() {
			switch rel {
			case "testdata", "cross", "fleet", ".git", "build":
				return fs.SkipDir // programs of their own
			}
			return err
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		if f.Name.Name == "main" && !strings.HasPrefix(rel, "cmd/") {
			return nil // a generator
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		may, known := rule(dir)
		if !known {
			t.Errorf("%s: no rule says what it may import", dir)
		}
		for _, imp := range f.Imports {
			p, _ := strconv.Unquote(imp.Path.Value)
			if own, ok := strings.CutPrefix(p, "netifyd/"); ok {
				checked++
				if !permits(may, own) {
					t.Errorf("%s imports %s: imports go one way (%s may import: %s)", rel, p, dir, may)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 100 {
		t.Errorf("only %d imports checked", checked)
	}
}
