package action

import (
	"errors"
	"fmt"
	"os"

	"netifyd/core/config"
	"netifyd/core/file"
)

// JSONPath is the file of rules in the original's form; empty: there is none.
func JSONPath(c *config.Config) string {
	switch c.Rules.File {
	case "none":
		return ""
	case "":
		for _, path := range []string{file5, file4} {
			if _, err := os.Stat(path); err == nil {
				return path
			}
		}
		return ""
	}
	return c.Rules.File
}

// Wanted says that a configuration may have rules.
func Wanted(c *config.Config) bool {
	return c.Rules.Enabled && (len(c.Actions) > 0 || JSONPath(c) != "")
}

// Documents are the rules of a configuration: its own, and those of the file of
// JSON. An error is about the latter only.
func Documents(c *config.Config) (own, other *Document, warnings []config.Warning, err error) {
	own = &Document{Path: c.Path, Lines: c.Lines, Rules: c.Rules, Actions: c.Actions, Targets: c.Targets, Groups: c.Groups}
	if own.Rules.Timezone == "" {
		own.Rules.Timezone = c.Usage.Timezone
	}
	path := JSONPath(c)
	if path == "" || !c.Rules.Enabled {
		return own, nil, nil, nil
	}
	if !Built {
		return own, nil, nil, config.Errors{{Path: path, Text: ErrUnbuilt.Error()}}
	}
	text, err := file.Read(path, maxFile)
	if p := (*os.PathError)(nil); errors.As(err, &p) {
		err = p.Err
	}
	if err != nil {
		return own, nil, nil, config.Errors{{Path: path, Text: fmt.Sprintf("rules cannot be read: %v: correct actions.file, or write none", err)}}
	}
	other, warnings, err = ReadJSON(path, text)
	if other != nil && other.Rules.Timezone == "" {
		other.Rules.Timezone = own.Rules.Timezone
	}
	return own, other, warnings, err
}
