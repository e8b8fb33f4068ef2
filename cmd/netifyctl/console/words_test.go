package console

import (
	"strconv"
	"strings"
	"testing"

	"netifyd/core/alert"
	"netifyd/core/query"
	"netifyd/core/risk"
	"netifyd/detect/app"
)

// The console has words of its own, since it imports nothing of the agent. They
// are those of the agent.
func TestWordsAreTheAgents(t *testing.T) {
	for k := alert.Kind(0); ; k++ {
		id := kindName(k)
		if id == "" {
			break
		}
		for _, n := range []uint64{0, 1, 42} {
			a := alert.Alert{Kind: k, Value: n, Device: 1}
			r := row{cell: map[string]string{"alert": id, "name": "tv", "label": "netify.netflix", "value": strconv.FormatUint(n, 10), "interface": "eth0"}}
			if want := a.Text(alert.Words{Device: "tv", Label: "netflix", Iface: "eth0"}); alertText(&r) != want {
				t.Errorf("%s: %q, want %q", id, alertText(&r), want)
			}
		}
	}
	for id := range alertWords {
		if _, ok := alert.ParseKind(id); !ok && !strings.HasPrefix(id, "stream_") {
			t.Errorf("the agent has no alert %q", id)
		}
	}
	for id, text := range query.Remedies {
		if remedies[id] != text {
			t.Errorf("%s: %q, want %q", id, remedies[id], text)
		}
	}
	app.Default().Categories(func(id uint8, tag string) {
		if id > 0 && category(int(id)) != tag {
			t.Errorf("category %d is %q, want %q", id, category(int(id)), tag)
		}
	})
	for n := range risk.ID(64) {
		if n.Name() != "" && n.Name() != riskName(strconv.Itoa(int(n))) {
			t.Errorf("risk %d is %q", n, n.Name())
		}
	}
}

// kindName is the identifier of an alert; empty after the last one.
func kindName(k alert.Kind) (name string) {
	defer func() { _ = recover() }()
	return k.String()
}
