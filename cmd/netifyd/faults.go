package main

import (
	"errors"
	"fmt"
	"strings"

	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/query"
	"netifyd/detect/app"
	"netifyd/uci"
)

// faults says what is wrong with the text of a configuration, in TOML or in
// OpenWrt's form, for those who are about to save it.
func faults(text string, apps *app.Catalogue) (list []query.Fault) {
	cfg, warnings, err := parse(text)
	if err == nil {
		err = checkFilters(cfg)
	}
	if err == nil {
		err = checkPlan(engine.Total(engine.Plan(cfg, captures(cfg), apps)))
	}
	if err == nil {
		var odd []config.Warning
		odd, err = engine.CheckRules(cfg, apps, nil)
		warnings = append(warnings, odd...)
	}
	for _, w := range warnings {
		list = append(list, query.Fault{Place: placeOf(w.Path, w.Line), Text: w.Text, Warning: true})
	}
	var errs config.Errors
	switch {
	case errors.As(err, &errs):
		for _, e := range errs {
			list = append(list, query.Fault{Place: placeOf(e.Path, e.Line), Text: e.Text})
		}
	case err != nil:
		list = append(list, query.Fault{Text: err.Error()})
	}
	return list
}

// parse reads a configuration. The path is empty: it is in no file.
func parse(text string) (*config.Config, []config.Warning, error) {
	if !isUCI(text) {
		return config.Parse("", text)
	}
	f, err := uci.Parse("", text)
	if err != nil {
		return nil, nil, err
	}
	s, err := f.Settings()
	if err != nil {
		return nil, nil, err
	}
	return s.Config, s.Warnings, nil
}

// isUCI says that the first words are those of a file of OpenWrt.
func isUCI(text string) bool {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
			return words[0] == "config" || words[0] == "package"
		}
	}
	return false
}

// placeOf names a line of the text, or of another file.
func placeOf(path string, line int) string {
	switch {
	case line == 0:
		return path
	case path == "":
		return fmt.Sprintf("line %d", line)
	}
	return fmt.Sprintf("%s:%d", path, line)
}
