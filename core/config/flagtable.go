package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// flagRow is one flag of the command line. Exactly one of set, command, ignored
// and refused says what it does.
type flagRow struct {
	letter    byte     // 0: none
	names     []string // long forms, the first is the one that is shown
	value     string   // name of its value; "": takes none
	otherwise string   // value where none is given; "": it must be given
	set       func(f *Flags, value string) error
	command   string // command that it stands for
	ignored   string // why it has no effect
	refused   string // why it cannot be had
	doc       string // of the usage text; "": left out there
}

func yes(field func(*Flags) *bool) func(*Flags, string) error {
	return func(f *Flags, _ string) error { *field(f) = true; return nil }
}

const (
	noUpload  = "there is no upload"
	oneThread = "threads are not bound to processors"
	noLogFile = "events are read from a listener"
)

var flagTable = []flagRow{
	{letter: 'I', names: []string{"internal"}, value: "IF[,FILE]", set: addInterface(LAN),
		doc: "capture on IF, which is towards your own network; with FILE, read that capture instead"},
	{letter: 'E', names: []string{"external"}, value: "IF[,FILE]", set: addInterface(WAN), doc: "the same, towards the Internet"},
	{letter: 'A', names: []string{"device-address"}, value: "ADDRESS", doc: "address or prefix that is local on the interface before it; may be repeated",
		set: func(f *Flags, v string) error {
			if !isNetwork(v) {
				return fmt.Errorf("%q: want an address such as 192.0.2.1 or a prefix such as 192.0.2.0/24", shortened(v))
			}
			return last(f, func(i *Interface) { i.Addresses = append(i.Addresses, v) })
		}},
	{letter: 'F', names: []string{"device-filter"}, value: "FILTER", doc: "packets to look at on the interface before it, as for tcpdump",
		set: func(f *Flags, v string) error { return last(f, func(i *Interface) { i.Filter = v }) }},
	{letter: 'N', names: []string{"device-peer", "device-netlink"}, value: "IF", doc: "device whose addresses belong to the interface before it",
		set: func(f *Flags, v string) error { return last(f, func(i *Interface) { i.Peer = v }) }},
	{letter: 't', names: []string{"disable-conntrack"}, set: yes(func(f *Flags) *bool { return &f.NoConntrack }), doc: "do not ask conntrack"},
	{letter: 'l', names: []string{"disable-netlink"}, set: yes(func(f *Flags) *bool { return &f.NoNetlink }), doc: "do not follow the addresses of interfaces"},
	{letter: 'c', names: []string{"config"}, value: "FILE", doc: "configuration; default " + DefaultPath + ", else " + LegacyPath,
		set: func(f *Flags, v string) error {
			if v == "" {
				return errors.New("is empty: want the path of a configuration")
			}
			f.ConfigPath = v
			return nil
		}},
	{names: []string{"uci"}, value: "FILE", otherwise: UCIPath, doc: "configuration in OpenWrt's form in place of -c; default " + UCIPath,
		set: func(f *Flags, v string) error {
			if v == "" {
				return errors.New("is empty: want the path of a configuration")
			}
			f.UCIPath = v
			return nil
		}},
	{letter: 'i', names: []string{"interval"}, value: "TIME", doc: "time between two agent_status events, in seconds or as 1m30s",
		set: func(f *Flags, v string) error {
			o := Find("agent", "update_interval")
			d, ok := parseDuration(v)
			if !ok || !o.within(int64(d)) {
				return fmt.Errorf("%q: want %s", shortened(v), o.Want())
			}
			f.Interval = d
			return nil
		}},
	{letter: 'd', names: []string{"debug"}, doc: "say more, stay in the foreground",
		set: func(f *Flags, _ string) error { f.Debug, f.Foreground = true, true; return nil }},
	{letter: 'v', names: []string{"verbose"}, set: func(f *Flags, _ string) error { f.Verbose++; return nil }, doc: "with -d or -R: print a line for each flow"},
	{letter: 'R', names: []string{"remain-in-foreground"}, set: yes(func(f *Flags) *bool { return &f.Foreground }), doc: "stay in the foreground"},
	{names: []string{"wait-for-client"}, set: yes(func(f *Flags) *bool { return &f.WaitForClient }), doc: "begin when the first client is there"},
	{letter: 'q', names: []string{"quiet"}, set: yes(func(f *Flags) *bool { return &f.Quiet })},
	{names: []string{"dialect"}, value: "3|4|5", set: func(f *Flags, v string) error {
		o := Find("listen", "dialect")
		if o.choice(v) < 0 {
			return fmt.Errorf("%q: want %s", shortened(v), o.Want())
		}
		f.Dialect = v
		return nil
	}},

	{names: []string{"usage"}, set: yes(func(f *Flags) *bool { return &f.Usage }), doc: "with replay: print who used what instead of events"},
	{names: []string{"format"}, value: "FORMAT", doc: "of --usage: table, json or csv",
		set: func(f *Flags, v string) error {
			if v != "table" && v != "json" && v != "csv" {
				return fmt.Errorf("%q: want table, json or csv", shortened(v))
			}
			f.Format = v
			return nil
		}},

	{letter: 's', names: []string{"status"}, command: CommandStatus, doc: "as the command status"},
	{letter: 'P', names: []string{"dump-all"}, command: CommandDumpAll, doc: "list protocols, applications and categories"},
	{names: []string{"dump-protos", "dump-protocols"}, command: CommandDumpProtocols},
	{names: []string{"dump-apps", "dump-applications"}, command: CommandDumpApps},
	{names: []string{"dump-risks"}, command: CommandDumpRisks},
	{names: []string{"dump-categories"}, command: CommandDumpCategories},
	{names: []string{"dump-category"}, value: "application|protocol", command: CommandDumpCategory},
	{names: []string{"dump-sort-by-tag"}, set: yes(func(f *Flags) *bool { return &f.SortByTag }), doc: "lists in the order of names"},
	{names: []string{"lookup-ip"}, value: "ADDRESS", command: CommandLookup},
	{letter: 'u', names: []string{"uuid"}, command: CommandShowUUID, doc: "print the agent's identifier"},
	{letter: 'U', names: []string{"uuidgen"}, command: CommandMakeUUID, doc: "make a new identifier in place of the agent's, and print it"},
	{letter: 'p', names: []string{"provision"}, command: CommandProvision, doc: "make the agent's identifier where there is none, and print it"},
	{letter: 'V', names: []string{"version"}, command: CommandVersion, doc: "as the command version"},
	{letter: 'h', names: []string{"help"}, command: CommandHelp, doc: "print this text"},

	{letter: 'e', names: []string{"debug-ether-names"}, ignored: "names of Ethernet addresses are not printed"},
	{letter: 'n', names: []string{"debug-ndpi"}, ignored: "there is no such library"},
	{letter: 'D', names: []string{"debug-uploads"}, ignored: noUpload},
	{names: []string{"enable-sink"}, ignored: noUpload + "; read the events from a listener"},
	{names: []string{"disable-sink"}, ignored: noUpload + ", so there is nothing to switch off"},
	{names: []string{"enable-informatics"}, command: CommandInformatics, doc: "accepted from scripts; does nothing, since nothing is uploaded"},
	{names: []string{"disable-informatics"}, command: CommandInformatics, doc: "the same"},
	{letter: 'f', names: []string{"ndpi-config", "sink-config"}, value: "FILE", ignored: "applications are read from the directory applications.dir"},
	{letter: 'r', names: []string{"replay-delay"}, ignored: "files are read at full speed"},
	{letter: 'j', names: []string{"json"}, value: "FILE", ignored: noLogFile},
	{letter: 'T', names: []string{"test-output"}, value: "FILE", ignored: noLogFile + "; netifyd replay FILE prints those of a file"},
	{names: []string{"thread-capture-base"}, value: "CPU", ignored: oneThread},
	{names: []string{"thread-conntrack"}, value: "CPU", ignored: oneThread},
	{names: []string{"thread-detection-base"}, value: "CPU", ignored: oneThread},
	{names: []string{"thread-detection-cores"}, value: "N", ignored: oneThread + "; capture.shards divides the work"},
	{names: []string{"thread-sink"}, value: "CPU", ignored: oneThread},
	{names: []string{"thread-socket"}, value: "CPU", ignored: oneThread},

	{names: []string{"force-reset"}, refused: noUpload + ", so there is nothing to reset"},
	{names: []string{"export-apps"}, refused: "use the command dump-apps"},
	{letter: 'S', names: []string{"hash-file"}, value: "FILE", refused: "files are not hashed here: use sha1sum"},
}

func addInterface(role Role) func(*Flags, string) error {
	return func(f *Flags, v string) error {
		name, file, replay := strings.Cut(v, ",")
		if name == "" || replay && file == "" {
			return fmt.Errorf("%q: want the name of a device, or a name and a capture file as in lo,capture.pcap", shortened(v))
		}
		f.Interfaces = append(f.Interfaces, Interface{Name: name, File: file, Role: role})
		return nil
	}
}

// last changes the interface that was named last.
func last(f *Flags, change func(*Interface)) error {
	if len(f.Interfaces) == 0 {
		return errors.New("belongs to an interface: put it behind -I or -E")
	}
	change(&f.Interfaces[len(f.Interfaces)-1])
	return nil
}

func findShort(letter byte) *flagRow {
	for i := range flagTable {
		if letter != 0 && flagTable[i].letter == letter {
			return &flagTable[i]
		}
	}
	return nil
}

func findLong(name string) *flagRow {
	for i := range flagTable {
		if slices.Contains(flagTable[i].names, name) {
			return &flagTable[i]
		}
	}
	return nil
}

func longNames() []string {
	var names []string
	for _, f := range flagTable {
		names = append(names, f.names...)
	}
	return names
}

// ownFlags are the flags that belong to one command, which the text on all
// commands leaves out or marks.
var ownFlags = map[string][]struct{ flag, doc string }{
	CommandReplay: {
		{"--dialect 3|4|5", "print the lines of this dialect; default 4"},
		{"-q, --quiet", "print no events, only a summary of each file: for measuring"},
		{"--usage", "print who used what instead of events"},
		{"--format table|json|csv", "of --usage; default table"},
	},
	CommandRun:         {{"-I IF, -E IF, ...", "netifyd --help lists the flags"}},
	CommandCheckConfig: {{"-c FILE, --uci[=FILE]", "the configuration, where it is not named as FILE"}},
}

// UsageOf is the text of --help behind a command.
func UsageOf(name string) string {
	c := findCommand(name)
	var b strings.Builder
	fmt.Fprintf(&b, "    netifyd %s\n\n%s\n", strings.TrimSpace(c.name+" "+c.args), c.doc)
	if own := ownFlags[name]; len(own) > 0 {
		b.WriteString("\nFlags:\n")
		for _, f := range own {
			explain(&b, f.flag, f.doc)
		}
	}
	return b.String()
}

// explain writes a line of the help; a name that is too long for its column has one alone.
func explain(b *strings.Builder, name, doc string) {
	const column = 28
	if len(name) > column {
		name = fmt.Sprintf("%s\n  %*s", name, column, "")
	}
	fmt.Fprintf(b, "  %-*s %s\n", column, name, doc)
}

// Usage is the text of --help; it ends in a line feed.
func Usage() string {
	var b strings.Builder
	b.WriteString("netifyd: says which protocols and applications cross this machine's interfaces, as a stream of JSON\n\n" +
		"    netifyd [FLAGS] [COMMAND]\n\nCommands:\n")
	for _, c := range commands {
		explain(&b, strings.TrimSpace(c.name+" "+c.args), c.doc)
	}
	b.WriteString("\nFlags:\n")
	for _, f := range flagTable {
		if f.doc == "" {
			continue
		}
		name := "    --" + f.names[0]
		if f.letter != 0 {
			name = "-" + string(rune(f.letter)) + ", --" + f.names[0]
		}
		explain(&b, strings.TrimRight(name+" "+f.value, " "), f.doc)
	}
	b.WriteString("\nSignals: HUP reads configuration and applications again, INT and TERM end the agent,\nUSR1 and USR2 start and stop the capture.\n")
	return b.String()
}
