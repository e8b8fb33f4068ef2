package uci

import (
	"strings"

	"netifyd/core/config"
)

// Name is an option that only UCI has. All others are the keys of the TOML
// file: "config flows" and "option max" are flows.max.
type Name struct {
	Section string // type of the section
	Option  string
	List    bool
	Takes   string
	Default string
	Doc     string
	Init    bool // read by the start script, only checked here
}

// Names are those options in the order of docs/uci.md.
var Names = []Name{
	{Section: "netifyd", Option: "enabled", Takes: "1 or 0", Default: "0", Init: true, Doc: "Whether the service starts. The file that is installed says 1."},
	{Section: "netifyd", Option: "autoconfig", Takes: "1 or 0", Default: "1", Doc: "Capture on the devices of the networks lan and wan, beside those that are named."},
	{Section: "netifyd", Option: "internal_if", List: true, Takes: "device and flags", Doc: "Device towards your own network, with the flags -A, -F and -N of the command line behind it. As in netifyd 4."},
	{Section: "netifyd", Option: "external_if", List: true, Takes: "device and flags", Doc: "The same, towards the Internet."},
	{Section: "netifyd", Option: "options", List: true, Takes: "flags", Doc: "Flags of the command line. As in netifyd 4."},
	{Section: "netifyd", Option: "exclude", List: true, Takes: "address, prefix or MAC address", Doc: "The same as exclude of a capture section: whose packets are never looked at."},
	{Section: "netifyd", Option: "memory_limit", Takes: "size such as 24MiB", Init: true, Doc: "Memory at which the agent collects garbage harder (GOMEMLIMIT). Empty: a little more than the sum of its tables."},
	{Section: "netifyd", Option: "processors", Takes: "1 to 256", Init: true, Doc: "Processors that the agent uses at a time (GOMAXPROCS). Empty: all."},
	{Section: "netifyd", Option: "nice", Takes: "-20 to 19", Default: "0", Init: true, Doc: "Priority of the process; higher values give way."},
	{Section: "netifyd", Option: "jail", Takes: "1 or 0", Default: "1", Init: true, Doc: "Run as user netifyd in a jail of procd, where /sbin/ujail is. 0: without the jail; the agent then gives up its privileges itself."},
	{Section: "interface", Option: "device", Takes: "text", Doc: "The same as name."},
	{Section: "interface", Option: "network", Takes: "text", Doc: "Network of /etc/config/network, such as lan, in place of the name of its device. Its role is wan if its name begins so."},
	{Section: "network", Option: "name", Takes: "text", Doc: "A network of /etc/config/network. The start script writes these sections into its copy of the file."},
	{Section: "network", Option: "device", Takes: "text", Doc: "The device that the network has."},
	{Section: "network", Option: "auto", Takes: "1 or 0", Default: "0", Doc: "Capture there if autoconfig is on."},
}

// aliases are types of sections that stand for a table of another name.
var aliases = map[string]string{"stream": "listen", "rule": "action"}

// tableOf is the TOML table of a section's type; false if there is none.
func tableOf(kind string) (string, bool) {
	if table, ok := aliases[kind]; ok {
		return table, true
	}
	for i := range config.Options {
		if config.Options[i].Table == kind {
			return kind, true
		}
	}
	return "", false
}

// sectionOf is the type by which a table goes here.
func sectionOf(table string) string {
	for kind, t := range aliases {
		if t == table {
			return kind
		}
	}
	return table
}

// named is the option that only UCI has; nil if there is none.
func named(section, option string) *Name {
	for i := range Names {
		if Names[i].Section == section && Names[i].Option == option {
			return &Names[i]
		}
	}
	return nil
}

// kinds are all types of sections, each once.
func kinds() []string {
	var all []string
	add := func(kind string) {
		if len(all) == 0 || all[len(all)-1] != kind {
			all = append(all, kind)
		}
	}
	add("netifyd")
	for i := range config.Options {
		add(sectionOf(config.Options[i].Table))
	}
	return all
}

// optionsOf are the names of all options of a type of section.
func optionsOf(kind string) []string {
	var all []string
	for i := range Names {
		if Names[i].Section == kind {
			all = append(all, Names[i].Option)
		}
	}
	table, _ := tableOf(kind)
	for i := range config.Options {
		if config.Options[i].Table == table {
			all = append(all, config.Options[i].Name)
		}
	}
	return all
}

// hint says what an unknown word may have been meant to be.
func hint(word string, known []string) string {
	if best := config.Nearest(word, known); best != "" {
		return "did you mean " + best + "?"
	}
	return "want one of " + strings.Join(known, ", ")
}
