package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"

	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/proto"
	"netifyd/core/risk"
	"netifyd/detect/app"
	"netifyd/uci"
)

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version() }

// printVersion prints the version for people, and in the form that scripts
// look for in netifyd's answer.
func printVersion() {
	fmt.Printf("netifyd %s %s\nNetify Agent/%s (%s; %s)\n", version, platform(), version, runtime.GOOS, runtime.GOARCH)
	fmt.Printf("applications of %s\n", app.Builtin())
}

// list is identifiers and names of one kind.
type list struct {
	title string
	rows  []row
}

type row struct {
	id  uint64
	tag string
}

// dump lists identifiers and names, the identifier right-aligned to six
// places, as netifyd does. Categories of applications and protocols have the
// same numbers for other things, so a title parts them.
func dump(f *config.Flags, cfg *config.Config) error {
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	protocols, applications := list{}, list{}
	proto.All(func(id proto.ID, name string) { protocols.rows = append(protocols.rows, row{uint64(id), name}) })
	apps.Each(func(id uint32, tag string) { applications.rows = append(applications.rows, row{uint64(id), tag}) })
	ofApps, ofProtocols := list{title: "application categories"}, list{title: "protocol categories"}
	apps.Categories(func(id uint8, tag string) { ofApps.rows = append(ofApps.rows, row{uint64(id), tag}) })
	proto.Categories(func(id proto.Category, tag string) { ofProtocols.rows = append(ofProtocols.rows, row{uint64(id), tag}) })
	w := bufio.NewWriter(os.Stdout)
	lists := chosen(f, protocols, applications, ofApps, ofProtocols)
	if f.Command == config.CommandDumpRisks {
		lists = []list{risks()}
	}
	for _, l := range lists {
		if f.SortByTag {
			sort.Slice(l.rows, func(i, j int) bool { return strings.ToLower(l.rows[i].tag) < strings.ToLower(l.rows[j].tag) })
		}
		if l.title != "" {
			fmt.Fprintf(w, "# %s\n", l.title)
		}
		for _, r := range l.rows {
			fmt.Fprintf(w, "%6d: %s\n", r.id, r.tag)
		}
	}
	return w.Flush()
}

// risks are those that rules decide.
func risks() (l list) {
	for _, r := range risk.Rules {
		l.rows = append(l.rows, row{uint64(r.ID), r.Name})
	}
	return l
}

// chosen are the lists that a command asks for.
func chosen(f *config.Flags, protocols, applications, ofApps, ofProtocols list) []list {
	switch f.Command {
	case config.CommandDumpProtocols:
		return []list{protocols}
	case config.CommandDumpApps:
		return []list{applications}
	case config.CommandDumpCategories:
		return []list{ofApps, ofProtocols}
	case config.CommandDumpCategory:
		ofApps.title, ofProtocols.title = "", ""
		if f.Args[0] == "protocol" {
			return []list{ofProtocols}
		}
		return []list{ofApps}
	}
	return []list{protocols, applications, ofApps, ofProtocols}
}

func plan(cfg *config.Config) error {
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	items := engine.Plan(cfg, captures(cfg), apps)
	engine.WritePlan(os.Stdout, append(items, engine.Item{What: "program itself, about", Count: 1, Bytes: runtimeBytes}), memTotal())
	return checkPlan(engine.Total(items))
}

// runtimeBytes is what the program takes beside its tables, about: measured
// as resident memory of an idle agent less its plan.
const runtimeBytes = 6 << 20

// checkPlan refuses a configuration whose tables would take most of the machine's memory.
func checkPlan(total int) error {
	have := memTotal()
	if have == 0 || uint64(total+runtimeBytes) <= have/4*3 {
		return nil
	}
	return fmt.Errorf("the tables take %d KiB and this machine has %d KiB: lower flows.max or capture.ring (netifyd plan shows the bill)", total>>10, have>>10)
}

// memTotal is the machine's memory in bytes; 0 where it is not known.
func memTotal() uint64 {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) >= 2 && f[0] == "MemTotal:" {
			kb, _ := strconv.ParseUint(f[1], 10, 64)
			return kb << 10
		}
	}
	return 0
}

// exportUCI prints what the configuration changes, in OpenWrt's form.
func exportUCI(f *config.Flags) error {
	cfg, warnings, err := read(f)
	for _, w := range warnings {
		fmt.Fprintln(os.Stderr, "netifyd:", w)
	}
	if err != nil {
		return err
	}
	fmt.Print(uci.Export(cfg))
	return nil
}
