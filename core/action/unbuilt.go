package action

import (
	"errors"
	"fmt"

	"netifyd/core/config"
)

// ErrUnbuilt is what a build says to whoever asks for rules that has none.
var ErrUnbuilt = errors.New("this build has no rules: take the package netifyd-go for netifyd-go-tiny, or take the rules out of the configuration")

// unbuilt is Compile where there are no rules: an error for each document that has one.
func unbuilt(documents []*Document) (*Set, []config.Warning, error) {
	var errs config.Errors
	for _, d := range documents {
		if d != nil && d.Rules.Enabled && len(d.Actions) > 0 {
			a := &d.Actions[0]
			errs = append(errs, &config.Error{Path: d.Path, Line: a.Line, Text: fmt.Sprintf("rule %s: %v", cut(a.Name), ErrUnbuilt)})
		}
	}
	if len(errs) > 0 {
		return nil, nil, errs
	}
	return &Set{groups: newGroups()}, nil, nil
}
