package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Commands of the command line. Those of netifyd that are flags there (-s, -V,
// -P, --dump-protos, …) are commands here too.
const (
	CommandRun            = "run"    // capture; the default
	CommandReplay         = "replay" // print the events of the files in Args
	CommandStatus         = "status" // say how the running agent does
	CommandFlows          = "flows"  // these ask a running agent; their flags are in Args
	CommandQuery          = "query"
	CommandTop            = "top"
	CommandDoctor         = "doctor"
	CommandUsage          = "usage"
	CommandDevices        = "devices"
	CommandHosts          = "hosts"
	CommandAlerts         = "alerts"
	CommandRules          = "rules"
	CommandRule           = "rule"
	CommandMetrics        = "metrics"
	CommandPlan           = "plan"         // print the bill of memory
	CommandCheckConfig    = "check-config" // read the configuration, say what is wrong
	CommandDumpProtocols  = "dump-protos"
	CommandDumpApps       = "dump-apps"
	CommandDumpRisks      = "dump-risks"
	CommandDumpCategories = "dump-categories"
	CommandDumpAll        = "dump-all"      // protocols, applications and categories
	CommandDumpCategory   = "dump-category" // of the kind in Args
	CommandDumpFiles      = "dump-files"    // write or print the files by which programs join numbers with names
	CommandProvision      = "provision"     // make the identifier where there is none
	CommandInformatics    = "informatics"   // switch uploads, of which there are none
	CommandLookup         = "lookup"        // application of the name or address in Args
	CommandShowUUID       = "show-uuid"
	CommandMakeUUID       = "make-uuid"
	CommandRestartKey     = "restart-key"
	CommandExportUCI      = "export-uci"
	CommandVersion        = "version"
	CommandHelp           = "help"
)

const (
	anyNumber = -1 // of a command's arguments
	asking    = -2 // the command asks an agent: all that follows it are its arguments, flags too
	maxSaid   = 40 // letters of an argument in a message
)

// Flags is what the command line says.
type Flags struct {
	Command    string      // one of the commands; CommandRun if none was given
	Args       []string    // files of replay, name or address of lookup
	ConfigPath string      // -c; empty: where Load looks
	UCIPath    string      // --uci: the configuration is read from this file of OpenWrt's instead
	Interfaces []Interface // -I, -E with their -A, -F, -N; in place of those of the file

	Debug         bool          // -d: messages of level debug
	Foreground    bool          // -d or -R; the agent never leaves the foreground, so it has no effect
	Verbose       int           // times -v was given; with -d or -R the flows are printed
	Quiet         bool          // replay -q: a summary instead of events
	Usage         bool          // replay --usage: who used what instead of events
	Format        string        // of what --usage prints: "table", "json" or "csv"; "": table
	Dialect       string        // replay --dialect; empty: 4
	WaitForClient bool          // begin when the first client is there
	SortByTag     bool          // dumps in the order of names instead of numbers
	NoConntrack   bool          // -t
	NoNetlink     bool          // -l: do not follow the addresses of interfaces
	Interval      time.Duration // -i; 0: as the file says

	Warnings []Warning // flags that were understood but have no effect
}

// command is one that can be given as a word.
type command struct {
	name     string
	args     string // of the usage text
	min, max int    // number of arguments
	doc      string
}

var commands = []command{
	{CommandRun, "", 0, 0, "capture and serve events; what is done without a command"},
	{CommandReplay, "FILE...", 1, anyNumber, "print the events of capture files, - is standard input; --dialect 3|4|5; -q and --usage print sums"},
	{CommandStatus, "[--json]", 0, asking, "say how the running agent is doing; exit 0: it runs, 1: it does not, 2: it has warnings"},
	{CommandTop, "[FILTER...]", 0, asking, "show who uses what as it changes; --view LIST, --interval SECONDS, --once, --json, --csv"},
	{CommandFlows, "[FILTER...]", 0, asking, "list the current flows; --sort COLUMN, --limit N, --json, --csv"},
	{CommandUsage, "", 0, asking, "say who used what; --by, --period, --step, --top, --format: docs/usage.md"},
	{CommandDevices, "[rename|same|forget DEVICE ...]", 0, asking, "list the devices; name, join or delete one; --sort COLUMN, --json, --csv"},
	{CommandHosts, "[DEVICE]", 0, asking, "list the servers with the most bytes of today; --application, --limit, --json, --csv"},
	{CommandAlerts, "", 0, asking, "list the newest alerts; --json"},
	{CommandRules, "[test|explain ...]", 0, asking, "say what the rules did; test 'EXPRESSION' [FILE], explain DIGEST: docs/actions.md"},
	{CommandRule, "pause|resume NAME [MINUTES]", 0, asking, "suspend a rule for some minutes, or resume it"},
	{CommandMetrics, "", 0, asking, "print counters in the text format of Prometheus; docs/usage.md says how to collect them"},
	{CommandQuery, "METHOD [JSON]", 0, asking, "ask any query of docs/query.md; netifyd query methods lists them"},
	{CommandDoctor, "", 0, asking, "check what the agent needs on this machine, and say what to do about what is missing"},
	{CommandPlan, "", 0, 0, "print how much memory the agent will take"},
	{CommandCheckConfig, "[FILE]", 0, 1, "check the configuration and report its errors"},
	{CommandDumpProtocols, "", 0, 0, "list the protocols"},
	{CommandDumpApps, "", 0, 0, "list the applications"},
	{CommandDumpRisks, "", 0, 0, "list the risks that are detected"},
	{CommandDumpCategories, "", 0, 0, "list the categories of applications and of protocols"},
	{CommandDumpCategory, "application|protocol", 1, 1, "list the categories of one kind"},
	{CommandDumpFiles, "DIR|NAME", 1, 1, "write the files of names and numbers that other programs read into DIR, or print one"},
	{CommandLookup, "NAME|ADDRESS", 1, 1, "say which application a host name or address belongs to"},
	{CommandRestartKey, "", 0, 0, "print a word that differs if another configuration needs a restart to take effect"},
	{CommandExportUCI, "", 0, 0, "print what the configuration changes, as a file for /etc/config on OpenWrt"},
	{CommandVersion, "", 0, 0, "print the version"},
	{CommandHelp, "[COMMAND]", 0, 1, "print this text, or what a command does"},
}

func findCommand(name string) *command {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i]
		}
	}
	return nil
}

// ParseFlags reads a command line without the program's name, in the manner of
// getopt_long: short flags may be joined (-dv), a value follows joined or as the
// next argument, a long flag takes it after = or as the next one, -- ends the
// flags. -A, -F and -N belong to the -I or -E before them. The error is one
// sentence.
func ParseFlags(args []string) (*Flags, error) {
	p := &parser{rest: args, flags: &Flags{}}
	for len(p.rest) > 0 {
		if err := p.argument(p.take()); err != nil {
			return nil, err
		}
		if p.help {
			return &Flags{Command: CommandHelp, Args: p.topic()}, nil
		}
	}
	if err := p.finish(); err != nil {
		return nil, err
	}
	return p.flags, nil
}

// parser walks over the arguments.
type parser struct {
	rest   []string
	flags  *Flags
	ended  bool   // after --
	byFlag string // flag that gave the command
	help   bool   // -h: whatever else the line says
}

// topic is the command that help is wanted on, if there is one.
func (p *parser) topic() []string {
	if p.flags.Command == "" || p.byFlag != "" {
		return nil
	}
	return []string{p.flags.Command}
}

func (p *parser) take() string {
	arg := p.rest[0]
	p.rest = p.rest[1:]
	return arg
}

func (p *parser) argument(arg string) error {
	switch {
	case p.ended || arg == "-" || !strings.HasPrefix(arg, "-"):
		return p.word(arg)
	case arg == "--":
		p.ended = true
		return nil
	case strings.HasPrefix(arg, "--"):
		return p.long(arg[2:])
	}
	return p.short(arg[1:])
}

// word is the command, if there is none yet, else its argument.
func (p *parser) word(arg string) error {
	if p.flags.Command != "" {
		p.flags.Args = append(p.flags.Args, arg)
		return nil
	}
	if findCommand(arg) == nil {
		var names []string
		for _, c := range commands {
			names = append(names, c.name)
		}
		if best := Nearest(arg, names); best != "" {
			return fmt.Errorf("unknown command %q: did you mean %s?", shortened(arg), best)
		}
		return fmt.Errorf("unknown command %q: want one of %s", shortened(arg), strings.Join(names, ", "))
	}
	p.flags.Command = arg
	if c := findCommand(arg); c.max == asking {
		p.flags.Args, p.rest = p.rest, nil
	}
	return nil
}

func (p *parser) long(arg string) error {
	name, value, given := strings.Cut(arg, "=")
	f := findLong(name)
	if f == nil {
		if best := Nearest(name, longNames()); best != "" {
			return fmt.Errorf("unknown flag --%s: did you mean --%s?", shortened(name), best)
		}
		return fmt.Errorf("unknown flag --%s: netifyd --help lists them", shortened(name))
	}
	switch {
	case f.value == "" && given:
		return fmt.Errorf("--%s takes no value: leave out %q", name, shortened("="+value))
	case f.otherwise != "" && !given:
		value = f.otherwise
		if len(p.rest) > 0 && strings.HasPrefix(p.rest[0], "/") {
			value = p.take()
		}
	case f.value != "" && !given && len(p.rest) == 0:
		return fmt.Errorf("--%s needs a value: --%s %s", name, name, f.value)
	case f.value != "" && !given:
		value = p.take()
	}
	return p.set(f, "--"+name, value)
}

func (p *parser) short(letters string) error {
	for i := range len(letters) {
		f := findShort(letters[i])
		if f == nil {
			return fmt.Errorf("unknown flag -%s: netifyd --help lists them", shortened(letters[i:]))
		}
		name := "-" + letters[i:i+1]
		if f.value == "" {
			if err := p.set(f, name, ""); err != nil {
				return err
			}
			continue
		}
		value := letters[i+1:]
		if value == "" {
			if len(p.rest) == 0 {
				return fmt.Errorf("%s needs a value: %s %s", name, name, f.value)
			}
			value = p.take()
		}
		return p.set(f, name, value)
	}
	return nil
}

func (p *parser) set(f *flagRow, name, value string) error {
	switch {
	case f.refused != "":
		return fmt.Errorf("%s: %s", name, f.refused)
	case f.ignored != "":
		p.flags.Warnings = append(p.flags.Warnings, Warning{Text: name + " is ignored: " + f.ignored})
		return nil
	case f.command == CommandHelp:
		p.help = true
		return nil
	case f.command != "":
		if p.byFlag != "" && p.flags.Command != f.command {
			return fmt.Errorf("%s and %s cannot go together: give one of them", p.byFlag, name)
		}
		if p.flags.Command != "" && p.byFlag == "" {
			return fmt.Errorf("%s cannot go with the command %s: give one of them", name, p.flags.Command)
		}
		p.flags.Command, p.byFlag = f.command, name
		if f.value != "" {
			p.flags.Args = append(p.flags.Args, value)
		}
		return nil
	}
	if err := f.set(p.flags, value); err != nil {
		return fmt.Errorf("%s %w", name, err)
	}
	return nil
}

// finish checks what only the whole line shows.
func (p *parser) finish() error {
	f := p.flags
	if f.Command == "" {
		f.Command = CommandRun
	}
	if f.UCIPath != "" && f.ConfigPath != "" {
		return fmt.Errorf("-c and --uci cannot go together: give one of them")
	}
	if f.Quiet && f.Command != CommandReplay {
		return fmt.Errorf("-q belongs to the command replay: netifyd replay -q FILE")
	}
	if (f.Usage || f.Format != "") && f.Command != CommandReplay {
		return fmt.Errorf("--usage and --format belong to the command replay: netifyd replay --usage FILE")
	}
	if f.Format != "" && !f.Usage || f.Usage && f.Quiet {
		return fmt.Errorf("--format belongs to --usage, and -q does not go with it: netifyd replay --usage --format json FILE")
	}
	if f.Dialect != "" && f.Command != CommandReplay {
		return fmt.Errorf("--dialect belongs to the command replay: netifyd replay --dialect %s FILE; the dialect of a listener is in the configuration", f.Dialect)
	}
	if c := findCommand(f.Command); c != nil {
		switch {
		case len(f.Args) < c.min:
			return fmt.Errorf("%s needs an argument: netifyd %s %s", c.name, c.name, c.args)
		case c.max >= 0 && len(f.Args) > c.max:
			return fmt.Errorf("%q is too much: netifyd %s", shortened(f.Args[c.max]), strings.TrimSpace(c.name+" "+c.args))
		}
	} else if len(f.Args) > 0 {
		return fmt.Errorf("%q is too much: %s takes no argument", shortened(f.Args[0]), p.byFlag)
	}
	if f.Command == CommandHelp && len(f.Args) == 1 && findCommand(f.Args[0]) == nil {
		return fmt.Errorf("help %q: there is no such command, netifyd --help lists them", shortened(f.Args[0]))
	}
	if f.Command == CommandDumpCategory && f.Args[0] != "application" && f.Args[0] != "protocol" {
		return fmt.Errorf("dump-category %q: want application or protocol", shortened(f.Args[0]))
	}
	if f.Command == CommandCheckConfig && len(f.Args) == 1 {
		if f.UCIPath != "" {
			return fmt.Errorf("%q is too much: --uci names the file already", shortened(f.Args[0]))
		}
		f.ConfigPath, f.Args = f.Args[0], nil
	}
	return nil
}

func shortened(s string) string {
	if r := []rune(s); len(r) > maxSaid {
		return string(r[:maxSaid]) + "…"
	}
	return s
}

// Apply puts the flags over what the file says, checks the whole and resolves
// it: after it c can be run. The error is Errors.
func Apply(f *Flags, c *Config) error {
	if len(f.Interfaces) > 0 {
		c.Interfaces = slices.Clone(f.Interfaces)
		maps.DeleteFunc(c.Lines, func(key string, _ int) bool { return strings.HasPrefix(key, "interface[") })
	}
	if f.Interval != 0 {
		c.UpdateInterval = f.Interval
	}
	if f.Debug {
		c.LogLevel = "debug"
	}
	if err := c.Validate(); err != nil {
		return err
	}
	c.Resolve()
	return nil
}
