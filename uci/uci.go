// Package uci reads the configuration files of OpenWrt, and makes of
// /etc/config/netifyd what the agent's TOML file makes: a config.Config.
//
//	words.go    text → words of a line
//	parse.go    words → File, Section, Option
//	lookup.go   @type[-1], values
//	write.go    File → text
//	settings.go File → config.Config; names.go has what only UCI calls by that name
//	legacy.go   the options of the package netifyd 4
//	export.go   config.Config → File
//
// The language is that of the uci program (openwrt.org, "The UCI system"), as
// it was seen to behave: see docs/uci.md.
package uci

import "netifyd/core/config"

// DefaultPath is the agent's configuration on OpenWrt.
const DefaultPath = "/etc/config/netifyd"

// File is what one file holds.
type File struct {
	Path     string    // serves messages
	Package  string    // of a "package" line; "" without one
	Sections []Section // in the order of the file
	Warnings []config.Warning
}

// Section is one "config" and its options.
type Section struct {
	Type    string
	Name    string // "" for an anonymous section
	Line    int    // from 1
	Options []Option
}

// Option is one option of a section, a list if it was written as one.
type Option struct {
	Name   string
	List   bool
	Values []string // one unless List; never none
	Lines  []int    // of each value
}

// Value is the value of an option, the last of a list.
func (o *Option) Value() string { return o.Values[len(o.Values)-1] }

// Line is where the value stands, from 1.
func (o *Option) Line() int { return o.Lines[len(o.Lines)-1] }

// Read reads the file path, all of it or nothing. The error is config.Errors.
func Read(path string) (*File, error) {
	text, err := config.ReadFile(path)
	if err != nil {
		return nil, config.Errors{{Path: path, Text: err.Error()}}
	}
	return Parse(path, text)
}
