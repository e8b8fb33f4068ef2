package risk

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

// LuCI's page knows every risk by its number, as this package does.
func TestLuCIKnowsEveryRisk(t *testing.T) {
	text, err := os.ReadFile("../../openwrt/luci-app-netifyd/htdocs/luci-static/resources/netifyd/risks.js")
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\t(\d+): \[ _\('([^']+)'\), (\w+) \],?$`).FindAllStringSubmatch(string(text), -1) {
		said[m[1]] = m[2] + " " + m[3]
	}
	for i := range Rules {
		id := Rules[i].ID
		if want := id.Name() + " " + id.Severity().String(); said[fmt.Sprint(id)] != want {
			t.Errorf("risk %d: the page says %q, want %q", id, said[fmt.Sprint(id)], want)
		}
	}
	if len(said) != len(Rules) {
		t.Errorf("the page has %d risks, there are %d", len(said), len(Rules))
	}
}
