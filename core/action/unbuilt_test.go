package action

import (
	"strings"
	"testing"

	"netifyd/core/config"
)

// A build without rules refuses a document that has one, and says where and
// what to do; one without rules is no error.
func TestUnbuilt(t *testing.T) {
	enabled := config.Default().Rules
	enabled.Enabled = true
	one := &Document{Path: "/etc/netifyd.toml", Rules: enabled, Actions: []config.Action{{Name: "games", Line: 7}}}
	set, _, err := unbuilt([]*Document{nil, one})
	if set != nil || err == nil || !strings.Contains(err.Error(), "/etc/netifyd.toml") || !strings.Contains(err.Error(), "7") ||
		!strings.Contains(err.Error(), "rule games: this build has no rules: take the package") {
		t.Errorf("%v %v", set, err)
	}
	off := &Document{Actions: one.Actions}
	set, _, err = unbuilt([]*Document{off, {Rules: enabled}})
	if err != nil || set == nil || !set.Empty() {
		t.Errorf("%v %v", set, err)
	}
}
