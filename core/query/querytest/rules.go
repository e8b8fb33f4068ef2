package querytest

import (
	"errors"
	"strings"
	"time"

	"netifyd/core/action"
	"netifyd/core/query"
)

// Rules are two rules and a target. They note what is asked of them.
type Rules struct{ Paused map[string]time.Duration }

func (r *Rules) List(int64) []action.RuleStatus {
	return []action.RuleStatus{
		{Name: "night", Criteria: "ac:games", Enabled: true, Active: true, Targets: []string{"blocked"}, Times: []string{"20:00-07:00"}, Hits: 7, Living: 2, Last: 990, Elements: 2},
		{Name: "tv", Criteria: "device == 'tv'", Enabled: true, Paused: 1060, Targets: []string{"blocked"}, Elements: 2},
	}
}

func (r *Rules) Targets() []action.TargetStatus {
	return []action.TargetStatus{{Name: "blocked", Type: "nftset", Open: true, Count: action.Count{Elements: 2, Added: 7, Removed: 5}, Syncs: 1, Errors: 1, Error: "set is full", Last: "set is full", At: 980}}
}

func (r *Rules) Lost() uint64 { return 3 }

func (r *Rules) Pause(rule string, d time.Duration) error {
	if rule != "night" {
		return errors.New("rule: there is no such rule")
	}
	r.Paused[rule] = d
	return nil
}

// Try knows one expression: part of a host's name. Those of "nosuch" are unknown.
func (r *Rules) Try(criteria string) (fits func(*query.Flow) bool, warnings []string, err error) {
	if criteria == "" || strings.Contains(criteria, "=") {
		return nil, nil, errors.New("criteria: column 1: want a field")
	}
	if strings.Contains(criteria, "nosuch") {
		warnings = []string{"nosuch never matches"}
	}
	return func(f *query.Flow) bool { return strings.Contains(string(f.View.Host(f.Rec)), criteria) }, warnings, nil
}

func (r *Rules) Explain(f *query.Flow, say func(rule, part string, holds bool)) {
	say("night", "ac:games", false)
	say("night", "criteria", false)
	say("night", "matches", false)
	say("", "told blocked", true)
}
