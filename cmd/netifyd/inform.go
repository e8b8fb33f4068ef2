package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strconv"
	"strings"

	"netifyd/core/config"
	"netifyd/core/engine"
	"netifyd/core/proto"
	"netifyd/uci"
)

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH + " " + runtime.Version() }

// dump lists identifiers and names, the identifier right-aligned to six places, as netifyd does.
func dump(f *config.Flags, cfg *config.Config) error {
	type row struct {
		id  uint64
		tag string
	}
	var rows []row
	all := f.Command == config.CommandDumpAll
	if all || f.Command == config.CommandDumpProtocols {
		proto.All(func(id proto.ID, name string) { rows = append(rows, row{uint64(id), name}) })
	}
	if all || f.Command == config.CommandDumpApps {
		apps, err := loadApps(cfg)
		if err != nil {
			return err
		}
		apps.Each(func(id uint32, tag string) { rows = append(rows, row{uint64(id), tag}) })
	}
	if all || f.Command == config.CommandDumpCategories {
		for c := proto.Category(0); c < 64; c++ {
			if c.String() != "" {
				rows = append(rows, row{uint64(c), c.String()})
			}
		}
	}
	if f.SortByTag {
		sort.Slice(rows, func(i, j int) bool { return strings.ToLower(rows[i].tag) < strings.ToLower(rows[j].tag) })
	}
	w := bufio.NewWriter(os.Stdout)
	for _, r := range rows {
		fmt.Fprintf(w, "%6d: %s\n", r.id, r.tag)
	}
	return w.Flush()
}

func plan(cfg *config.Config) error {
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	items := engine.Plan(cfg, max(1, len(cfg.Interfaces)), apps)
	engine.WritePlan(os.Stdout, items, memTotal())
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

func checkConfig(cfg *config.Config) error {
	if _, err := loadApps(cfg); err != nil {
		return err
	}
	path := cfg.Path
	if path == "" {
		path = "no configuration file: the defaults"
	}
	fmt.Printf("%s: good\n", path)
	return nil
}

// lookup says which application a host name or an address belongs to.
func lookup(cfg *config.Config, what string) error {
	apps, err := loadApps(cfg)
	if err != nil {
		return err
	}
	fmt.Println(apps.Explain(what))
	return nil
}

// uuid shows the agent's identifier, or makes a new one.
func uuid(cfg *config.Config, make bool) error {
	if make {
		id, err := newUUID()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(cfg.UUIDPath), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(cfg.UUIDPath, []byte(id+"\n"), 0o644); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(cfg.UUIDPath)
	if err != nil {
		return fmt.Errorf("no identifier yet, netifyd -U makes one: %w", err)
	}
	fmt.Println(strings.TrimSpace(string(text)))
	return nil
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
